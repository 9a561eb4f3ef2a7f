import { dirname, isAbsolute, join, resolve } from "node:path";
import { entryOf, nodeOf, type MappingNode, type SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Definition, Level } from "../core/scope.ts";
import { roleKeys } from "./keys.ts";
import { definitionsIn, readKeywords } from "./keywords.ts";
import type { Inherited, Role } from "./program.ts";
import { isInside, missingFile, readFirst, shown, withEndings, type Place, type Reading } from "./reading.ts";
import { checkKeys, hintOf, kindOf, Reader, type Problems } from "./shape.ts";

/** Somebody asks for a role. */
export interface RoleCall {
  readonly name: string;
  readonly at: Position;
  /** What the caller gives it. */
  readonly parameters: readonly Definition[];
  /** Files in the place of `main`. */
  readonly from: From;
  /** A second call that differs in nothing is passed over, as in `roles:` and among dependencies. */
  readonly once: boolean;
  readonly keywords: Inherited;
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
}

/** An item of `roles:` or of a role's dependencies: a name, or a mapping with keywords; every other key is a parameter. */
export function roleCall(item: SourceNode, outer: Inherited, reading: Reading): RoleCall | undefined {
  const { problems } = reading;
  const name = item.kind === "mapping" ? (entryOf(item, "role") ?? entryOf(item, "name"))?.value : item;
  if (name?.kind !== "scalar" || typeof name.value !== "string") {
    problems.add(item.at, `a role must be a name, or a mapping with "role", not ${kindOf(item)}`, { hint: "write: - role: name" });
    return undefined;
  }
  if (item.kind !== "mapping") return { name: name.value, at: name.at, parameters: [], from: {}, once: true, keywords: outer };
  const { variables: _, ...keywords } = readKeywords(new Reader(item, problems), { ...outer, variables: [] }, "role parameters");
  const known: readonly string[] = roleKeys;
  const given = item.entries.filter((entry) => !known.includes(entry.key)).map(({ key, value }): Definition => ({ name: key, value, level: "role parameters" }));
  const vars = entryOf(item, "vars")?.value;
  const parameters = [...given, ...(vars?.kind === "mapping" ? definitionsIn(vars, "role parameters", problems) : [])];
  return { name: name.value, at: name.at, parameters, from: {}, once: true, keywords: { ...keywords, variables: outer.variables } };
}

/** Finds a role and reads its meta, defaults and vars; undefined when it cannot be had, or not yet. */
export function openRole(call: RoleCall, place: Place, reading: Reading): OpenRole | undefined {
  const path = located(call, place, reading);
  if (path === undefined || holdsItself(path, call, place, reading)) return undefined;
  const variables = [...variablesOf("defaults", path, call, reading), ...variablesOf("vars", path, call, reading)];
  const id = reading.collected.nextRole();
  const own = magic({ role_name: call.name, role_path: path, ansible_role_name: call.name, ...parentsOf(place) }, call.at);
  const role = { id, name: call.name, path, variables, parameters: [...call.parameters, ...own] };
  const inside: Place = { dir: join(path, "tasks"), trail: place.trail, role, above: [...(place.above ?? []), ...(place.role ? [place.role] : [])] };
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
  };
}

function located({ name, at }: RoleCall, place: Place, { files, rolesPath, problems }: Reading): string | undefined {
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
  problems.list.push({ code: "E_FILE", message: `there is no role "${name}"`, at, seen: `looked for ${paths.map(shown).join(", ")}`, ...hint });
  return undefined;
}

function holdsItself(path: string, { name, at, from }: RoleCall, { role, above = [] }: Place, { problems }: Reading): boolean {
  const chain = [...above, ...(role ? [role] : [])];
  const index = chain.findIndex((each) => each.path === path);
  if (index < 0 || from.tasks !== undefined) return chain.length > mostRoles && tooDeep(at, problems);
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
  return names.length > 0 ? { ansible_parent_role_names: names } : {};
}

/** The file of one part of a role: `main`, or the one that the caller names, which must be inside. */
function partOf(part: keyof From, path: string, { from, at }: RoleCall, reading: Reading): { root: SourceNode; path: string } | undefined {
  const dir = join(path, part);
  const name = from[part] ?? "main";
  if (!isInside(join(dir, name), dir)) {
    reading.problems.add(at, `${part}_from must stay inside the role`, { seen: name, expected: `a file in ${shown(dir)}` });
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
  return [...names].sort().flatMap((name) => {
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
  const again = new Reader(meta, reading.problems).flag("allow_duplicates") ?? false;
  return new Reader(meta, reading.problems).sequence("dependencies").flatMap((item) => {
    const call = roleCall(item, outer, reading);
    return call ? [{ ...call, once: !again }] : [];
  });
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

function magic(values: Readonly<Record<string, unknown>>, at: Position): Definition[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: nodeOf(value, at), level: "magic" }));
}

