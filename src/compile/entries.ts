import { dirname, join, resolve } from "node:path";
import { BowlineError } from "../core/errors.ts";
import { entryOf, type MappingNode, type SourceNode } from "../core/node.ts";
import { applyKeys, blockKeys, laterTaskKey } from "./keys.ts";
import { readKeywords, readVariables } from "./keywords.ts";
import { renderEarly } from "./early.ts";
import type { Inherited, Part, Task } from "./program.ts";
import { missingFile, readFirst, shown, type Place, type Reading } from "./reading.ts";
import { openRole, type RoleCall } from "./roles.ts";
import { checkKeys, isTemplated, kindOf, Problems, Reader } from "./shape.ts";
import { isSelected } from "./tags.ts";
import { literalArg, readTask, type RawTask } from "./task.ts";

/** Reads a list of tasks, blocks, imports and includes; its tasks are collected, and how they follow each other comes back. */
export function readEntries(nodes: readonly SourceNode[], place: Place, outer: Inherited, reading: Reading): Part[] {
  return nodes.flatMap((node) => {
    if (node.kind === "mapping") return entryOf(node, "block") ? readBlock(node, place, outer, reading) : readOne(node, place, outer, reading);
    reading.problems.add(node.at, `a task must be a mapping, not ${kindOf(node)}`, { hint: "write: - name: … and below it the module with its arguments" });
    return [];
  });
}

/** Reads the handlers of a play or a role; imports are followed. */
export function readHandlers(nodes: readonly SourceNode[], place: Place, outer: Inherited, reading: Reading): void {
  const names = new Set<string>();
  for (const node of nodes) {
    if (node.kind !== "mapping") {
      reading.problems.add(node.at, `a handler must be a mapping, not ${kindOf(node)}`, { hint: "write: - name: … and below it the module with its arguments" });
      continue;
    }
    const raw = readTask(node, outer, reading);
    if (!raw) rememberNames(node, reading);
    if (!raw) continue;
    const { task } = raw;
    if (task.module === "import_tasks") {
      const file = importedFile(raw, place, reading);
      if (file) readHandlers(file.nodes, file.place, raw.keywords, reading);
      continue;
    }
    if (names.has(task.name)) reading.problems.add(task.at, `there is a handler "${task.name}" already`, { hint: "give each handler a name of its own: tasks notify them by it" });
    names.add(task.name);
    reading.collected.handlers.push({ id: reading.collected.nextHandler(), ...task, dir: place.dir, ...includeOf(raw, place, outer, reading) });
  }
}

/** The items of a file of tasks; an empty one has none. */
export function itemsOf(root: SourceNode, what: string, problems: Problems): readonly SourceNode[] {
  if (root.kind === "sequence") return root.items;
  if (root.kind !== "scalar" || root.value !== null) problems.add(root.at, `${what} must be a list, not ${kindOf(root)}`, { hint: "begin each item with - name: …" });
  return [];
}

function readBlock(node: MappingNode, place: Place, outer: Inherited, reading: Reading): Part[] {
  const { problems } = reading;
  checkKeys(node, blockKeys, { what: "a block", later: laterTaskKey }, problems);
  const reader = new Reader(node, problems);
  const keywords = readKeywords(reader, outer, "block vars");
  const part = (key: "block" | "rescue" | "always", at = place) => readEntries(reader.sequence(key), at, keywords, reading);
  const block: Part = {
    kind: "block",
    at: node.at,
    body: part("block"),
    rescue: part("rescue", { ...place, rescues: true }),
    always: part("always"),
    rescueUnreachable: reader.flag("rescue_unreachable") ?? false,
  };
  return block.body.length + block.rescue.length + block.always.length > 0 ? [block] : [];
}

function readOne(node: MappingNode, place: Place, outer: Inherited, reading: Reading): Part[] {
  const raw = readTask(node, outer, reading);
  if (!raw) rememberNames(node, reading);
  if (!raw) return [];
  const own = imports[raw.task.module];
  return own ? own(raw, place, reading) : added(raw, place, outer, reading);
}

