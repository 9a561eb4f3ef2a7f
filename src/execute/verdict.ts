import { problemsOf, type ErrorCode } from "../core/errors.ts";
import type { Result, Status } from "../events/event.ts";
import type { Expression, Task } from "../compile/program.ts";
import type { Context } from "../template/context.ts";
import { condition } from "../template/expression.ts";
import { unknown, type Performed } from "./call.ts";
import { flagOf, type TaskRun } from "./channel.ts";
import { UnknownValue, type HostState } from "./host.ts";
import { registered } from "./register.ts";

/** What a result comes to when the playbook's own conditions and the mode have had their say. */
export function judged(taskRun: TaskRun, performed: Performed, extras: Readonly<Record<string, unknown>>): Performed {
  return taskRun.engine.options.mode === "status" || isBeyondJudgement(performed) ? performed : hoped(taskRun, overruled(taskRun, performed, extras));
}

/** A bug of ours and an interruption are what they are, whatever a playbook says about failing. */
export function isBeyondJudgement({ problem }: Performed): boolean {
  return problem?.code === "E_BUG" || problem?.code === "E_INTERRUPTED";
}

/** `failed_when` and `changed_when` overrule what the module said; they see the result under the task's `register` name. */
function overruled({ play, task, host }: TaskRun, performed: Performed, extras: Readonly<Record<string, unknown>>): Performed {
  if (!task.failedWhen && !task.changedWhen) return performed;
  if (performed.status !== "ok" && performed.status !== "changed" && performed.status !== "failed") return performed;
  const own = ownResult(task, performed);
  const context = host.context(play, task, { ...extras, ...own });
  const failed = task.failedWhen ? holds(task.failedWhen, context) : performed.status === "failed";
  const changed = task.changedWhen ? holds(task.changedWhen, context) : performed.status === "changed" || performed.alsoChanged === true;
  const { alsoChanged: _, problem, failedStep, ...rest } = performed;
  if (!failed) return { ...rest, status: changed ? "changed" : "ok" };
  const said = { code: "E_FAILED" as const, message: `failed_when holds: ${sourceOf(task.failedWhen)}`, at: task.failedWhen?.[0]?.at ?? task.at };
  return { ...rest, status: "failed", problem: problem ?? said, ...(failedStep ? { failedStep } : {}), ...(changed ? { alsoChanged: true as const } : {}) };
}

/** A task's own conditions see its result under the name that it registers. */
export function ownResult({ register }: Task, performed: Performed): Readonly<Record<string, unknown>> {
  return register === undefined ? {} : { [register]: registered(performed) };
}

/** Check mode: what fails now may well succeed after the changes that a run would have made by then. */
function hoped({ task, host, engine }: TaskRun, performed: Performed): Performed {
  if (engine.options.mode !== "check" || performed.status !== "failed" || host.wouldChange.length === 0) return performed;
  if (performed.problem && mistakes.includes(performed.problem.code)) return performed;
  return unknown({ task }, changeFirst(host, performed.problem?.message));
}

function changeFirst(host: HostState, now: string | undefined): string {
  return `"${host.wouldChange.at(-1)}" would change the host first${now === undefined ? "" : ` (now: ${now})`}`;
}

/** `ignore_errors` is for failures, `ignore_unreachable` for hosts out of reach. */
export function isIgnored(task: Task, performed: Performed, context: Context): boolean {
  if (performed.status === "unreachable") return flagOf(task.ignoreUnreachable, context);
  return performed.status === "failed" && !isBeyondJudgement(performed) && flagOf(task.ignoreErrors, context);
}

/** Check mode: what does not hold yet, though a run would have changed the host by then, is not worth a second try. */
export function untried({ task, host, engine }: TaskRun, performed: Performed): Performed | undefined {
  if (engine.options.mode !== "check") return undefined;
  if (performed.status === "changed") return performed;
  return host.wouldChange.length > 0 ? unknown({ task }, changeFirst(host, `${sourceOf(task.until)} is false`)) : undefined;
}

export function interrupted(task: Task): Performed {
  return { status: "failed", changes: [], problem: { code: "E_INTERRUPTED", message: "interrupted between two tries", at: task.at } };
}

export function gaveUp(task: Task, performed: Performed, attempts: number): Performed {
  if (task.until.length === 0) return performed;
  const message = `until did not hold after ${attempts} tries: ${sourceOf(task.until)}`;
  const last = performed.problem ? { seen: performed.problem.message } : {};
  return { ...performed, status: "failed", ...(performed.status === "changed" ? { alsoChanged: true } : {}), problem: { ...performed.problem, code: "E_FAILED", message, at: task.until[0]!.at, ...last } };
}

const unreachableCodes: readonly ErrorCode[] = ["E_UNREACHABLE", "E_HOST_KEY", "E_AUTH"];

/** Mistakes of the playbook: no change to a host mends them. */
const mistakes: readonly ErrorCode[] = ["E_ARGS", "E_EXPRESSION", "E_FILE", "E_MODULE", "E_TEMPLATE", "E_UNDEFINED"];

/** What was thrown becomes a result. */
export function caught(taskRun: TaskRun, error: unknown): Performed {
  const { task, host, engine } = taskRun;
  const [problem] = problemsOf(error);
  if (problem.code === "E_BUG") engine.ports.emit({ type: "warning", host: host.name, message: task.noLog ? "the trace of a bug is hidden because of no_log" : traceOf(error) });
  if (unreachableCodes.includes(problem.code)) return { status: "unreachable", changes: [], problem };
  if (error instanceof UnknownValue) return unknown({ task }, `it needs "${error.variable}", which only a run gives`);
  const failed: Performed = { status: "failed", changes: [], problem: { at: task.at, ...problem } };
  return isBeyondJudgement(failed) ? failed : hoped(taskRun, failed);
}

/** A loop as a whole: as bad as its worst item. */
export function combined(items: readonly Result[]): Performed & Pick<Result, "items"> {
  if (items.length === 0) return { status: "skipped", changes: [], message: "the loop is empty", items };
  const worst = worstFirst.find((status) => items.some((item) => item.status === status)) ?? "ok";
  const problem = items.find((item) => item.status === worst)?.problem;
  const changedToo = worst !== "changed" && items.some((item) => item.status === "changed" || item.alsoChanged);
  const changes = items.flatMap((item) => item.changes);
  return { status: worst, changes, ...(changedToo ? { alsoChanged: true } : {}), ...(problem ? { problem } : {}), items };
}

const worstFirst: readonly Status[] = ["unreachable", "failed", "unknown", "ignored", "rescued", "changed", "ok", "skipped"];

/** Whether all conditions hold. */
export function holds(expressions: readonly Expression[], context: Context): boolean {
  return expressions.every((expression) => condition(expression, context));
}

function sourceOf(expressions: readonly Expression[] = []): string {
  return expressions.map((expression) => expression.source).join(" && ");
}

/** For whoever mends a bug of ours. */
export function traceOf(error: unknown): string {
  return String(error instanceof Error ? (error.stack ?? error.message) : error);
}
