import { dirname, join } from "node:path";
import { BowlineError } from "../core/errors.ts";
import { nearPath } from "../core/near-path.ts";
import { entryOf, isTemplated, type MappingNode, type ScalarNode, type SourceNode } from "../core/node.ts";
import { applyKeys, blockKeys, laterTaskKey } from "./keys.ts";
import { readKeywords, readVariables } from "./keywords.ts";
import { renderEarly } from "./early.ts";
import type { Inherited, Part, Task } from "./program.ts";
import { candidates, foreseeVariables, matching } from "./foresee.ts";
import { missingFile, readFirst, withEndings, type Place, type Reading } from "./reading.ts";
import { keyOf, located, openRole, specTask, type From, type RoleCall } from "./roles.ts";
import { checkKeys, kindOf, Problems, Reader } from "./shape.ts";
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
    const raw = handlerOf(node, outer, reading);
    if (!raw && node.kind === "mapping") rememberNames(node, reading);
    if (!raw) continue;
    const { task } = raw;
    if (task.module === "import_tasks") {
      const file = importedFile(raw, place, reading);
      if (file) readHandlers(file.nodes, file.place, asBlock(raw, outer), reading);
      continue;
    }
    const name = raw.reader.text("name");
    if (name !== undefined && names.has(name)) reading.problems.add(task.at, `there is a handler "${name}" already`, { hint: "give each handler a name of its own: tasks notify them by it" });
    if (name !== undefined) names.add(name);
    reading.collected.addHandler({ ...task, dir: place.dir, ...includeOf(raw, place, outer, reading) });
  }
}

function handlerOf(node: SourceNode, outer: Inherited, reading: Reading): RawTask | undefined {
  const { problems } = reading;
  const isBlock = node.kind === "mapping" && entryOf(node, "block") !== undefined;
  if (node.kind !== "mapping" || isBlock) {
    const hint = isBlock ? "put its tasks into a file of their own, and include_tasks it" : "write: - name: … and below it the module with its arguments";
    problems.add(node.at, isBlock ? "a block cannot be a handler" : `a handler must be a mapping, not ${kindOf(node)}`, { hint });
    return undefined;
  }
  const raw = readTask(node, outer, reading);
  if (raw?.task.module !== "import_role" && raw?.task.module !== "include_role") return raw;
  problems.add(raw.task.moduleAt, `${raw.task.module} cannot be a handler`, { hint: "a role brings handlers of its own; include_tasks may stand here" });
  return undefined;
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
  return own ? own(raw, place, outer, reading) : added(raw, place, outer, reading);
}

/** What a broken task would have set or answered to is no mistake where others name it. */
function rememberNames(node: MappingNode, { collected }: Reading): void {
  for (const key of ["register", "name", "listen"]) {
    const name = literalArg(node, key);
    if (name !== undefined) collected.names.add(name);
  }
}

/** What is done while the playbook is read: its tasks stand where the import stood. */
const imports: Readonly<Record<string, (raw: RawTask, place: Place, outer: Inherited, reading: Reading) => Part[]>> = {
  import_tasks: (raw, place, outer, reading) => {
    const file = importedFile(raw, place, reading);
    return file ? readEntries(file.nodes, file.place, asBlock(raw, outer), reading) : [];
  },
  import_role: (raw, place, outer, reading) => {
    noLoop(raw, reading);
    const name = entryOf(raw.task.args, "name")?.value;
    const text = name && early(name, reading);
    const from = fromOf(raw.task.args, reading);
    if (text === undefined || from === undefined) return [];
    return readRole({ name: text, at: name!.at, parameters: [], from, keywords: asBlock(raw, outer) }, place, reading);
  },
};

/** What an import hands on: its variables are those of a block around its tasks, weaker than what is further in. */
function asBlock({ keywords, reader }: RawTask, outer: Inherited): Inherited {
  return { ...keywords, variables: [...outer.variables, ...readVariables(reader, "block vars")] };
}

