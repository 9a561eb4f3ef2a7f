import { dirname, isAbsolute, join, resolve } from "node:path";
import { problemsOf } from "../core/errors.ts";
import { nearPath } from "../core/near-path.ts";
import { entryOf, nodeOf, plainOf, type MappingNode, type SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Definition, Level } from "../core/scope.ts";
import { renderEarly } from "./early.ts";
import { roleKeys } from "./keys.ts";
import { definitionsIn, readKeywords, tagsOf } from "./keywords.ts";
import type { Inherited, Part, Role, Task } from "./program.ts";
import { isInside, missingFile, readFirst, withEndings, type Place, type Reading } from "./reading.ts";
import { checkKeys, hintOf, kindOf, Reader, type Problems } from "./shape.ts";

/** Somebody asks for a role. */
export interface RoleCall {
  readonly name: string;
  readonly at: Position;
  /** What the caller gives it. */
  readonly parameters: readonly Definition[];
  /** Files in the place of `main`. */
  readonly from: From;
  readonly keywords: Inherited;
  /** Its own tags, where a second call that differs in nothing is passed over: in `roles:` and among dependencies. */
  readonly once?: readonly string[];
  /** It is found when it is reached, so that it may lead back to itself under a condition. */
  readonly isDynamic?: true;
}

export type From = Readonly<Partial<Record<"tasks" | "vars" | "defaults" | "handlers", string>>>;

/** A role whose files have been found and read as far as they are no tasks. */
export interface OpenRole {
  readonly role: Role;
  readonly place: Place;
  readonly tasks?: { readonly root: SourceNode; readonly path: string };
  readonly handlers?: { readonly root: SourceNode; readonly path: string };
  readonly dependencies: readonly RoleCall[];
  /** What its meta says about its parameters: the options of the entry point. */
  readonly spec?: MappingNode;
  /** Its meta says that a second call is not passed over. */
  readonly isRepeatable: boolean;
}

/** An item of `roles:` or of a role's dependencies: a name, or a mapping with keywords; every other key is a parameter. */
export function roleCall(item: SourceNode, outer: Inherited, reading: Reading): RoleCall | undefined {
  const { problems } = reading;
  const written = item.kind === "mapping" ? (entryOf(item, "role") ?? entryOf(item, "name"))?.value : item;
  const name = written && nameOf(written, reading);
  if (name === undefined) {
    if (written?.kind !== "scalar" || typeof written.value !== "string") problems.add(item.at, `a role must be a name, or a mapping with "role", not ${kindOf(item)}`, { hint: "write: - role: name" });
    return undefined;
  }
  if (item.kind !== "mapping") return { name, at: item.at, parameters: [], from: {}, once: [], keywords: outer };
  const reader = new Reader(item, problems);
  const known: readonly string[] = roleKeys;
  const parameters = item.entries.filter((entry) => !known.includes(entry.key)).map(({ key, value }): Definition => ({ name: key, value, level: "role parameters" }));
  return { name, at: written!.at, parameters, from: {}, once: tagsOf(reader), keywords: readKeywords(reader, outer, "role vars") };
}

function nameOf(node: SourceNode, { early, problems }: Reading): string | undefined {
  try {
    const name = node.kind === "mapping" ? undefined : renderEarly(node, early);
    return typeof name === "string" ? name : undefined;
  } catch (error) {
    problems.list.push(...problemsOf(error));
    return undefined;
  }
}

/** By what a further call is known as the same; undefined where each is done. */
export function keyOf({ name, parameters, keywords, once }: RoleCall, { role, isRepeatable }: OpenRole): string | undefined {
  if (!once || isRepeatable) return undefined;
  const own = keywords.variables.filter(({ level }) => level === "role vars");
  return JSON.stringify([name, role.path, once, keywords.when.map(({ source }) => source), [...parameters, ...own].map((each) => [each.name, plainOf(each.value)])]);
}

