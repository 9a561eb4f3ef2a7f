import { BowlineError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { nodeOf, plainOf } from "../core/node.ts";
import { run, type Answer, type Step } from "../core/step.ts";
import type { ChangeReport } from "../events/event.ts";
import { toolProblem } from "../modules/_observe.ts";
import type { ArgsShape, Bound, Change, Resource, ResourceState } from "../modules/contract.ts";
import { placed, registeredData, stepFailed, type Call, type Performed } from "./call.ts";
import { canBatch, converse, sendBatch } from "./steps.ts";

type AnyResource = Resource<ArgsShape, unknown>;

/** Seconds after which a look at a host is given up; no module looks that long on purpose. */
const observeLimit = 120;

/** Observe, plan, apply, and observe again until the plan is empty; or as much of it as the mode asks for. */
export async function performResource(resource: AnyResource, call: Call): Promise<Performed> {
  const { mode } = call.engine.options;
  if (mode === "status") return lookAt(resource, call);
  const seen = await observed(resource, call.args, call);
  if ("failed" in seen) return seen.failed;
  const changes = planned(resource, call.args, seen.value, call);
  if (mode === "check") return predicted(resource, call, seen.value, changes);
  if (changes.length === 0) return { status: "ok", changes: [], ...registeredData(resource, call.args, seen.value) };
  return applied(resource, call, changes);
}

async function lookAt(resource: AnyResource, call: Call): Promise<Performed> {
  const seen = await observed(resource, call.args, call);
  if ("failed" in seen) return { ...seen.failed, status: "ok", state: stateOfFailure(resource, seen.failed) };
  return { status: "ok", changes: [], state: stateOf(resource, call.args, seen.value), ...registeredData(resource, call.args, seen.value) };
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

function stateOfFailure(resource: AnyResource, failed: Performed): ResourceState {
  return { state: "warn", label: resource.name, remarks: [failed.problem?.message ?? "could not be looked at"] };
}

/** One look. A tool that the host lacks, or a script that fails, is a failed task and not an observation. */
async function observed(resource: AnyResource, args: Bound<ArgsShape>, call: Call): Promise<{ value: unknown } | { failed: Performed }> {
  const step = run(resource.observe(args), { timeout: observeLimit, title: `look at ${resource.name}`, accept: everyCode });
  const { answers, failed } = await sendBatch([step], [resource.name], call.channel);
  if (failed) return { failed: stepFailed(call, failed) };
  return { value: parsed(resource, answers[0]!, args, call) };
}

/** A look may end with any code; parse judges it. */
const everyCode = Array.from({ length: 256 }, (_, code) => code);

function parsed(resource: AnyResource, answer: Answer, args: Bound<ArgsShape>, call: Call): unknown {
  const missing = toolProblem(answer);
  if (missing) throw placed(new BowlineError(missing), call.task);
  return withPlace(call, () => resource.parse(answer, args));
}

function planned(resource: AnyResource, args: Bound<ArgsShape>, seen: unknown, call: Call): readonly Change[] {
  return withPlace(call, () => resource.plan(args, seen));
}

function withPlace<Value>(call: Call, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw error instanceof BowlineError ? placed(error, call.task) : error;
  }
}

function predicted(resource: AnyResource, call: Call, seen: unknown, changes: readonly Change[]): Performed {
  const reports = changes.map(reportOf);
  return { status: changes.length === 0 ? "ok" : "changed", changes: reports, ...registeredData(resource, call.args, seen) };
}

/** All steps and the second look go in one round trip when no step needs an answer before the next. */
async function applied(resource: AnyResource, call: Call, changes: readonly Change[]): Promise<Performed> {
  const proofless = typeof resource.proof === "object";
  const batchable = changes.every((change) => canBatch(change.steps));
  const look = run(resource.observe(call.args), { timeout: observeLimit, title: `look at ${resource.name} again`, accept: everyCode });
  if (batchable) return appliedTogether(resource, call, changes, proofless ? [] : [look]);
  const remarks: string[] = [];
  for (const change of changes) {
    announce(call, change);
    const { answers, failed } = await converse(change.steps, change.title, call.channel);
    conclude(call, change, !failed);
    if (failed) return stepFailed(call, failed, changes.map(reportOf));
    remarks.push(...remarkOf(change, answers));
  }
  if (proofless) return done(resource, call, changes, { remarks });
  const { answers, failed } = await sendBatch([look], ["look again"], call.channel);
  return failed ? stepFailed(call, failed, changes.map(reportOf)) : done(resource, call, changes, { remarks, answer: answers[0]! });
}

async function appliedTogether(resource: AnyResource, call: Call, changes: readonly Change[], look: readonly Step[]): Promise<Performed> {
  const lists = changes.map((change) => change.steps as readonly Step[]);
  for (const change of changes) announce(call, change);
  const titles = [...lists.flatMap((steps, index) => steps.map(() => changes[index]!.title)), "look again"];
  const { answers, failed } = await sendBatch([...lists.flat(), ...look], titles, call.channel);
  const remarks: string[] = [];
  let from = 0;
  for (const [index, change] of changes.entries()) {
    const own = answers.slice(from, (from += lists[index]!.length));
    const complete = own.length === lists[index]!.length && !(failed && from >= answers.length);
    conclude(call, change, complete);
    if (complete) remarks.push(...remarkOf(change, own));
  }
  if (failed) return stepFailed(call, failed, changes.map(reportOf));
  const answer = look.length > 0 ? answers.at(-1) : undefined;
  return done(resource, call, changes, answer ? { remarks, answer } : { remarks });
}

/** The proof: what is seen now needs no change. */
function done(resource: AnyResource, call: Call, changes: readonly Change[], end: { remarks: readonly string[]; answer?: Answer }): Performed {
  const reports = changes.map(reportOf);
  const message = end.remarks.length > 0 ? { message: end.remarks.join("; ") } : {};
  if (!end.answer) return { status: "changed", changes: reports, ...message };
  const seen = parsed(resource, end.answer, call.args, call);
  const left = planned(resource, call.args, seen, call);
  if (left.length === 0) return { status: "changed", changes: reports, ...message, ...registeredData(resource, call.args, seen) };
  const problem = {
    code: "E_FAILED" as const,
    message: "did not converge: every step succeeded, but a second look finds that it is not so",
    at: call.task.at,
    expected: "no further change",
    seen: left.map((change) => change.title).join("; "),
    hint: "something else may be changing the same thing; look at it on the host",
  };
  return { status: "failed", changes: reports, problem };
}

function announce(call: Call, change: Change): void {
  const { task, engine, channel, item } = call;
  const undo: Json = "impossible" in change.undo ? { impossible: change.undo.impossible } : (JSON.parse(JSON.stringify(change.undo)) as Json);
  const itemPart = item === undefined ? {} : { item: asJson(item) };
  engine.ports.emit({ type: "step:start", task: task.id, host: channel.host.name, ...itemPart, change: change.title, undo: task.noLog ? null : undo });
}

function conclude(call: Call, change: Change, ok: boolean): void {
  call.engine.ports.emit({ type: "step:end", task: call.task.id, host: call.channel.host.name, change: change.title, ok });
}

function remarkOf(change: Change, answers: readonly Answer[]): string[] {
  const remark = change.remark?.(answers);
  return remark === undefined ? [] : [remark];
}

function reportOf(change: Change): ChangeReport {
  const { title, before, after, diff } = change;
  return { title, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }), ...(diff ? { diff } : {}) };
}

const nowhere = { file: "", line: 0, column: 0 };

/** A value of a template as plain JSON, whatever it is made of. */
export function asJson(value: unknown): Json {
  return plainOf(nodeOf(value, nowhere)) as Json;
}
