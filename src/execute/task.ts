import { BowlineError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import type { Result, Status } from "../events/event.ts";
import type { Expression, Task } from "../compile/program.ts";
import type { Context } from "../template/context.ts";
import { condition } from "../template/expression.ts";
import { render } from "../template/render.ts";
import { attempt } from "./attempt.ts";
import { asJson, extrasOf, type Performed, type Turn } from "./call.ts";
import { channelFor, flagOf, numberOf, type TaskRun } from "./channel.ts";
import { loopItems } from "./loops.ts";
import { pause } from "./pause.ts";
import { perform } from "./perform.ts";
import { reported } from "./report.ts";
import { boundArgs } from "./resolve.ts";
import { isMade, madeTogether } from "./turns.ts";
import { caught, combined, gaveUp, holds, interrupted, isBeyondJudgement, isIgnored, judged, ownResult, untried } from "./verdict.ts";

/** One task on one host, from the moment it is reached until its result is known. Never throws for what can go wrong there. */
export async function runTask(given: TaskRun): Promise<Result> {
  const topics = new Set<string>();
  const decided = decidedHere(given);
  return "status" in decided ? reported(given, () => Promise.resolve(decided)) : reported(decided, () => wholeTask(decided, topics), topics);
}

/** What each host decides for itself: whether the task only looks, and whether what it does is hidden. */
function decidedHere(taskRun: TaskRun): TaskRun | Performed {
  const { play, task, host, engine } = taskRun;
  if (!task.checkMode && !task.hide) return taskRun;
  try {
    const context = host.context(play, task);
    const hidden = flagOf(task.hide, context) ? { task: { ...task, noLog: true } } : {};
    const { mode } = engine.options;
    const own = task.checkMode && (mode === "run" || mode === "check") ? (flagOf(task.checkMode, context) ? "check" : "run") : mode;
    return { ...taskRun, ...hidden, ...(own === mode ? {} : { engine: { ...engine, options: { ...engine.options, mode: own } } }) };
  } catch (error) {
    return caught(taskRun, error);
  }
}

async function wholeTask(taskRun: TaskRun, topics: Set<string>): Promise<Performed & Pick<Result, "items">> {
  const { play, task, host } = taskRun;
  try {
    if (!task.loop) return await oneTurn(taskRun, undefined, topics);
    const items = itemsOf(taskRun, host.context(play, task));
    return "status" in items ? items : combined(await eachTurn(taskRun, items, topics));
  } catch (error) {
    return caught(taskRun, error);
  }
}

/** The items of the loop. A task that its condition skips anyway needs none: `when: "!result.skipped"` guards a loop over that result. */
export function itemsOf({ task, engine }: Pick<TaskRun, "task" | "engine">, context: Context): readonly unknown[] | Performed {
  try {
    return loopItems(task.loop!, context, engine.ports.inventory.select);
  } catch (error) {
    const skipped = error instanceof BowlineError && error.code === "E_UNDEFINED" ? attempt(() => skippedBy(task, context)) : undefined;
    if (skipped) return skipped;
    throw error;
  }
}

/** The item as reports show it may be another one than `register` sees. */
type TurnResult = Result & { readonly label?: Json };

async function eachTurn(taskRun: TaskRun, items: readonly unknown[], topics: Set<string>): Promise<TurnResult[]> {
  const { play, task, host, engine } = taskRun;
  const loop = task.loop!;
  const results: TurnResult[] = [];
  const made = madeTogether(taskRun);
  for (const index of items.keys()) {
    const turn = { loop, items, index, ...(made ? { made } : {}) };
    const started = performance.now();
    const performed = await oneTurn(taskRun, turn, topics);
    const context = () => host.context(play, task, { ...extrasOf(turn), ...ownResult(task, performed) });
    const label = loop.label ? { label: asJson(attempt(() => render(loop.label!, context())) ?? null) } : {};
    results.push({ ...performed, item: asJson(items[index]), ...label, elapsed: (performance.now() - started) / 1000 });
    if (performed.status === "unreachable" || engine.options.signal.aborted) break;
    if (loop.breakWhen.length > 0 && performed.status !== "skipped" && holds(loop.breakWhen, context())) break;
    if (loop.pause && index < items.length - 1) await letPass(numberOf(loop.pause, context(), 0), taskRun);
  }
  return results;
}

async function oneTurn(taskRun: TaskRun, turn: Turn | undefined, topics: Set<string>): Promise<Performed> {
  const { play, task, host } = taskRun;
  try {
    const context = host.context(play, task, extrasOf(turn));
    const skipped = isMade(turn) ? undefined : skippedBy(task, context);
    if (skipped) return skipped;
    const performed = await withTries(taskRun, turn, context);
    if (isIgnored(task, performed, context)) return { ...performed, status: "ignored" };
    if (mayNotify(taskRun, performed)) for (const topic of topicsOf(task, context)) topics.add(topic);
    return performed;
  } catch (error) {
    return caught(taskRun, error);
  }
}

/** In check mode what is unknown may come to a change, unless the playbook says that it never does. */
function mayNotify({ engine, task }: TaskRun, { status }: Performed): boolean {
  const never = task.changedWhen?.some(({ source }) => source === "false") ?? false;
  return status === "changed" || (engine.options.mode === "check" && status === "unknown" && !never);
}

function topicsOf({ notify }: Task, context: Context): string[] {
  return notify.flatMap((node) => {
    const value = render(node, context);
    return (Array.isArray(value) ? value : [value]).map(String);
  });
}

export function skippedBy(task: Task, context: Context): Performed | undefined {
  const unmet = task.when.find((expression) => !condition(expression, context));
  return unmet ? { status: "skipped", changes: [], message: `${unmet.source} is false` } : undefined;
}

/** The tries of `until`, or of `retries` alone until it succeeds: the first one and `retries` more, `delay` seconds between them. */
async function withTries(taskRun: TaskRun, turn: Turn | undefined, context: Context): Promise<Performed> {
  const { play, task, host, engine } = taskRun;
  const { mode, signal } = engine.options;
  const extras = extrasOf(turn);
  if ((task.until.length === 0 && !task.retries) || mode === "status") return judged(taskRun, await once(taskRun, turn, context), extras);
  const retries = numberOf(task.retries, context, 3);
  const backoff = numberOf(task.backoff, context, 1);
  let delay = numberOf(task.delay, context, 5);
  for (let count = 1; ; count += 1) {
    const performed = counted(judged(taskRun, await once(taskRun, turn, context), extras), count);
    if (withoutTries.includes(performed.status) || isBeyondJudgement(performed)) return performed;
    const after = host.context(play, task, { ...extras, ...ownResult(task, performed) });
    if (task.until.length === 0 ? performed.status !== "failed" : reached(task.until, after, performed)) return performed;
    const final = untried(taskRun, performed) ?? (count > retries ? gaveUp(task, performed, count) : undefined);
    if (final) return final;
    engine.ports.emit({ type: "retry", task: task.id, host: host.name, attempt: count, attempts: retries + 1, delay });
    await letPass(delay, taskRun);
    if (signal.aborted) return interrupted(task);
    // In whole milliseconds, as people read it.
    delay = Math.round(delay * backoff * 1000) / 1000;
  }
}

/** Whoever waits does it for something to change. */
async function letPass(seconds: number, { host, engine }: TaskRun): Promise<void> {
  await pause(seconds, engine.options.signal);
  engine.kept.drop(host.line);
}

/** A failed try may lack what the condition asks for: then it does not hold, and in the end the failure is what is told. */
function reached(until: readonly Expression[], context: Context, { status }: Performed): boolean {
  if (status !== "failed") return holds(until, context);
  return attempt(() => holds(until, context)) ?? false;
}

/** As Ansible registers it. */
function counted(performed: Performed, attempts: number): Performed {
  return { ...performed, data: { ...performed.data, attempts } };
}

/** A further try could not change these. */
const withoutTries: readonly Status[] = ["unknown", "skipped", "unreachable"];

async function once(taskRun: TaskRun, turn: Turn | undefined, context: Context): Promise<Performed> {
  const { play, task, host, engine } = taskRun;
  const module = engine.ports.registry.get(task.module);
  if (!module) throw new BowlineError({ code: "E_BUG", message: `module ${task.module} left the registry`, at: task.moduleAt });
  const args = await boundArgs({ play, task }, module, context, engine);
  const channel = channelFor(taskRun, context);
  try {
    return await perform({ play, task, host, module, args, channel, engine, hosts: taskRun.hosts, ...(turn ? { turn } : {}) });
  } catch (error) {
    return caught(taskRun, error);
  }
}

