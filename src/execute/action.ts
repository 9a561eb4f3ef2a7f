import { BowlineError } from "../core/errors.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { toolProblem } from "../modules/_observe.ts";
import type { Action, ArgsShape, Outcome } from "../modules/contract.ts";
import { openChange, sendChange } from "./behind.ts";
import { outcomeFailed, outcomeParts, placed, shownStep, stepFailed, unknown, type Call, type Performed } from "./call.ts";
import { delegateOf, flagOf } from "./channel.ts";
import { detach, isDetached } from "./detached.ts";
import { canBatch, converse, sendBatch, type Driven, type FailedStep } from "./steps.ts";

/** Runs an action; in check mode only when it changes nothing, in status and down not at all. */
export async function performAction(action: Action<ArgsShape>, call: Call): Promise<Performed> {
  const { mode } = call.engine.options;
  const readOnly = action.readOnly?.(call.args) ?? false;
  if (mode === "status" || mode === "down") return { status: "skipped", changes: [], message: `${action.name} has no part in ${mode}` };
  const done = await probed(action, call);
  if (done) return done;
  if (mode === "check" && !readOnly) return unknown(call, `what ${action.name} does is known only when it runs`);
  if (isDetached(call)) return detach(action, call);
  return actionResult(action, call, await driven(action, call));
}

/** One that only reads may wait for something, so after it too what was seen before is old. */
async function driven(action: Action<ArgsShape>, call: Call): Promise<Driven> {
  const { args, task, channel } = call;
  const steps = action.steps(args);
  const opened = await openChange(call);
  try {
    return canBatch(steps) ? await sendChange(opened, steps, steps.map(() => task.name), call) : await converse(steps, task.name, channel);
  } finally {
    opened.close();
  }
}

function actionResult(action: Action<ArgsShape>, call: Call, driven: Driven): Performed {
  demandTools(call, driven);
  tellOmitted(call, driven);
  if (driven.failed && driven.failed.reason !== "exit code") return stopped(action, call, driven.failed);
  const outcome = action.outcome(call.args, driven.answers);
  learned(call, outcome);
  if (outcome.failed !== undefined) {
    const failedStepPart = driven.failed ? { failedStep: shownStep(driven.failed) } : {};
    return { ...outcomeFailed(call, outcome.failed, outcome), ...failedStepPart };
  }
  if (driven.failed) return { ...stepFailed(call, driven.failed), ...outcomeParts(outcome) };
  return { status: outcome.changed ? "changed" : "ok", changes: [], ...outcomeParts(outcome) };
}

/** A result that has not all of an output says so, and a person is told, whatever becomes of the result. */
function tellOmitted({ host, engine }: Call, { answers }: Driven): void {
  for (const { omitted } of answers) {
    for (const stream of ["stdout", "stderr"] as const) {
      if (!omitted || omitted[stream] === 0) continue;
      const message = `${omitted[stream]} bytes in the middle of ${stream} were left out of the result: only both ends of so long an output are kept`;
      engine.ports.emit({ type: "warning", host: host.name, message, hint: "let the host write it to a file, and fetch what you need of it" });
    }
  }
}

/** What `setup` and its like observed is known from then on. */
function learned({ host, task, play, hosts }: Call, { data }: Outcome): void {
  const { facts, ansible_facts: names } = data ?? {};
  if (!isObject(facts) || !isObject(names)) return;
  const context = host.context(play, task);
  const other = flagOf(task.delegateFacts, context) ? delegateOf(task, context) : undefined;
  (other === undefined ? host : hosts.named(other)).observe({ facts, ansible_facts: names });
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What was stopped half-way may have changed something. */
function stopped(action: Action<ArgsShape>, call: Call, failed: FailedStep): Performed {
  const readOnly = action.readOnly?.(call.args) ?? false;
  return { ...stepFailed(call, failed), ...(readOnly ? {} : { alsoChanged: true }) };
}

/** `creates` and its like: exit code 0 says that there is nothing to do. */
async function probed(action: Action<ArgsShape>, call: Call): Promise<Performed | undefined> {
  const script = action.probe?.(call.args);
  if (!script) return undefined;
  const { answers, failed } = await sendBatch([{ kind: "run", script, accept: [0, 1], timeout: 60, trusted: true, silent: true }], ["probe"], call.channel);
  demandTools(call, { answers });
  if (failed) return stepFailed(call, failed);
  const [answer] = answers;
  if (answer?.code !== 0) return undefined;
  const message = answer.stdout.trim().split("\n").at(-1) || "nothing to do";
  return { status: "ok", changes: [], message, ...(action.idle ? { data: action.idle(call.args, message) } : {}) };
}

/** A tool that the host lacks is another failure than one that the tool reports. */
function demandTools(call: Call, { answers }: Driven): void {
  const missing = answers.map(toolProblem).find((problem) => problem !== undefined);
  if (missing) throw placed(new BowlineError(missing), call.task);
}
