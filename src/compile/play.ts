import { resolve } from "node:path";
import { BowlineError } from "../core/errors.ts";
import { isTemplated, nodeOf, type MappingNode, type SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Definition } from "../core/scope.ts";
import type { Unread } from "../load/unread.ts";
import type { Registry } from "../modules/contract.ts";
import { batchesOf, inOrder, maxFailOf, orders } from "./batches.ts";
import { renderEarly } from "./early.ts";
import { readEntries, readHandlers, readRole } from "./entries.ts";
import { laterPlayKey, playKeys } from "./keys.ts";
import { definitionsIn, readKeywords, readVariables } from "./keywords.ts";
import type { FactsOfPlay, Handler, Inherited, Part, Play, Role, Section, Task } from "./program.ts";
import { promptVariables, type Answers } from "./prompts.ts";
import { Collected, missingFile, readFirst, type Place, type ProjectFiles, type Reading } from "./reading.ts";
import { roleCall } from "./roles.ts";
import { checkKeys, hintOf, kindOf, Reader, type Problems } from "./shape.ts";
import type { TagChoice } from "./tags.ts";

/** What the compiler is given for one play beside its text. */
export interface PlayInput {
  readonly index: number;
  readonly registry: Registry;
  readonly files: ProjectFiles;
  /** What files that cannot be read may say. */
  readonly unread: Pick<Unread, "has" | "words" | "isSealed">;
  readonly rolesPath: readonly string[];
  readonly tags: TagChoice;
  /** Absolute: the directory of its file. */
  readonly dir: string;
  /** The hosts of a pattern, already limited; reports what matched nothing by itself. */
  readonly select: (pattern: string) => readonly string[];
  /** Variables of every host and play. */
  readonly common: readonly Definition[];
  readonly answers: Answers;
  /** Where a play does not say: whether handlers run on hosts that failed after they were notified. */
  readonly forceHandlers: boolean;
  /** The keywords and variables of the imports that brought the play. */
  readonly outer: Inherited;
  /** Told of every task that the tags leave out. */
  readonly onLeftOut: (task: Task) => void;
}

/** A play, and what its dynamic includes may bring. */
export interface ReadPlay {
  readonly play: Play;
  readonly possible: readonly Task[];
  readonly possibleRoles: readonly Role[];
  /** What include_vars may bring, and what tasks that are broken would have. */
  readonly names: ReadonlySet<string>;
  /** An include whose files cannot be known yet: what it brings may define any name. */
  readonly isOpen: boolean;
  /** Of facts that it asks for by itself; those that its tasks name come on their own. */
  readonly subsets: readonly string[];
}

/** Reads one play; undefined when it is too broken to go on with. */
export function readPlay(node: SourceNode, input: PlayInput, problems: Problems): ReadPlay | undefined {
  if (node.kind !== "mapping") {
    problems.add(node.at, `a play must be a mapping, not ${kindOf(node)}`, { hint: "begin it with - name: … and hosts: …" });
    return undefined;
  }
  checkKeys(node, playKeys, { what: "a play", later: laterPlayKey }, problems);
  const reader = new Reader(node, problems);
  const id = `p${input.index + 1}`;
  const collected = new Collected(id);
  const onSealed = () => (collected.isOpen = true);
  const variables = playVariables(reader, { ...input, onSealed }, problems);
  const early = [...input.common, ...variables];
  const pattern = hostPattern(node, reader, early, problems);
  const found = pattern === undefined ? [] : (noted(problems, () => input.select(pattern), reader.node("hosts")!.at) ?? []);
  const hosts = inOrder(found, reader.choice("order", orders) ?? "inventory");
  const reading = { ...input, problems, early, collected, onSealed };
  const flow = readFlow(reader, reading);
  checkNotified(collected, input.unread, problems);
  const play: Play = {
    id,
    name: reader.text("name") ?? pattern ?? id,
    at: node.at,
    dir: input.dir,
    hosts,
    ...rollout(reader, hosts, { ...input, early, problems }),
    variables: [...collected.roles.flatMap((role) => role.variables), ...variables],
    roles: Object.fromEntries(collected.roles.map((role) => [role.id, role])),
    tasks: collected.tasks,
    flow,
    handlers: collected.handlers,
    facts: factsOf(reader, id, reading),
  };
  const { possible, possibleRoles, names, isOpen } = collected;
  return { play, possible, possibleRoles, names, isOpen, subsets: subsetsOf(reader) };
}

