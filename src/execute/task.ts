import { BowlineError, problemsOf, type ErrorCode } from "../core/errors.ts";
import { redacted } from "../core/secret.ts";
import type { Result, Status } from "../events/event.ts";
import type { Expression, Play, Task } from "../compile/program.ts";
import type { Context } from "../template/context.ts";
import { condition } from "../template/expression.ts";
import { render } from "../template/render.ts";
import { unknown, type Performed } from "./call.ts";
import { becomeOf, type HostState } from "./host.ts";
import { perform } from "./perform.ts";
import type { Engine } from "./ports.ts";
import { asJson } from "./resource.ts";
import { boundArgs } from "./resolve.ts";
import { registered } from "./register.ts";
import type { Channel } from "./steps.ts";

/** One task on one host, from the moment it is reached until its result is known and remembered. */
export interface TaskRun {
  readonly play: Play;
  readonly task: Task;
  readonly host: HostState;
  readonly engine: Engine;
}

/** Runs a task on a host and never throws for what can go wrong there: the result says it. */
export async function runTask(taskRun: TaskRun): Promise<Result> {
  return reported(taskRun, () => wholeTask(taskRun));
}

/** Does the work of a task between its two events, and remembers and reports what it came to. */
export async function reported(taskRun: TaskRun, work: () => Promise<Performed & Pick<Result, "items">>): Promise<Result> {
  const { play, task, host, engine } = taskRun;
  const started = performance.now();
  engine.ports.emit({ type: "host:start", play: play.id, task: task.id, host: host.name, name: shownName(taskRun) });
  const result = { ...(await work()), elapsed: (performance.now() - started) / 1000 };
  remember(taskRun, result);
  engine.ports.emit({ type: "host:end", play: play.id, task: task.id, host: host.name, result: task.noLog ? censored(result) : result });
  return result;
}

async function wholeTask(taskRun: TaskRun): Promise<Performed & Pick<Result, "items">> {
  const { play, task, host } = taskRun;
  try {
    if (!task.loop) return await oneItem(taskRun, {});
    const items = render(task.loop, host.context(play, task));
    if (!Array.isArray(items)) throw notAList(task, items);
    return combined(await eachItem(taskRun, items));
  } catch (error) {
    return caught(taskRun, error);
  }
}

async function eachItem(taskRun: TaskRun, items: readonly unknown[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) {
    const started = performance.now();
    const performed = await oneItem(taskRun, { item });
    results.push({ ...performed, item: asJson(item), elapsed: (performance.now() - started) / 1000 });
    if (performed.status === "unreachable" || taskRun.engine.options.signal.aborted) break;
  }
  return results;
}

async function oneItem(taskRun: TaskRun, extras: Readonly<Record<string, unknown>>): Promise<Performed> {
  const { play, task, host } = taskRun;
  try {
    const context = host.context(play, task, extras);
    const unmet = task.when.find((expression) => !condition(expression, context));
    if (unmet) return { status: "skipped", changes: [], message: `${unmet.source} is false` };
    const performed = await withTries(taskRun, extras, context);
    return performed.status === "failed" && ignored(task, context) ? { ...performed, status: "ignored" } : performed;
  } catch (error) {
    return caught(taskRun, error);
  }
}

/** The tries of `until`: the first one and `retries` more, `delay` seconds between them. */
async function withTries(taskRun: TaskRun, extras: Readonly<Record<string, unknown>>, context: Context): Promise<Performed> {
  const { play, task, host, engine } = taskRun;
  const retries = task.until.length === 0 ? 0 : numberOf(task.retries, context, 3);
  const delay = numberOf(task.delay, context, 5);
  for (let attempt = 1; ; attempt += 1) {
    const performed = hoped(taskRun, judged(taskRun, await once(taskRun, context, extras), extras));
    if (task.until.length === 0 || withoutTries.includes(performed.status)) return performed;
    const after = host.context(play, task, { ...extras, ...(task.register === undefined ? {} : { [task.register]: registered(performed) }) });
    if (task.until.every((expression) => condition(expression, after))) return performed;
    if (attempt > retries || engine.options.signal.aborted) return gaveUp(task, performed, attempt);
    engine.ports.emit({ type: "retry", task: task.id, host: host.name, attempt, attempts: retries + 1, delay });
    await pause(delay, engine.options.signal);
  }
}