/** Finds a role and reads its meta, defaults and vars; undefined when it cannot be had, or not yet. */
export function openRole(call: RoleCall, place: Place, reading: Reading): OpenRole | undefined {
  const path = located(call, place, reading);
  if (path === undefined || holdsItself(path, call, place, reading)) return undefined;
  const variables = [...variablesOf("defaults", path, call, reading), ...variablesOf("vars", path, call, reading)];
  const id = reading.collected.nextRole();
  const own = magic({ role_name: call.name, role_path: path, ansible_role_name: call.name, ...parentsOf(place) }, call.at);
  const { role: user } = place;
  const role = { id, name: call.name, path, variables: [...(user?.variables ?? []), ...variables], parameters: [...(user?.parameters ?? []), ...call.parameters, ...own] };
  const inside: Place = { dir: join(path, "tasks"), trail: place.trail, role, above: [...(place.above ?? []), ...(user ? [user] : [])] };
  const keywords = { ...call.keywords, role: id };
  const tasks = partOf("tasks", path, call, reading);
  const handlers = partOf("handlers", path, call, reading);
  const meta = metaOf(path, reading);
  return {
    role,
    place: inside,
    ...(tasks ? { tasks } : {}),
    ...(handlers ? { handlers } : {}),
    ...specOf(path, meta, call, reading),
    dependencies: dependenciesOf(meta, keywords, reading),
    isRepeatable: meta !== undefined && new Reader(meta, reading.problems).flag("allow_duplicates") === true,
  };
}

/** The directory of a role; reports that there is none. */
export function located({ name, at }: Pick<RoleCall, "name" | "at">, place: Place, { files, rolesPath, problems }: Reading): string | undefined {
  const isPath = isAbsolute(name) || name.startsWith(".");
  const bases = isPath ? [place.dir] : [...(place.role ? [dirname(place.role.path)] : []), ...rolesPath];
  const paths = [...new Set(bases.map((base) => resolve(base, name)))];
  for (const path of paths) {
    const names = files.names(path);
    if (names === null) return undefined;
    if (names !== undefined) return path;
  }
  const near = [...new Set(bases.flatMap((base) => files.names(base) ?? []))];
  const hint = /^\w+\.\w+\.\w+$/.test(name) ? { hint: `collections are not looked into: copy the role to roles/${name.split(".").at(-1)!}` } : hintOf(name, near);
  problems.list.push({ code: "E_FILE", message: `there is no role "${name}"`, at, seen: `looked for ${paths.map(nearPath).join(", ")}`, ...hint });
  return undefined;
}

function holdsItself(path: string, { name, at, from, isDynamic }: RoleCall, { role, above = [] }: Place, { problems }: Reading): boolean {
  const chain = [...above, ...(role ? [role] : [])];
  const index = chain.findIndex((each) => each.path === path);
  if (index < 0 || isDynamic || from.tasks !== undefined) return chain.length > mostRoles && tooDeep(at, problems);
  problems.add(at, `a role uses itself: ${[...chain.slice(index).map((each) => each.name), name].join(" → ")}`, { hint: "take it out of one of them" });
  return true;
}

/** Roles that use each other's task files may do so without an end. */
const mostRoles = 50;

function tooDeep(at: Position, problems: Problems): true {
  problems.add(at, `more than ${mostRoles} roles use each other`, { hint: "one of them leads back to itself" });
  return true;
}

function parentsOf({ role, above = [] }: Place): Record<string, unknown> {
  const names = [...above, ...(role ? [role] : [])].map((each) => each.name).reverse();
  return { ansible_parent_role_names: names };
}

/** The file of one part of a role: `main`, or the one that the caller names, which must be inside. */
function partOf(part: keyof From, path: string, { from, at }: RoleCall, reading: Reading): { root: SourceNode; path: string } | undefined {
  const dir = join(path, part);
  const name = from[part] ?? "main";
  if (!isInside(join(dir, name), dir)) {
    reading.problems.add(at, `${part}_from must stay inside the role`, { seen: name, expected: `a file in ${nearPath(dir)}` });
    return undefined;
  }
  const paths = withEndings(dir, name);
  const found = readFirst(paths, reading);
  if (found !== "absent") return found;
  if (from[part] !== undefined) missingFile(name, paths, at, reading);
  return undefined;
}

