import { BowlineError } from "../core/errors.ts";
import { joinScripts, sh, type Script } from "../core/sh.ts";
import { run, type RunStep, type Step } from "../core/step.ts";
import type { Action, ArgsShape } from "../modules/contract.ts";
import { startJob } from "../modules/_job.ts";
import { stepFailed, type Call, type Performed } from "./call.ts";
import { numberOf } from "./channel.ts";
import { canBatch, sendBatch } from "./steps.ts";

/** Whether a task is to be left at work: `async` with `poll: 0`. */
export function isDetached({ task, host, play }: Call): boolean {
  return task.async !== undefined && task.poll !== undefined && numberOf(task.poll, host.context(play, task), 15) === 0;
}

/** Starts an action as a job of its own, which `async_status` asks for later; whether it succeeds nobody knows yet. */
export async function detach(action: Action<ArgsShape>, call: Call): Promise<Performed> {
  const { task, host, play, args, channel, engine, turn } = call;
  const seconds = numberOf(task.async, host.context(play, task), 0);
  const jid = [engine.options.run, task.id, host.name.replace(/[^A-Za-z0-9-]/g, "-").slice(0, 40), ...(turn ? [turn.index] : [])].join(".");
  const script = startJob(jid, wholeOf(action, args, call), seconds);
  engine.kept.drop(channel.host.line);
  const { failed } = await sendBatch([run(script, { title: `start job ${jid}`, trusted: true })], [task.name], { ...channel, deadline: undefined });
  if (failed) return stepFailed(call, failed);
  return { status: "changed", changes: [], message: `left at work as job ${jid}`, data: { ansible_job_id: jid, started: true, finished: false } };
}

/** What the action would do, as one script. */
function wholeOf(action: Action<ArgsShape>, args: Call["args"], { task }: Call): Script {
  const steps = action.steps(args);
  if (canBatch(steps) && steps.every((step): step is Step & RunStep => step.kind === "run")) return joinScripts(steps.map(partOf));
  throw new BowlineError({ code: "E_ARGS", message: `${action.name} cannot be left at work: it talks with the host while it runs`, at: task.poll!.at, hint: "leave poll: out, and async: bounds its time" });
}

/** One that fails ends the job. */
function partOf({ script, stdin }: RunStep): Script {
  return stdin === undefined ? sh`( ${script} ) || exit` : sh`printf %s ${Buffer.from(stdin).toString("utf8")} | ( ${script} ) || exit`;
}