/** A further try could not change these. */
const withoutTries: readonly Status[] = ["unknown", "skipped", "unreachable"];

/** Check mode: what fails now may well succeed after the changes that a run would have made by then. */
function hoped({ task, host, engine }: TaskRun, performed: Performed): Performed {
  if (engine.options.mode !== "check" || performed.status !== "failed" || host.wouldChange.length === 0) return performed;
  return unknown({ task }, changeFirst(host, performed.problem?.message));
}

function changeFirst(host: HostState, now: string | undefined): string {
  return `"${host.wouldChange.at(-1)}" would change the host first${now === undefined ? "" : ` (now: ${now})`}`;
}

async function once(taskRun: TaskRun, context: Context, extras: Readonly<Record<string, unknown>>): Promise<Performed> {
  const { task, engine } = taskRun;
  const module = engine.ports.registry.get(task.module);
  if (!module) throw new BowlineError({ code: "E_BUG", message: `module ${task.module} left the registry`, at: task.moduleAt });
  const args = await boundArgs(task, module, context, engine);
  const item = "item" in extras ? { item: extras["item"] } : {};
  try {
    return await perform({ task, module, args, channel: channelFor(taskRun, context), engine, ...item });
  } catch (error) {
    return caught(taskRun, error);
  }
}

/** How this task talks to its host. */
export function channelFor({ play, task, host, engine }: TaskRun, context: Context): Channel {
  const limit = task.timeout ? numberOf(task.timeout, context, 0) : 0;
  const environments = [...play.environment, ...task.environment].map((node) => environmentOf(render(node, context), task));
  return {
    host,
    become: becomeOf(play, task, context, engine),
    environment: Object.assign({}, ...environments) as Record<string, string>,
    deadline: limit > 0 ? Date.now() + limit * 1000 : undefined,
    signal: engine.options.signal,
    onLine: ({ stream, text }) => {
      if (!task.noLog) engine.ports.emit({ type: "output", task: task.id, host: host.name, stream, text });
    },
  };
}

/** `failed_when` and `changed_when` overrule what the module said; they see the result under the task's `register` name. */
function judged(taskRun: TaskRun, performed: Performed, extras: Readonly<Record<string, unknown>>): Performed {
  const { play, task, host } = taskRun;
  if (performed.status !== "ok" && performed.status !== "changed" && performed.status !== "failed") return performed;
  const context = host.context(play, task, { ...extras, ...(task.register === undefined ? {} : { [task.register]: registered(performed) }) });
  const holds = (expressions: readonly Expression[]) => expressions.every((expression) => condition(expression, context));
  const failed = task.failedWhen ? holds(task.failedWhen) : performed.status === "failed";
  if (failed) {
    const source = task.failedWhen?.map((expression) => expression.source).join(" && ");
    const problem = performed.problem ?? { code: "E_FAILED" as const, message: `failed_when holds: ${source}`, at: task.failedWhen?.[0]?.at ?? task.at };
    return { ...performed, status: "failed", problem };
  }
  const { problem: _, ...rest } = performed;
  const changed = task.changedWhen ? holds(task.changedWhen) : performed.status === "changed";
  return { ...rest, status: changed ? "changed" : "ok" };
}

function gaveUp(task: Task, performed: Performed, attempts: number): Performed {
  const source = task.until.map((expression) => expression.source).join(" && ");
  const message = `until did not hold after ${attempts} tries: ${source}`;
  return { ...performed, status: "failed", problem: { ...performed.problem, code: "E_FAILED", message, at: task.until[0]!.at } };
}

const unreachableCodes: readonly ErrorCode[] = ["E_UNREACHABLE", "E_HOST_KEY", "E_AUTH"];

