import { BowlineError, type Problem } from "../core/errors.ts";
import { redacted } from "../core/secret.ts";
import type { Answer, Step } from "../core/step.ts";
import type { Json } from "../core/json.ts";
import type { ChangeReport } from "../events/event.ts";
import { toolProblem } from "../modules/_observe.ts";
import type { ArgsShape, Bound, Change, Resource, ResourceState } from "../modules/contract.ts";
import { look, lookAnew, lookStep, noLimit, type Looked } from "./ahead.ts";
import { openChange, sendChange, type Opened } from "./behind.ts";
import { digested, placed, registeredData, shownItem, stepFailed, type Call, type Performed } from "./call.ts";
import { canBatch, converse, type Driven, type FailedStep } from "./steps.ts";
import { guardOf, madeBefore, partsBehind, remembered, takesAlong, type Part } from "./turns.ts";

type AnyResource = Resource<ArgsShape, unknown>;

/** Observe, plan, apply, and observe again until the plan is empty; or as much of it as the mode asks for. */
export async function performResource(resource: AnyResource, call: Call): Promise<Performed> {
  const { mode } = call.engine.options;
  const made = await madeBefore(call);
  if (made) return made;
  const known = digested(call.args);
  // Told where it is waited for.
  known.catch(() => undefined);
  const looked = await look(call);
  const { era } = call.engine.kept;
  await known;
  if (mode === "status") return stated(resource, call, looked);
  if ("failed" in looked) return stepFailed(call, looked.failed);
  const { seen, changes } = planned(resource, call, looked.answer);
  if (mode === "check") return predicted(resource, call, seen, changes);
  if (changes.length === 0) return converged(resource, call, seen);
  const part = { call, seen, changes, ...(looked.isFresh && era === call.engine.kept.era ? {} : { was: looked.answer }) };
  return (await applied(resource, part)) ?? plannedAnew(resource, call);
}

/** What was seen ahead of time may say that nothing is to be done; what is to be done is planned from what is seen now. */
async function plannedAnew(resource: AnyResource, call: Call): Promise<Performed> {
  const looked = await lookAnew(call);
  if ("failed" in looked) return stepFailed(call, looked.failed);
  const { seen, changes } = planned(resource, call, looked.answer);
  return changes.length === 0 ? converged(resource, call, seen) : (await applied(resource, { call, seen, changes }))!;
}

function converged(resource: AnyResource, call: Call, seen: unknown): Performed {
  call.engine.kept.converged(call.channel.host.line);
  return { status: "ok", changes: [], ...told(worries(resource, call, seen)), ...registeredData(resource, call.args, seen) };
}

/** What is not as described though nothing is to be done about it: drift that is only reported. A run says it as `status` does. */
function worries({ state }: AnyResource, { args }: Call, seen: unknown): readonly string[] {
  const now = state?.(args, seen);
  return now?.state === "warn" ? now.remarks : [];
}

function told(remarks: readonly string[]): { message?: string } {
  return remarks.length === 0 ? {} : { message: remarks.join("; ") };
}

function stated(resource: AnyResource, call: Call, looked: Looked): Performed {
  if ("failed" in looked) return { ...stepFailed(call, looked.failed), status: "ok", state: unseen(resource, stepFailed(call, looked.failed)) };
  const seen = parsed(resource, looked.answer, call.args, call);
  return { status: "ok", changes: [], state: stateOf(resource, call.args, seen), ...registeredData(resource, call.args, seen) };
}

function stateOf(resource: AnyResource, args: Bound<ArgsShape>, seen: unknown): ResourceState {
  if (resource.state) return resource.state(args, seen);
  const label = String(Object.values(args)[0] ?? resource.name);
  try {
    const changes = resource.plan(args, seen);
    return { state: changes.length === 0 ? "up" : "down", label, remarks: changes.map((change) => `would ${change.title}`) };
  } catch (error) {
    if (error instanceof BowlineError) return { state: "warn", label, remarks: error.problems.map((problem) => problem.message) };
    throw error;
  }
}

function unseen(resource: AnyResource, failed: Performed): ResourceState {
  return { state: "warn", label: resource.name, remarks: [failed.problem?.message ?? "could not be looked at"] };
}

