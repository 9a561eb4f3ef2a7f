import { BowlineError } from "../core/errors.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { nodeOf, plainOf } from "../core/node.ts";
import type { Answer, LocalFile } from "../core/step.ts";
import type { Result } from "../events/event.ts";
import type { ArgsShape, Bound, Module, Outcome } from "../modules/contract.ts";
import type { Loop, Play, Task } from "../compile/program.ts";
import type { HostState } from "./host.ts";
import type { Hosts } from "./hosts.ts";
import type { Engine } from "./ports.ts";
import type { Channel, FailedStep } from "./steps.ts";

/** What one try of one item came to, before failed_when, changed_when and ignore_errors have their say. */
export type Performed = Omit<Result, "elapsed" | "item" | "items">;

/** One turn of a loop: which item, among all of them. */
export interface Turn {
  readonly loop: Loop;
  readonly items: readonly unknown[];
  readonly index: number;
  /** Absent where every turn must have its own round trip. */
  readonly made?: MadeTurns;
}

/** Turns of a loop that were made in the round trip of an earlier one. */
export interface MadeTurns {
  /** By index: with which arguments, and what it came to. */
  readonly performed: Map<number, { readonly args: Bound<ArgsShape>; readonly came: Performed }>;
  /** Answers to the looks of turns to come; what is planned from one must be held against what is seen later. */
  readonly seen: Map<string, Answer>;
  /** One turn changed what another one had seen: from there on each looks for itself. */
  isOver: boolean;
}

/** A task with everything decided, ready to be done. */
export interface Call {
  readonly play: Play;
  readonly task: Task;
  /** Whose variables and results these are; the channel may lead to another machine. */
  readonly host: HostState;
  readonly module: Module;
  readonly args: Bound<ArgsShape>;
  readonly channel: Channel;
  readonly engine: Engine;
  readonly hosts: Hosts;
  readonly turn?: Turn;
}

/** Resolves when all is known of the files among the arguments that a plan may ask for. */
export async function digested(args: Bound<ArgsShape>): Promise<void> {
  for (const value of Object.values(args)) await (value as Partial<LocalFile> | null | undefined)?.digested?.();
}

/** The variables that a turn of a loop brings, never taken for templates. */
export function extrasOf(turn: Turn | undefined): Readonly<Record<string, unknown>> {
  if (!turn) return {};
  const { loop, items, index } = turn;
  return {
    [loop.variable]: items[index],
    ansible_loop_var: loop.variable,
    ...(loop.indexVariable === undefined ? {} : { [loop.indexVariable]: index, ansible_index_var: loop.indexVariable }),
    ...(loop.extended ? { ansible_loop: { ...(loop.withoutAll ? {} : { allitems: items }), ...placeAmong(items, index) } } : {}),
  };
}

/** Where a turn stands among all, in Ansible's words. */
function placeAmong(items: readonly unknown[], index: number): Readonly<Record<string, unknown>> {
  const last = items.length - 1;
  return {
    index: index + 1,
    index0: index,
    revindex: items.length - index,
    revindex0: last - index,
    first: index === 0,
    last: index === last,
    length: items.length,
    ...(index === 0 ? {} : { previtem: items[index - 1] }),
    ...(index === last ? {} : { nextitem: items[index + 1] }),
  };
}

/** The item of a turn as reports and the journal show it. */
export function shownItem(turn: Turn | undefined): { item?: Json } {
  return turn ? { item: asJson(turn.items[turn.index]) } : {};
}

/** Check mode's honest answer: not a guess. */
export function unknown(call: Pick<Call, "task">, because: string): Performed {
  return { status: "unknown", changes: [], message: `unknown, because ${because}`, problem: { code: "E_RUN", message: because, at: call.task.at } };
}

export function stepFailed(call: Pick<Call, "task">, failed: FailedStep): Performed {
  return { status: "failed", changes: [], problem: stepProblem(call, failed), failedStep: shownStep(failed) };
}

function stepProblem(call: Pick<Call, "task">, failed: FailedStep) {
  const at = call.task.at;
  if (failed.reason === "cancelled") return { code: "E_INTERRUPTED" as const, message: `${failed.title}: interrupted, and stopped on the host`, at };
  if (failed.reason === "timeout") return { code: "E_FAILED" as const, message: `${failed.title}: took too long, and was stopped with all it had started`, at };
  if (failed.reason === "too much output") return { code: "E_FAILED" as const, message: `${failed.title}: it wrote more than is kept of one output, and what was left out is needed`, at };
  const words = lastLine(failed.stderr) ?? lastLine(failed.stdout) ?? `exit code ${failed.code}`;
  return { code: "E_FAILED" as const, message: `${failed.title}: ${words}`, at, expected: "exit code 0", seen: `exit code ${failed.code}` };
}

export function shownStep({ title, code, stdout, stderr }: FailedStep) {
  return { title, code, stdout, stderr };
}

function lastLine(text: string): string | undefined {
  return text.trim() === "" ? undefined : text.trim().split("\n").at(-1)!.trim();
}

/** The result of a resource for `register`. */
export function registeredData(module: { result?: (args: Bound<ArgsShape>, seen: unknown) => JsonObject }, args: Bound<ArgsShape>, seen: unknown): { data?: JsonObject } {
  const data = module.result?.(args, seen);
  return data ? { data } : {};
}

/** A host that lacks a tool, or refuses: the task's position joins the problem. */
export function placed(error: BowlineError, task: Task): BowlineError {
  const [first, ...rest] = error.problems;
  return new BowlineError([{ at: task.at, ...first }, ...rest], { cause: error });
}

/** The parts of a result that an outcome may bring. */
export function outcomeParts(outcome: Outcome): Pick<Performed, "message" | "data"> {
  return { ...(outcome.message === undefined ? {} : { message: outcome.message }), ...(outcome.data ? { data: outcome.data } : {}) };
}

/** Why an action or a control failed, in its own words. */
export function outcomeFailed(call: Call, message: string, outcome: Outcome): Performed {
  const begun = outcome.changed ? { alsoChanged: true as const } : {};
  return { status: "failed", changes: [], ...begun, problem: { code: "E_FAILED", message, at: call.task.at }, ...(outcome.data ? { data: outcome.data } : {}) };
}

const nowhere = { file: "", line: 0, column: 0 };

/** A value of a template as plain JSON, whatever it is made of. */
export function asJson(value: unknown): Json {
  return plainOf(nodeOf(value, nowhere)) as Json;
}