/** What a broken task would have set or answered to is no mistake where others name it. */
function rememberNames(node: MappingNode, { collected }: Reading): void {
  for (const key of ["register", "name", "listen"]) {
    const name = literalArg(node, key);
    if (name !== undefined) collected.names.add(name);
  }
}

/** What is done while the playbook is read: its tasks stand where the import stood. */
const imports: Readonly<Record<string, (raw: RawTask, place: Place, reading: Reading) => Part[]>> = {
  import_tasks: (raw, place, reading) => {
    const file = importedFile(raw, place, reading);
    return file ? readEntries(file.nodes, file.place, raw.keywords, reading) : [];
  },
  import_role: (raw, place, reading) => {
    noLoop(raw, reading);
    const name = entryOf(raw.task.args, "name")?.value;
    const text = name && early(name, reading);
    if (text === undefined) return [];
    const { variables: _, ...keywords } = raw.keywords;
    const parameters = readVariables(raw.reader, "role parameters");
    const outer = { ...keywords, variables: raw.keywords.variables.slice(0, raw.keywords.variables.length - parameters.length) };
    return readRole({ name: text, at: name!.at, parameters, from: fromOf(raw.task.args), once: false, keywords: outer }, place, reading);
  },
};

/** Reads a role: what it depends on, its handlers, then its tasks. */
export function readRole(call: RoleCall, place: Place, reading: Reading): Part[] {
  const { collected, problems } = reading;
  if (call.once && !isAbove(call, place) && isRepeated(call, collected)) return [];
  const opened = openRole(call, place, reading);
  if (!opened) return [];
  const { role, place: inside, tasks, handlers, dependencies, spec } = opened;
  const before = dependencies.flatMap((each) => readRole(each, inside, reading));
  collected.roles.push(role);
  const keywords = { ...call.keywords, role: role.id };
  if (handlers && !collected.seen.has(handlers.path)) {
    collected.seen.add(handlers.path);
    readHandlers(itemsOf(handlers.root, "a file of handlers", problems), { ...inside, dir: dirname(handlers.path), trail: [...place.trail, handlers.path] }, keywords, reading);
  }
  const check = spec ? specTask(spec, call, { keywords, dir: inside.dir }, reading) : [];
  const own = tasks ? readEntries(itemsOf(tasks.root, "a file of tasks", problems), { ...inside, dir: dirname(tasks.path), trail: [...place.trail, tasks.path] }, keywords, reading) : [];
  return [...before, ...check, ...own];
}

/** A role that uses itself is not passed over: that is the mistake. */
function isAbove({ name }: RoleCall, { role, above = [] }: Place): boolean {
  return [...above, ...(role ? [role] : [])].some((each) => each.name === name);
}

function isRepeated({ name, parameters, keywords }: RoleCall, { seen }: Reading["collected"]): boolean {
  const { variables: _, moduleDefaults: __, ...rest } = keywords;
  const key = JSON.stringify([name, parameters.map((each) => [each.name, each.value]), rest]);
  if (seen.has(key)) return true;
  seen.add(key);
  return false;
}

/** `tasks_from` and the like, as import_role and include_role have them. */
export function fromOf(args: MappingNode): RoleCall["from"] {
  const parts = ["tasks", "vars", "defaults", "handlers"] as const;
  return Object.fromEntries(parts.flatMap((part) => {
    const name = literalArg(args, `${part}_from`);
    return name === undefined ? [] : [[part, name]];
  }));
}

/** The first task of a role that describes its parameters: it fails when they are not as described. */
function specTask(spec: MappingNode, { name, at }: RoleCall, { keywords: outer, dir }: { keywords: Inherited; dir: string }, reading: Reading): Part[] {
  const given = spec.entries.map(({ key, keyAt }) => ({ key, keyAt, value: { kind: "expression" as const, source: `default(${key}, null)`, at: keyAt } }));
  const { moduleDefaults: _, ...keywords } = outer;
  const argument = (key: string, value: SourceNode) => ({ key, keyAt: at, value });
  const args: MappingNode = { kind: "mapping", at, entries: [argument("argument_spec", spec), argument("provided_arguments", { kind: "mapping", entries: given, at })] };
  const task: Task = { ...keywords, id: reading.collected.nextTask(), name: `Validate the arguments of ${name}`, at, dir, module: "validate_argument_spec", moduleAt: at, args, until: [], listen: [], tags: [...keywords.tags, "always"] };
  reading.collected.tasks.push(task);
  return [{ kind: "task", task: task.id }];
}