/** How a play goes over its hosts. */
function rollout(reader: Reader, hosts: readonly string[], { early, problems, forceHandlers }: Pick<Reading, "early" | "problems"> & Pick<PlayInput, "forceHandlers">): Pick<Play, "batches" | "strategy" | "forceHandlers" | "maxFail"> {
  const force = reader.templated("force_handlers", "boolean");
  const maxFail = noted(problems, () => maxFailOf(reader.node("max_fail_percentage"), early));
  return {
    batches: noted(problems, () => batchesOf(hosts, reader.node("serial"), early)) ?? [hosts],
    strategy: reader.choice("strategy", ["linear", "free", "host_pinned"]) ?? "linear",
    forceHandlers: force === undefined ? forceHandlers : noted(problems, () => renderEarly(force, early)) !== false,
    ...(maxFail ? { maxFail } : {}),
  };
}

function playVariables(reader: Reader, input: PlayInput & Pick<Reading, "onSealed">, problems: Problems): Definition[] {
  const own = [...readVariables(reader, "play vars"), ...input.outer.variables];
  const prompted = promptVariables(reader, input.common, input.answers, problems);
  const value = reader.node("vars_files");
  const items = !value || (value.kind === "scalar" && value.value === null) ? [] : value.kind === "sequence" ? value.items : [value];
  const early = [...input.common, ...own, ...prompted];
  return [...own, ...prompted, ...items.flatMap((item) => noted(problems, () => fileVariables(item, early, { ...input, problems })) ?? [])];
}

/** One entry of vars_files: the first of its paths that exists is read. */
function fileVariables(item: SourceNode, early: readonly Definition[], { dir, ...reading }: Pick<Reading, "files" | "problems" | "onSealed"> & { dir: string }): Definition[] {
  const value = renderEarly(item, early);
  const paths: unknown[] = Array.isArray(value) ? value : [value];
  if (paths.length === 0 || !paths.every((path) => typeof path === "string" && path !== "")) {
    throw new BowlineError({ code: "E_PLAYBOOK", message: '"vars_files" must be a list of paths', at: item.at, expected: "the path of a YAML file, or a list of paths of which the first that exists is read", seen: kindOf(item) });
  }
  const places = (paths as string[]).map((path) => resolve(dir, path));
  const found = readFirst(places, reading);
  if (found === "absent") missingFile((paths as string[])[0]!, places, item.at, reading);
  return found === undefined || found === "absent" ? [] : definitionsIn(found.root, "vars_files", reading.problems);
}

/** As in Ansible: pre_tasks and their handlers, then roles and tasks and theirs, then post_tasks and theirs. */
function readFlow(reader: Reader, reading: Reading & PlayInput): Part[] {
  const place: Place = { dir: reading.dir, trail: [] };
  const keywords = playKeywords(reader, reading);
  const tasks = (key: string) => readEntries(reader.sequence(key), place, keywords, reading);
  const pre = tasks("pre_tasks");
  const roles = reader.sequence("roles").flatMap((item) => {
    const call = roleCall(item, keywords, reading);
    return call ? readRole(call, place, reading) : [];
  });
  const main = [...roles, ...tasks("tasks")];
  const sections: Readonly<Record<Section, Part[]>> = { pre_tasks: pre, tasks: main, post_tasks: tasks("post_tasks") };
  // Behind those of the roles: the last one of a name counts.
  readHandlers(reader.sequence("handlers"), place, keywords, reading);
  return (Object.keys(sections) as Section[]).flatMap((section): Part[] => (sections[section].length === 0 ? [] : [...sections[section], { kind: "flush", section }]));
}

