import { BowlineError } from "../core/errors.ts";
import { redacted } from "../core/secret.ts";
import type { Result, Status } from "../events/event.ts";
import type { Context } from "../template/context.ts";
import { condition } from "../template/expression.ts";
import { render } from "../template/render.ts";
import { attempt } from "./attempt.ts";
import { extrasOf, shownItem, type Performed, type Turn } from "./call.ts";
import { channelFor, numberOf, type TaskRun } from "./channel.ts";
import { pause } from "./pause.ts";
import { perform } from "./perform.ts";
import { boundArgs } from "./resolve.ts";
import { registered } from "./register.ts";
import { caught, combined, gaveUp, interrupted, isBeyondJudgement, isIgnored, judged, notAList, untried } from "./verdict.ts";

/** One task on one host, from the moment it is reached until its result is known. Never throws for what can go wrong there. */
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
    if (!task.loop) return await oneTurn(taskRun, undefined);
    const items = itemsOf(taskRun, host.context(play, task));
    return "status" in items ? items : combined(await eachTurn(taskRun, items));
  } catch (error) {
    return caught(taskRun, error);
  }
}

/** The items of the loop. A task that its condition skips anyway needs none: `when: "!result.skipped"` guards a loop over that result. */
function itemsOf({ task }: TaskRun, context: Context): readonly unknown[] | Performed {
  try {
    const items = render(task.loop!, context);
    if (Array.isArray(items)) return items;
    throw notAList(task, items);
  } catch (error) {
    const skipped = error instanceof BowlineError && error.code === "E_UNDEFINED" ? attempt(() => skippedBy(task, context)) : undefined;
    if (skipped) return skipped;
    throw error;
  }
}

async function eachTurn(taskRun: TaskRun, items: readonly unknown[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const index of items.keys()) {
    const turn = { items, index };
    const started = performance.now();
    const performed = await oneTurn(taskRun, turn);
    results.push({ ...performed, ...shownItem(turn), elapsed: (performance.now() - started) / 1000 });
    if (performed.status === "unreachable" || taskRun.engine.options.signal.aborted) break;
  }
  return results;
}

async function oneTurn(taskRun: TaskRun, turn: Turn | undefined): Promise<Performed> {
  const { play, task, host } = taskRun;
  try {
    const context = host.context(play, task, extrasOf(turn));
    const skipped = skippedBy(task, context);
    if (skipped) return skipped;
    const performed = await withTries(taskRun, turn, context);
    return isIgnored(task, performed, context) ? { ...performed, status: "ignored" } : performed;
  } catch (error) {
    return caught(taskRun, error);
  }
}

function skippedBy(task: TaskRun["task"], context: Context): Performed | undefined {
  const unmet = task.when.find((expression) => !condition(expression, context));
  return unmet ? { status: "skipped", changes: [], message: `${unmet.source} is false` } : undefined;
}

/** The tries of `until`: the first one and `retries` more, `delay` seconds between them. */
async function withTries(taskRun: TaskRun, turn: Turn | undefined, context: Context): Promise<Performed> {
  const { play, task, host, engine } = taskRun;
  const { mode, signal } = engine.options;
  const extras = extrasOf(turn);
  if (task.until.length === 0 || mode === "status") return judged(taskRun, await once(taskRun, turn, context), extras);
  const retries = numberOf(task.retries, context, 3);
  const delay = numberOf(task.delay, context, 5);
  for (let count = 1; ; count += 1) {
    const performed = judged(taskRun, await once(taskRun, turn, context), extras);
    if (withoutTries.includes(performed.status) || isBeyondJudgement(performed)) return performed;
    const own = task.register === undefined ? {} : { [task.register]: registered(performed) };
    const after = host.context(play, task, { ...extras, ...own });
    if (task.until.every((expression) => condition(expression, after))) return performed;
    const final = untried(taskRun, performed) ?? (count > retries ? gaveUp(task, performed, count) : undefined);
    if (final) return final;
    engine.ports.emit({ type: "retry", task: task.id, host: host.name, attempt: count, attempts: retries + 1, delay });
    await pause(delay, signal);
    if (signal.aborted) return interrupted(task);
    engine.kept.drop();
  }
}

/** A further try could not change these. */
const withoutTries: readonly Status[] = ["unknown", "skipped", "unreachable"];

async function once(taskRun: TaskRun, turn: Turn | undefined, context: Context): Promise<Performed> {
  const { play, task, engine } = taskRun;
  const module = engine.ports.registry.get(task.module);
  if (!module) throw new BowlineError({ code: "E_BUG", message: `module ${task.module} left the registry`, at: task.moduleAt });
  const args = await boundArgs(task, module, context, engine);
  const channel = channelFor(taskRun, context);
  try {
    return await perform({ play, task, module, args, channel, engine, ...(turn ? { turn } : {}) });
  } catch (error) {
    return caught(taskRun, error);
  }
}

/** What the rest of the run may know of this result. */
function remember({ task, host, engine }: TaskRun, result: Result): void {
  const { mode } = engine.options;
  const module = engine.ports.registry.get(task.module);
  const hasNoPart = (mode === "status" || mode === "down") && module?.kind === "action" && result.status === "skipped";
  const made = module?.freeKeys ? task.args.entries.map((entry) => entry.key) : [];
  if (task.register !== undefined) host.set(task.register, registered(result));
  host.know([...made, ...(task.register === undefined ? [] : [task.register])], result.status !== "unknown" && !hasNoPart);
  if (result.status === "failed") host.standing = "failed";
  if (result.status === "unreachable") host.standing = "unreachable";
  const wouldChange = mode === "check" && (result.status === "changed" || result.status === "unknown");
  if (wouldChange) host.wouldChange.push(task.name);
  if (wouldChange || (mode === "run" && result.status === "changed")) for (const handler of task.notify) notify({ task, host, engine }, handler);
}

function notify({ task, host, engine }: Pick<TaskRun, "task" | "host" | "engine">, handler: string): void {
  if (host.notified.has(handler)) return;
  host.notified.add(handler);
  engine.ports.emit({ type: "handler:notified", play: task.id.split(".")[0]!, host: host.name, handler, by: task.id });
}

function shownName({ play, task, host }: TaskRun): string {
  if (task.noLog || !task.name.includes("{{")) return task.name;
  try {
    return String(render({ kind: "scalar", value: task.name, at: task.at }, host.context(play, task)));
  } catch {
    return task.name;
  }
}

/** Under no_log the report keeps only what happened, not with what. */
function censored(result: Result): Result {
  const { status, elapsed, problem, state, items, alsoChanged } = result;
  return {
    status,
    elapsed,
    changes: result.changes.map(() => ({ title: redacted })),
    ...(alsoChanged ? { alsoChanged } : {}),
    ...(problem ? { problem: { code: problem.code, message: "hidden because of no_log", ...(problem.at ? { at: problem.at } : {}) } } : {}),
    ...(state ? { state: { state: state.state, label: redacted, remarks: [] } } : {}),
    ...(items ? { items: items.map(censored) } : {}),
  };
}
