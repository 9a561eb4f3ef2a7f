import { BowlineError } from "../core/errors.ts";
import { nodeOf, type MappingNode, type SourceNode } from "../core/node.ts";
import type { Definition } from "../core/scope.ts";
import type { Registry } from "../modules/contract.ts";
import { laterPlayKey, playKeys } from "./keys.ts";
import type { Handler, Play, Task } from "./program.ts";
import { checkKeys, hintOf, isTemplated, kindOf, Reader, type Problems } from "./shape.ts";
import { isSelected, type TagChoice } from "./tags.ts";
import { readBecome, readTask, readVariables, type RawTask } from "./task.ts";
import { renderForPlay } from "./vars-files.ts";

/** What the compiler is given for one play beside its text. */
export interface PlayInput {
  readonly index: number;
  readonly registry: Registry;
  readonly tags: TagChoice;
  /** The hosts of a pattern, already limited; reports what matched nothing by itself. */
  readonly select: (pattern: string, at: SourceNode) => readonly string[];
  /** Variables of every host and play. */
  readonly common: readonly Definition[];
  /** The variables of the play's vars_files, in order. */
  readonly fileVariables: readonly Definition[];
  /** Told of every task that the tags leave out. */
  readonly onLeftOut: (task: Task) => void;
}

/** Reads one play; undefined when it is too broken to go on with. */
export function readPlay(node: SourceNode, input: PlayInput, problems: Problems): Play | undefined {
  if (node.kind !== "mapping") {
    problems.add(node.at, `a play must be a mapping, not ${kindOf(node)}`, { hint: "begin it with - name: … and hosts: …" });
    return undefined;
  }
  checkKeys(node, playKeys, { what: "a play", later: laterPlayKey }, problems);
  const reader = new Reader(node, problems);
  checkFacts(reader, problems);
  const id = `p${input.index + 1}`;
  const pattern = hostPattern(node, reader, input.common, problems);
  const environment = reader.node("environment");
  return {
    id,
    name: reader.text("name") ?? pattern ?? id,
    at: node.at,
    hosts: pattern === undefined ? [] : input.select(pattern, reader.node("hosts")!),
    variables: [...readVariables(reader, "play vars"), ...input.fileVariables],
    become: readBecome(reader),
    environment: environment ? [environment] : [],
    ...readTasks(id, reader, input, problems),
  };
}

function readTasks(id: string, reader: Reader, input: PlayInput, problems: Problems): { tasks: Task[]; handlers: Handler[] } {
  const playTags = reader.texts("tags", { commas: true }).map((tag) => tag.text);
  const read = (key: string) => reader.sequence(key).map((item) => readTask(item, playTags, input.registry, problems)).filter((task) => task !== undefined);
  const rawHandlers = read("handlers");
  const handlerIds = new Map(rawHandlers.map((handler, index) => [handler.name, `${id}.h${index + 1}`]));
  for (const [index, { name, at }] of rawHandlers.entries()) {
    if (rawHandlers.findIndex((other) => other.name === name) < index) problems.add(at, `there is a handler "${name}" already`, { hint: "give each handler a name of its own: tasks notify them by it" });
  }
  const withIds = (raw: RawTask, taskId: string): Task => {
    const { notifyNames, ...task } = raw;
    return { id: taskId, ...task, notify: notified(notifyNames, handlerIds, problems) };
  };
  const tasks = read("tasks").map((raw, index) => withIds(raw, `${id}.t${index + 1}`));
  const selected = tasks.filter((task) => isSelected(task.tags, input.tags));
  for (const task of tasks) if (!selected.includes(task)) input.onLeftOut(task);
  return {
    tasks: selected,
    handlers: rawHandlers.map((raw, index) => withIds(raw, `${id}.h${index + 1}`)),
  };
}

function notified(names: RawTask["notifyNames"], handlerIds: ReadonlyMap<string, string>, problems: Problems): string[] {
  return names.flatMap(({ text, at }) => {
    const handler = handlerIds.get(text);
    if (handler === undefined) problems.add(at, `there is no handler "${text}" in this play`, hintOf(text, [...handlerIds.keys()]));
    return handler === undefined ? [] : [handler];
  });
}

function hostPattern(node: MappingNode, reader: Reader, common: readonly Definition[], problems: Problems): string | undefined {
  if (!reader.entry("hosts")) {
    if (!node.entries.some((entry) => entry.key === "import_playbook")) problems.add(node.at, 'this play has no "hosts"', { hint: "name a group or a host of the inventory: hosts: all" });
    return undefined;
  }
  const value = reader.node("hosts")!;
  try {
    const rendered = isTemplated(value) ? nodeOf(renderForPlay(value, node, common), value.at) : value;
    const patterns = new Reader({ ...node, entries: [{ ...reader.entry("hosts")!, value: rendered }] }, problems).texts("hosts");
    return patterns.length === 0 ? undefined : patterns.map((pattern) => pattern.text).join(",");
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    problems.list.push(...error.problems);
    return undefined;
  }
}

/** Facts are gathered when a play names one, so `false` changes nothing and `true` cannot be granted yet. */
function checkFacts(reader: Reader, problems: Problems): void {
  if (reader.flag("gather_facts") === true) {
    problems.add(reader.node("gather_facts")!.at, "gather_facts: true is not supported yet", { hint: "read what the play needs with command: and register:" });
  }
}
