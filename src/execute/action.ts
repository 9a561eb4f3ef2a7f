import type { Action, ArgsShape } from "../modules/contract.ts";
import { outcomeFailed, outcomeParts, shownStep, stepFailed, unknown, type Call, type Performed } from "./call.ts";
import { canBatch, converse, sendBatch, type Driven } from "./steps.ts";

/** Runs an action; in check mode only when it changes nothing, in status and down not at all. */
export async function performAction(action: Action<ArgsShape>, call: Call): Promise<Performed> {
  const { mode } = call.engine.options;
  const readOnly = action.readOnly?.(call.args) ?? false;
  if (mode === "status" || mode === "down") return { status: "skipped", changes: [], message: `${action.name} has no part in ${mode}` };
  const done = await probed(action, call);
  if (done) return done;
  if (mode === "check" && !readOnly) return unknown(call, `what ${action.name} does is known only when it runs`);
  const steps = action.steps(call.args);
  const driven = canBatch(steps) ? await sendBatch(steps, steps.map(() => call.task.name), call.channel) : await converse(steps, call.task.name, call.channel);
  return actionResult(action, call, driven);
}

function actionResult(action: Action<ArgsShape>, call: Call, driven: Driven): Performed {
  if (driven.failed && driven.failed.reason !== "exit code") return stepFailed(call, driven.failed);
  const outcome = action.outcome(call.args, driven.answers);
  if (outcome.failed !== undefined) {
    const failedStepPart = driven.failed ? { failedStep: shownStep(driven.failed) } : {};
    return { ...outcomeFailed(call, outcome.failed, outcome), ...failedStepPart };
  }
  if (driven.failed) return { ...stepFailed(call, driven.failed), ...outcomeParts(outcome) };
  return { status: outcome.changed ? "changed" : "ok", changes: [], ...outcomeParts(outcome) };
}

/** `creates` and its like: exit code 0 says that there is nothing to do. */
async function probed(action: Action<ArgsShape>, call: Call): Promise<Performed | undefined> {
  const script = action.probe?.(call.args);
  if (!script) return undefined;
  const { answers, failed } = await sendBatch([{ kind: "run", script, accept: [0, 1], timeout: 60 }], ["probe"], call.channel);
  if (failed) return stepFailed(call, failed);
  const [answer] = answers;
  if (answer?.code !== 0) return undefined;
  const message = answer.stdout.trim().split("\n").at(-1) || "nothing to do";
  return { status: "ok", changes: [], message, data: { skipped: true } };
}
