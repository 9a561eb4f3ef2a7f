import type { ArgsShape, Control } from "../modules/contract.ts";
import { outcomeFailed, outcomeParts, type Call, type Performed } from "./call.ts";
import { pause } from "./pause.ts";

/** Controls that only make variables run in every mode, since later arguments may need them. */
export async function performControl(control: Control<ArgsShape>, call: Call): Promise<Performed> {
  const { mode, signal } = call.engine.options;
  if ((mode === "status" || mode === "down") && !control.freeKeys) return { status: "skipped", changes: [], message: `${control.name} has no part in ${mode}` };
  const outcome = control.act(call.args);
  for (const [name, value] of Object.entries(outcome.facts ?? {})) call.channel.host.set(name, value);
  if (outcome.wait?.seconds !== undefined && mode === "run") await pause(outcome.wait.seconds, signal);
  if (outcome.failed !== undefined) return outcomeFailed(call, outcome.failed, outcome);
  return { status: outcome.changed ? "changed" : "ok", changes: [], ...outcomeParts(outcome) };
}