/** Reads a role: what it depends on, its handlers, then its tasks. */
export function readRole(call: RoleCall, place: Place, reading: Reading): Part[] {
  const { collected, problems } = reading;
  const opened = openRole(call, place, reading);
  const key = opened && keyOf(call, opened);
  if (!opened || (key !== undefined && collected.seen.has(key))) return [];
  const { role, place: inside, tasks, handlers, dependencies, spec } = opened;
  const before = dependencies.flatMap((each) => readRole(each, inside, reading));
  collected.roles.push(role);
  const keywords = { ...call.keywords, role: role.id };
  const within = (path: string) => ({ ...inside, dir: dirname(path), trail: [...place.trail, path] });
  if (handlers) readHandlers(itemsOf(handlers.root, "a file of handlers", problems), within(handlers.path), keywords, reading);
  const check = spec ? specTask(spec, call, { keywords, dir: inside.dir }, reading) : [];
  const own = tasks ? readEntries(itemsOf(tasks.root, "a file of tasks", problems), within(tasks.path), keywords, reading) : [];
  // One of which the tags leave everything out has not run, so that a further use may.
  if (key !== undefined && (own.length > 0 || !tasks)) collected.seen.add(key);
  return [...before, ...check, ...own];
}

/** What `tasks_from` and the like say; undefined when one of them is a mistake. */
export function fromOf(args: MappingNode, reading: Pick<Reading, "early" | "problems">): From | undefined {
  const parts = ["tasks", "vars", "defaults", "handlers"] as const;
  const names = parts.flatMap((part) => {
    const node = entryOf(args, `${part}_from`)?.value;
    return node ? [[part, early(node, reading)] as const] : [];
  });
  return names.some(([, name]) => name === undefined) ? undefined : Object.fromEntries(names);
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
function early(node: SourceNode, { early: definitions, problems }: Pick<Reading, "early" | "problems">): string | undefined {
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
    const chain = [...place.trail.slice(place.trail.indexOf(found.path)), found.path].map(nearPath);
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
  const isSure = !isTemplated(node) && !isTemplated(task.args);
  const shadow: Reading = { ...reading, collected: reading.collected.shadow(), onLeftOut: () => undefined, problems: isSure ? reading.problems : new Problems() };
  for (const name of isTemplated(node) ? candidates(node, task.module, place, reading) : [early(node, shadow) ?? ""]) {
    if (name === "") continue;
    const named: ScalarNode = { kind: "scalar", value: name, at: node.at };
    if (task.module === "include_tasks") foreseeFile(name, named, { place, keywords, reading: shadow });
    else foreseeRole(named, task, { place, keywords, reading: shadow });
  }
  reading.collected.foresee(shadow.collected);
}

interface Foreseeing {
  readonly place: Place;
  readonly keywords: Inherited;
  readonly reading: Reading;
}

function foreseeFile(name: string, named: SourceNode, { place, keywords, reading }: Foreseeing): void {
  // A file that includes itself under a condition is nothing new to look at.
  if (taskFiles(name, place).some((path) => place.trail.includes(path))) return;
  const file = readTaskFile(name, named, place, reading);
  if (file) readEntries(file.nodes, file.place, keywords, reading);
}

/** Where only a host can tell the file of the role, each of its files may be it. */
function foreseeRole(named: ScalarNode, { args }: RawTask["task"], { place, keywords, reading }: Foreseeing): void {
  const call = { name: String(named.value), at: named.at, parameters: [], keywords, isDynamic: true as const };
  const node = entryOf(args, "tasks_from")?.value;
  const isOpen = node !== undefined && isTemplated(node);
  const from = fromOf(isOpen ? { ...args, entries: args.entries.filter(({ value }) => value !== node) } : args, reading);
  const path = located(call, place, reading);
  if (from === undefined || path === undefined) return;
  for (const tasks of isOpen ? matching(node, [join(path, "tasks")], reading) : [from.tasks]) {
    // What leads back to itself under a condition is nothing new to look at.
    if (withEndings(join(path, "tasks"), tasks ?? "main").some((file) => place.trail.includes(file))) continue;
    readRole({ ...call, from: tasks === undefined ? from : { ...from, tasks } }, place, reading);
  }
}

/** Includes inside includes that are looked at ahead of time. */
const deepest = 20;