/** A task in its place in the play, unless the tags leave it out. */
function added(raw: RawTask, place: Place, outer: Inherited, reading: Reading): Part[] {
  const { collected, tags, onLeftOut } = reading;
  const id = collected.nextTask();
  const task: Task = { id, ...raw.task, dir: place.dir, ...(place.rescues ? { rescues: true as const } : {}), ...includeOf(raw, place, outer, reading) };
  if (!isSelected(task.tags, tags)) {
    onLeftOut(task);
    return [];
  }
  collected.tasks.push(task);
  if (task.module === "include_vars") foreseeVariables(task, place, reading);
  return [{ kind: "task", task: id }];
}

function importedFile(raw: RawTask, place: Place, reading: Reading): { nodes: readonly SourceNode[]; place: Place } | undefined {
  noLoop(raw, reading);
  const value = entryOf(raw.task.args, "file")?.value;
  if (!value) return undefined;
  const name = early(value, reading);
  return name === undefined ? undefined : readTaskFile(name, value, place, reading);
}

function noLoop({ task }: RawTask, { problems }: Reading): void {
  if (task.loop) problems.add(task.loop.value.at, `${task.module} cannot loop: it is read before any item is known`, { hint: `use ${task.module.replace("import", "include")}` });
}

/** The text of a name that must be known before any host is; its mistakes are reported. */
function early(node: SourceNode, { early: definitions, problems }: Reading): string | undefined {
  try {
    const name = renderEarly(node, definitions);
    if (typeof name === "string") return name;
    problems.add(node.at, "the name of a file must be text", { seen: kindOf(node) });
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    problems.list.push(...error.problems);
  }
  return undefined;
}

/** A file of tasks, beside the one that names it, or in the tasks of the role. */
export function readTaskFile(name: string, named: SourceNode, place: Place, reading: Pick<Reading, "files" | "problems">): { nodes: readonly SourceNode[]; place: Place } | undefined {
  const paths = taskFiles(name, place);
  const found = readFirst(paths, reading);
  if (found === undefined) return undefined;
  if (found === "absent") {
    missingFile(name, paths, named.at, reading);
    return undefined;
  }
  if (place.trail.includes(found.path)) {
    const chain = [...place.trail.slice(place.trail.indexOf(found.path)), found.path].map(shown);
    reading.problems.add(named.at, `a file of tasks imports itself: ${chain.join(" → ")}`, { hint: "include_tasks with a when: ends where the condition does not hold" });
    return undefined;
  }
  const inside = { ...place, dir: dirname(found.path), trail: [...place.trail, found.path] };
  return { nodes: itemsOf(found.root, "a file of tasks", reading.problems), place: inside };
}

function taskFiles(name: string, { dir, role }: Place): string[] {
  if (name.startsWith("/")) return [name];
  return [...new Set([join(dir, name), ...(role ? [join(role.path, "tasks", name)] : [])])];
}

const dynamic = ["include_tasks", "include_role"];

/** What an include hands on; its own `when`, `tags` and the like are for itself alone. */
function includeOf(raw: RawTask, place: Place, outer: Inherited, reading: Reading): Pick<Task, "include"> {
  if (!dynamic.includes(raw.task.module)) return {};
  const apply = entryOf(raw.task.args, "apply")?.value;
  if (apply?.kind === "mapping") checkKeys(apply, applyKeys, { what: "apply", later: laterTaskKey }, reading.problems);
  const applied = apply?.kind === "mapping" ? readKeywords(new Reader(apply, reading.problems), outer, "block vars") : outer;
  const keywords = { ...applied, variables: [...applied.variables, ...readVariables(raw.reader, "role parameters")] };
  foresee(raw, place, keywords, reading);
  return { include: { keywords, trail: place.trail } };
}