function parsed(resource: AnyResource, answer: Answer, args: Bound<ArgsShape>, call: Call): unknown {
  const missing = toolProblem(answer);
  if (missing) throw placed(new BowlineError(missing), call.task);
  return withPlace(call, () => resource.parse(answer, args));
}

function planned(resource: AnyResource, call: Call, answer: Answer): { seen: unknown; changes: readonly Change[] } {
  const seen = parsed(resource, answer, call.args, call);
  return { seen, changes: withPlace(call, () => resource.plan(call.args, seen)) };
}

function withPlace<Value>(call: Call, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw error instanceof BowlineError ? placed(error, call.task) : error;
  }
}

function predicted(resource: AnyResource, call: Call, seen: unknown, changes: readonly Change[]): Performed {
  const data = registeredData(resource, call.args, seen);
  if (changes.length > 0) return { status: "changed", changes: changes.map(reportOf), ...data };
  return { status: "ok", changes: [], ...told(worries(resource, call, seen)), ...data };
}

/**
 * From here on nothing that was seen before is worth anything, whatever comes of it. Turns of its loop that can go along
 * are made in the same round trip. Undefined when what was seen ahead of time must be seen anew before anything is done.
 */
async function applied(resource: AnyResource, part: Part): Promise<Performed | undefined> {
  const { call, changes, was } = part;
  if (call.engine.options.signal.aborted) throw new BowlineError({ code: "E_INTERRUPTED", message: "interrupted before anything was changed" });
  const isAlong = takesAlong(part);
  if (was && !isAlong) return undefined;
  const parts = isAlong ? [part, ...(await partsBehind(call, (next, answer) => planned(resource, next, answer)))] : [part];
  const opened = await openChange(parts.at(-1)!.call);
  try {
    const together = changes.every((change) => canBatch(change.steps));
    return together ? await appliedTogether(resource, parts, opened) : await appliedInTurn(resource, call, changes);
  } finally {
    opened.close();
  }
}

/** Steps that need an answer before the next one, and then the second look. */
async function appliedInTurn(resource: AnyResource, call: Call, changes: readonly Change[]): Promise<Performed> {
  const remarks: string[] = [];
  for (const [index, change] of changes.entries()) {
    announce(call, change);
    const { answers, failed } = await converse(change.steps, change.title, call.channel);
    conclude(call, change, failed ? "failed" : "ok");
    if (failed) return halfDone(call, failed, changes.slice(0, index));
    remarks.push(...remarkOf(change, answers));
  }
  if (isProofless(resource, call)) return done(resource, call, changes, { remarks });
  const looked = await lookAnew(call);
  return "failed" in looked ? halfDone(call, looked.failed, changes) : done(resource, call, changes, { remarks, answer: looked.answer });
}

/** All steps, each call's second look, and the looks of the tasks behind it in one round trip; what the first call came to. */
async function appliedTogether(resource: AnyResource, parts: readonly Part[], opened: Opened): Promise<Performed | undefined> {
  const [{ call }] = parts as [Part];
  const lists = parts.map((part) => stepsOf(resource, part, parts.length > 1 ? noLimit : undefined));
  for (const part of parts) for (const change of part.changes) announce(part.call, change);
  const { answers, failed } = await sendChange(opened, lists.flatMap(({ steps }) => steps), lists.flatMap(({ titles }) => titles), call);
  const performed: (Performed | undefined)[] = [];
  let from = 0;
  for (const [index, part] of parts.entries()) {
    const own = answers.slice(from, (from += lists[index]!.steps.length));
    const isCut = failed !== undefined && from >= answers.length;
    performed.push(cameOf(resource, part, { answers: own, ...(isCut ? { failed } : {}) }));
  }
  remembered(parts, performed);
  return performed[0];
}

function stepsOf(resource: AnyResource, part: Part, limit: number | undefined): { steps: readonly Step[]; titles: readonly string[] } {
  const { call, changes } = part;
  const guard = guardOf(part);
  const own = changes.flatMap(({ steps, title }) => (steps as readonly Step[]).map((step) => ({ step, title })));
  const proof = changes.length === 0 || isProofless(resource, call) ? [] : [lookStep(call, limit)];
  return { steps: [...guard, ...own.map(({ step }) => step), ...proof], titles: [...guard.map(() => "look again"), ...own.map(({ title }) => title), ...proof.map(() => "look again")] };
}