/** `main.yml`, or every file in the directory `main`. */
function variablesOf(part: "vars" | "defaults", path: string, call: RoleCall, reading: Reading): Definition[] {
  const level: Level = part === "vars" ? "role vars" : "role defaults";
  const dir = join(path, part, "main");
  const names = call.from[part] === undefined ? (reading.files.names(dir) ?? []) : [];
  const found = partOf(part, path, call, reading);
  if (found) return definitionsIn(found.root, level, reading.problems);
  return names.filter((name) => /^[^.]+$|\.(ya?ml|json)$/.test(name)).sort().flatMap((name) => {
    const file = readFirst([join(dir, name)], reading);
    return file === undefined || file === "absent" ? [] : definitionsIn(file.root, level, reading.problems);
  });
}

function metaOf(path: string, reading: Reading): MappingNode | undefined {
  const found = readFirst(withEndings(join(path, "meta"), "main"), reading);
  if (found === undefined || found === "absent") return undefined;
  const { root } = found;
  if (root.kind === "mapping") checkKeys(root, metaKeys, { what: "the meta of a role", later: () => undefined }, reading.problems);
  else if (root.kind !== "scalar" || root.value !== null) reading.problems.add(root.at, `the meta of a role must be a mapping, not ${kindOf(root)}`, { hint: "write dependencies: and below it the roles" });
  return root.kind === "mapping" ? root : undefined;
}

const metaKeys = ["dependencies", "allow_duplicates", "argument_specs", "galaxy_info", "collections"];

function dependenciesOf(meta: MappingNode | undefined, keywords: Inherited, reading: Reading): RoleCall[] {
  if (!meta) return [];
  const { role: _, ...outer } = keywords;
  return new Reader(meta, reading.problems).sequence("dependencies").flatMap((item) => roleCall(item, outer, reading) ?? []);
}

/** `argument_specs` stand in a file of their own, or in the meta of the role; each entry point has its own. */
function specOf(path: string, meta: MappingNode | undefined, { from }: RoleCall, reading: Reading): Pick<OpenRole, "spec"> {
  const found = readFirst(withEndings(join(path, "meta"), "argument_specs"), reading);
  const root = found === undefined || found === "absent" ? meta : found.root;
  const specs = root?.kind === "mapping" ? entryOf(root, "argument_specs")?.value : undefined;
  const entryPoint = specs?.kind === "mapping" ? entryOf(specs, (from.tasks ?? "main").replace(/\.ya?ml$/, ""))?.value : undefined;
  const options = entryPoint?.kind === "mapping" ? entryOf(entryPoint, "options")?.value : undefined;
  return options?.kind === "mapping" ? { spec: options } : {};
}

/** The first task of a role that describes its parameters: it fails when they are not as described. */
export function specTask(spec: MappingNode, { name, at }: RoleCall, { keywords: outer, dir }: { keywords: Inherited; dir: string }, reading: Reading): Part[] {
  const given = spec.entries.map(({ key, keyAt }) => ({ key, keyAt, value: { kind: "expression" as const, source: `default(${key}, null)`, at: keyAt } }));
  const { moduleDefaults: _, ...keywords } = outer;
  const argument = (key: string, value: SourceNode) => ({ key, keyAt: at, value });
  const args: MappingNode = { kind: "mapping", at, entries: [argument("argument_spec", spec), argument("provided_arguments", { kind: "mapping", entries: given, at })] };
  const task: Task = { ...keywords, id: reading.collected.nextTask(), name: `Validate the arguments of ${name}`, at, dir, module: "validate_argument_spec", moduleAt: at, args, until: [], listen: [], tags: [...keywords.tags, "always"] };
  reading.collected.tasks.push(task);
  return [{ kind: "task", task: task.id }];
}

function magic(values: Readonly<Record<string, unknown>>, at: Position): Definition[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: nodeOf(value, at), level: "magic" }));
}

