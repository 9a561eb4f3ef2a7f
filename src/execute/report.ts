import { problemsOf } from "../core/errors.ts";
import { redacted } from "../core/secret.ts";
import type { Json } from "../core/json.ts";
import type { Result } from "../events/event.ts";
import type { Handler, Task } from "../compile/program.ts";
import { render } from "../template/render.ts";
import { attempt } from "./attempt.ts";
import type { Performed } from "./call.ts";
import { delegateOf, flagOf, type TaskRun } from "./channel.ts";
import type { Engine } from "./ports.ts";
import { registered } from "./register.ts";

/** Does the work of a task between its two events, and remembers and reports what it came to. */
export async function reported(taskRun: TaskRun, work: () => Promise<Performed & Pick<Result, "items">>, topics: ReadonlySet<string> = new Set()): Promise<Result> {
  const { play, task, host, engine } = taskRun;
  const started = performance.now();
  engine.ports.emit({ type: "host:start", play: play.id, task: task.id, host: host.name, ...shownName(taskRun) });
  const performed = await work();
  const { handlers, result } = answered(taskRun, { ...performed, elapsed: (performance.now() - started) / 1000 }, topics);
  remember(taskRun, result, handlers);
  engine.ports.emit({ type: "host:end", play: play.id, task: task.id, host: host.name, result: shown(taskRun, result) });
  return result;
}

/** What the rest of the run may know of a result. */
export function remember({ play, task, host, engine }: TaskRun, result: Result, handlers: readonly Handler[] = []): void {
  const { mode } = engine.options;
  const module = engine.ports.registry.get(task.module);
  const hasNoPart = (mode === "status" || mode === "down") && module?.kind === "action" && result.status === "skipped";
  const sees = registered(result, task.loop);
  if (task.register !== undefined) host.set(task.register, sees);
  host.know([...madeBy(task, engine), ...(task.register === undefined ? [] : [task.register])], result.status !== "unknown" && !hasNoPart);
  if (hasFailed(result)) {
    host.standing = isOutOfReach(result) ? "unreachable" : "failed";
    host.failure = { task, result: sees };
  }
  const wouldChange = mode === "check" && (result.status === "changed" || result.status === "unknown");
  if (wouldChange) host.wouldChange.push(task.name);
  for (const { id } of mode === "run" || mode === "check" ? handlers : []) {
    if (host.notified.has(id)) continue;
    host.notified.add(id);
    engine.ports.emit({ type: "handler:notified", play: play.id, host: host.name, handler: id, by: task.id });
  }
}

/** The variables that a task sets by its keys. */
export function madeBy({ module, args }: Task, { ports }: Engine): string[] {
  return ports.registry.get(module)?.freeKeys ? args.entries.map(({ key }) => key) : [];
}

/** Whether a host may not go on after it, unless somebody rescues it. */
export function hasFailed({ status }: Pick<Result, "status">): boolean {
  return status === "failed" || status === "unreachable" || status === "rescued";
}

function isOutOfReach({ status, problem }: Result): boolean {
  return status === "unreachable" || (status === "rescued" && problem?.code === "E_UNREACHABLE");
}

/** A failure that a rescue waits for counts as rescued; a name that no handler answers to is one. */
function answered({ task, host, handlers, rescue }: TaskRun, result: Result, topics: ReadonlySet<string>): { handlers: readonly Handler[]; result: Result } {
  let found: readonly Handler[] = [];
  let come = result;
  try {
    found = [...topics].flatMap((topic) => handlers.answering(topic, task.notify[0]?.at ?? task.at, host));
  } catch (error) {
    come = { ...result, status: "failed", alsoChanged: true, problem: problemsOf(error)[0] };
  }
  const isRescued = rescue !== undefined && !isBeyondRescue(come) && (come.status === "failed" || (come.status === "unreachable" && rescue === "unreachable"));
  return { handlers: found, result: isRescued ? { ...come, status: "rescued" } : come };
}

function isBeyondRescue({ problem }: Result): boolean {
  return problem?.code === "E_BUG" || problem?.code === "E_INTERRUPTED";
}

function shownName({ play, task, host }: TaskRun): { name: string; on?: string } {
  const isPlain = task.noLog || !task.name.includes("{{");
  if (isPlain && !task.delegateTo) return { name: task.name };
  const context = host.context(play, task);
  const name = isPlain ? task.name : (attempt(() => String(render({ kind: "scalar", value: task.name, at: task.at }, context))) ?? task.name);
  const on = attempt(() => delegateOf(task, context));
  return { name, ...(on === undefined ? {} : { on }) };
}

/** `diff` of the task's own: shown though nobody asked for it, or nowhere. */
function shown({ play, task, host }: TaskRun, result: Result): Result {
  if (task.noLog) return censored(result);
  const wanted = task.diff ? attempt(() => flagOf(task.diff, host.context(play, task))) : undefined;
  const labelled = withLabels(result);
  if (wanted === undefined) return labelled;
  return wanted ? { ...labelled, showDiff: true } : { ...labelled, changes: labelled.changes.map(({ title }) => ({ title })) };
}

function withLabels({ items, ...result }: Result): Result {
  return items ? { ...result, items: items.map(withLabel) } : result;
}

function withLabel({ label, ...item }: Result & { readonly label?: Json }): Result {
  return label === undefined ? item : { ...item, item: label };
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