/** What a call came to by the answers for its steps; undefined when none of these was begun. */
function cameOf(resource: AnyResource, part: Part, { answers: all, failed }: Driven): Performed | undefined {
  const { call, changes, seen } = part;
  const answers = part.was ? all.slice(1) : all;
  const isHeld = !part.was || all.length > 1 || (all.length === 1 && !failed);
  if (changes.length === 0) return isHeld && all.length > 0 ? converged(resource, call, seen) : undefined;
  const remarks: string[] = [];
  const made: Change[] = [];
  let from = 0;
  for (const change of changes) {
    const own = answers.slice(from, (from += change.steps.length));
    const complete = own.length === change.steps.length && !(failed && from >= answers.length);
    conclude(call, change, complete ? "ok" : own.length > 0 ? "failed" : "not begun");
    if (!complete) continue;
    made.push(change);
    remarks.push(...remarkOf(change, own));
  }
  if (failed) return answers.length > 0 ? halfDone(call, failed, made) : undefined;
  const answer = answers.length > from ? answers.at(-1) : undefined;
  return done(resource, call, changes, answer ? { remarks, answer } : { remarks });
}

/** Only what was made is told as such; the step that failed may have changed something too. */
function halfDone(call: Call, failed: FailedStep, made: readonly Change[]): Performed {
  return { ...stepFailed(call, failed), changes: made.map(reportOf), alsoChanged: true };
}

/** The proof: what is seen now needs no change. */
function done(resource: AnyResource, call: Call, changes: readonly Change[], end: { remarks: readonly string[]; answer?: Answer }): Performed {
  const reports = changes.map(reportOf);
  if (!end.answer) return { status: "changed", changes: reports, ...told(end.remarks) };
  const again = attemptPlan(resource, call, end.answer);
  if ("problem" in again) return { status: "failed", changes: reports, alsoChanged: true, problem: again.problem };
  const { seen, changes: left } = again;
  if (left.length === 0) return { status: "changed", changes: reports, ...told([...end.remarks, ...worries(resource, call, seen)]), ...registeredData(resource, call.args, seen) };
  const problem = {
    code: "E_FAILED" as const,
    message: "did not converge: every step succeeded, but a second look finds that it is not so",
    at: call.task.at,
    expected: "no further change",
    seen: left.map((change) => change.title).join("; "),
    hint: "something else may be changing the same thing; look at it on the host",
  };
  return { status: "failed", changes: reports, alsoChanged: true, problem };
}

/** What the second look finds wrong does not undo that something was changed. */
function attemptPlan(resource: AnyResource, call: Call, answer: Answer): ReturnType<typeof planned> | { problem: Problem } {
  try {
    return planned(resource, call, answer);
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    return { problem: error.problems[0] };
  }
}

function isProofless(resource: AnyResource, { args }: Call): boolean {
  return typeof resource.proof === "object" || (resource.once?.(args) ?? false);
}

/** Written before the step is sent. Under no_log not even the title of a change is told, for it may hold what is hidden. */
function announce(call: Call, change: Change): void {
  const { task, engine, host, turn } = call;
  const where = { task: task.id, host: host.name };
  if (task.noLog) engine.ports.emit({ type: "step:start", ...where, change: redacted, undo: { impossible: "no_log hides what would take it back" } });
  else engine.ports.emit({ type: "step:start", ...where, ...shownItem(turn), change: change.title, undo: undoOf(change) });
}

function undoOf({ undo }: Change): Json {
  return "impossible" in undo ? { impossible: undo.impossible } : (JSON.parse(JSON.stringify(undo)) as Json);
}

function conclude({ task, engine, host }: Call, change: Change, came: "ok" | "failed" | "not begun"): void {
  const title = task.noLog ? redacted : change.title;
  engine.ports.emit({ type: "step:end", task: task.id, host: host.name, change: title, ok: came === "ok", ...(came === "not begun" ? { begun: false } : {}) });
}

function remarkOf(change: Change, answers: readonly Answer[]): string[] {
  const remark = change.remark?.(answers);
  return remark === undefined ? [] : [remark];
}

function reportOf(change: Change): ChangeReport {
  const { title, before, after, diff } = change;
  return { title, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }), ...(diff ? { diff } : {}) };
}