/**
 * Reads the files that an include may bring, so that their mistakes are known before a host is touched, and the
 * variables that they set are known to the tasks behind. Those whose names only a host can tell are found by the part
 * of the name that is no template.
 */
function foresee({ task }: RawTask, place: Place, keywords: Inherited, reading: Reading): void {
  if (place.trail.length > deepest) return;
  const node = entryOf(task.args, task.module === "include_tasks" ? "file" : "name")?.value;
  if (!node) return;
  const isSure = !isTemplated(node);
  const shadow: Reading = { ...reading, collected: reading.collected.shadow(), onLeftOut: () => undefined, problems: isSure ? reading.problems : new Problems() };
  for (const name of isSure ? [early(node, shadow) ?? ""] : candidates(node, task.module, place, reading)) {
    if (name === "") continue;
    const named = { ...node, kind: "scalar", value: name } as SourceNode;
    if (task.module === "include_tasks") foreseeFile(name, named, { place, keywords, reading: shadow });
    else readRole({ name, at: node.at, parameters: [], from: fromOf(task.args), once: false, keywords }, place, shadow);
  }
  reading.collected.foresee(shadow.collected);
}

function foreseeFile(name: string, named: SourceNode, { place, keywords, reading }: { place: Place; keywords: Inherited; reading: Reading }): void {
  // A file that includes itself under a condition is nothing new to look at.
  if (taskFiles(name, place).some((path) => place.trail.includes(path))) return;
  const file = readTaskFile(name, named, place, reading);
  if (file) readEntries(file.nodes, file.place, keywords, reading);
}

/** The names that an include of variables brings; where only a host can tell the file, all that it may be. */
function foreseeVariables({ args }: Task, place: Place, reading: Reading): void {
  const { collected, files } = reading;
  const dir = literalArg(args, "dir");
  const node = entryOf(args, "file")?.value;
  if (entryOf(args, "name")) return;
  const places = variablePlaces(place);
  const named = dir !== undefined ? places.flatMap((each) => (files.names(join(each, dir)) ?? []).map((name) => join(dir, name))) : node && (isTemplated(node) ? candidates(node, "include_vars", place, reading) : [literalArg(args, "file")!]);
  if (!named) collected.isOpen = true;
  for (const path of (named ?? []).flatMap((name) => places.map((each) => resolve(each, name)))) {
    const found = files.yaml(path);
    if (found && "root" in found && found.root.kind === "mapping") for (const { key } of found.root.entries) collected.names.add(key);
  }
}

/** Where include_vars looks: the vars of the role, then beside the file that names it. */
export function variablePlaces({ dir, role }: Place): string[] {
  return [...(role ? [join(role.path, "vars"), role.path] : [join(dir, "vars")]), dir];
}

/** Names that a template could give, by its plain parts; where it has none, nothing can be said. */
function candidates(node: SourceNode, module: string, place: Place, { files, collected, rolesPath }: Reading): string[] {
  const text = node.kind === "scalar" ? String(node.value) : "{{ }}";
  const folder = text.includes("/") ? text.slice(0, text.lastIndexOf("/")) : "";
  const name = text.slice(folder === "" ? 0 : folder.length + 1);
  const plain = name.split(/\{\{.*?\}\}/);
  if (folder.includes("{{") || plain.join("") === "") collected.isOpen = true;
  if (folder.includes("{{") || plain.join("") === "") return [];
  const pattern = new RegExp(`^${plain.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`);
  const beside = module === "include_vars" ? variablePlaces(place) : [place.dir, ...(place.role ? [join(place.role.path, "tasks")] : [])];
  const dirs = module === "include_role" ? rolesPath : beside.map((each) => join(each, folder));
  // A name that a host gives may lead into a folder: debian/12.
  const below = (dir: string) => (files.names(dir) ?? []).flatMap((each) => [each, ...(each.includes(".") || module === "include_role" ? [] : (files.names(join(dir, each)) ?? []).map((inner) => `${each}/${inner}`))]);
  return [...new Set(dirs.flatMap(below))].filter((each) => pattern.test(each)).map((each) => join(folder, each));
}

/** Includes inside includes that are looked at ahead of time. */
const deepest = 20;