/** A name that nobody answers to is a mistake, unless a role that is included later may bring its handler, or the name of a handler is a template. */
function checkNotified(collected: Collected, unread: PlayInput["unread"], problems: Problems): void {
  const { tasks, handlers, possible, names, isOpen } = collected;
  const roles = new Map([...collected.roles, ...collected.possibleRoles].map(({ id, name }) => [id, name]));
  const known = new Set([...[...handlers, ...possible].flatMap((handler) => namesOf(handler, roles)), ...names]);
  if (isOpen || unread.isSealed || handlers.some(({ name }) => name.includes("{{"))) return;
  for (const name of new Set([...tasks, ...handlers].flatMap((task) => task.notify))) {
    if (isTemplated(name) || name.kind !== "scalar" || known.has(String(name.value)) || unread.has(String(name.value))) continue;
    problems.add(name.at, `there is no handler "${String(name.value)}" in this play`, hintOf(String(name.value), [...known]));
  }
}

/** What a handler answers to: its name, that with its role before it, and its topics. */
function namesOf({ name, role, listen }: Handler, roles: ReadonlyMap<string, string>): string[] {
  return [name, ...(role === undefined ? [] : [`${roles.get(role)!} : ${name}`]), ...listen];
}

function hostPattern(node: MappingNode, reader: Reader, early: readonly Definition[], problems: Problems): string | undefined {
  if (!reader.entry("hosts")) {
    problems.add(node.at, 'this play has no "hosts"', { hint: "name a group or a host of the inventory: hosts: all" });
    return undefined;
  }
  const value = reader.node("hosts")!;
  return noted(problems, () => {
    const rendered = isTemplated(value) ? nodeOf(renderEarly(value, early), value.at) : value;
    const patterns = new Reader({ ...node, entries: [{ ...reader.entry("hosts")!, value: rendered }] }, problems).texts("hosts");
    return patterns.length === 0 ? undefined : patterns.map((pattern) => pattern.text).join(",");
  });
}

function subsetsOf(reader: Reader): string[] {
  const subset = reader.texts("gather_subset", { commas: true }).map(({ text }) => text);
  if (reader.flag("gather_facts") !== true) return [];
  return subset.length > 0 ? subset : ["all"];
}

/** Which families there are to gather is known when all names are. */
function factsOf(reader: Reader, id: string, input: PlayInput & Pick<Reading, "problems" | "early">): FactsOfPlay {
  const at = reader.node("gather_facts")?.at ?? reader.at;
  const { moduleDefaults: _, ...keywords } = playKeywords(reader, input);
  const written = reader.templated("gather_timeout", "number");
  const timeout = written === undefined ? undefined : noted(input.problems, () => Number(renderEarly(written, input.early)));
  const args = { kind: "mapping" as const, entries: [], at };
  const task = { ...keywords, tags: ["always"], id: `${id}.facts`, name: "Gather facts", at, dir: input.dir, module: "setup", moduleAt: at, args, until: [], listen: [] };
  return {
    task,
    families: [],
    ...(timeout === undefined || !(timeout > 0) ? {} : { timeout }),
  };
}

/** What every task of the play inherits. */
function playKeywords(reader: Reader, { outer }: PlayInput): Inherited {
  const { variables: _, ...own } = readKeywords(reader, { ...outer, variables: [] }, "play vars");
  return { ...own, variables: [] };
}

/** The value, or undefined where it is a mistake, which joins the others; `at` is where it is when it does not say so. */
function noted<Value>(problems: Problems, work: () => Value, at?: Position): Value | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    problems.list.push(...error.problems.map((problem) => (at && !problem.at ? { ...problem, code: "E_PLAYBOOK" as const, at } : problem)));
    return undefined;
  }
}