/** What was thrown becomes a result. In check mode an error that an earlier, not yet made change explains is "unknown". */
export function caught({ task, host, engine }: TaskRun, error: unknown): Performed {
  const [problem] = problemsOf(error);
  if (problem.code === "E_BUG") engine.ports.emit({ type: "warning", host: host.name, message: String(error instanceof Error ? error.stack : error) });
  if (unreachableCodes.includes(problem.code)) return { status: "unreachable", changes: [], problem };
  const { mode } = engine.options;
  if (mode === "check" && problem.code !== "E_BUG" && host.wouldChange.length > 0) {
    return unknown({ task }, changeFirst(host, problem.message));
  }
  if (mode !== "run" && host.unknown.size > 0 && (problem.code === "E_UNDEFINED" || problem.code === "E_EXPRESSION")) {
    return unknown({ task }, `it needs a result that only a run gives (${problem.message})`);
  }
  return { status: "failed", changes: [], problem: { at: task.at, ...problem } };
}

/** A loop as a whole: as bad as its worst item. */
export function combined(items: readonly Result[]): Performed & Pick<Result, "items"> {
  if (items.length === 0) return { status: "skipped", changes: [], message: "the loop is empty", items };
  const worst = worstFirst.find((status) => items.some((item) => item.status === status)) ?? "ok";
  const problem = items.find((item) => item.status === worst)?.problem;
  return { status: worst, changes: items.flatMap((item) => item.changes), ...(problem ? { problem } : {}), items };
}

const worstFirst: readonly Status[] = ["unreachable", "failed", "unknown", "changed", "ignored", "rescued", "ok", "skipped"];

/** What the rest of the run may know of this result. */
function remember({ task, host, engine }: TaskRun, result: Result): void {
  if (task.register !== undefined) host.set(task.register, registered(result));
  if (task.register !== undefined && (result.status === "unknown" || result.status === "skipped")) host.unknown.add(task.register);
  const { mode } = engine.options;
  if (result.status === "changed" || (mode === "check" && result.status === "unknown")) {
    if (mode === "check") host.wouldChange.push(task.name);
    for (const handler of task.notify) notify({ task, host, engine }, handler);
  }
  if (result.status === "failed") host.standing = "failed";
  if (result.status === "unreachable") host.standing = "unreachable";
}

function notify({ task, host, engine }: Pick<TaskRun, "task" | "host" | "engine">, handler: string): void {
  if (host.notified.has(handler)) return;
  host.notified.add(handler);
  engine.ports.emit({ type: "handler:notified", play: task.id.split(".")[0]!, host: host.name, handler, by: task.id });
}

function shownName({ play, task, host }: TaskRun): string {
  if (!task.name.includes("{{")) return task.name;
  try {
    return String(render({ kind: "scalar", value: task.name, at: task.at }, host.context(play, task)));
  } catch {
    return task.name;
  }
}

/** Under no_log the report keeps only what happened, not with what. */
function censored(result: Result): Result {
  const { status, elapsed, problem } = result;
  const hidden = problem ? { problem: { code: problem.code, message: "hidden because of no_log", ...(problem.at ? { at: problem.at } : {}) } } : {};
  return { status, elapsed, changes: result.changes.map(() => ({ title: redacted })), ...hidden };
}

function ignored(task: Task, context: Context): boolean {
  return task.ignoreErrors !== undefined && render(task.ignoreErrors, context) === true;
}

function numberOf(node: Task["retries"], context: Context, otherwise: number): number {
  if (!node) return otherwise;
  const value = Number(render(node, context));
  if (Number.isFinite(value) && value >= 0) return value;
  throw new BowlineError({ code: "E_ARGS", message: "must be a number that is not negative", at: node.at });
}

function environmentOf(value: unknown, task: Task): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new BowlineError({ code: "E_ARGS", message: '"environment" must be a mapping of names to values', at: task.at });
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, String(inner)]));
}

function notAList(task: Task, value: unknown): BowlineError {
  const seen = JSON.stringify(value)?.slice(0, 60) ?? "nothing";
  return new BowlineError({ code: "E_ARGS", message: '"loop" must be a list', at: task.loop!.at, seen });
}

/** Waits, unless the run is interrupted. */
function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, seconds * 1000);
    signal.addEventListener("abort", finish, { once: true });
    function finish() {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    }
  });
}
