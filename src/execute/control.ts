import { BowlineError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { ArgsShape, Control, Wait } from "../modules/contract.ts";
import { extrasOf, outcomeFailed, outcomeParts, type Call, type Performed } from "./call.ts";
import { delegateOf, flagOf } from "./channel.ts";
import { includeVariables } from "./include-vars.ts";
import { pause } from "./pause.ts";

/** Controls that only make variables run in every mode, since later arguments may need them. */
export async function performControl(control: Control<ArgsShape>, call: Call): Promise<Performed> {
  const { mode } = call.engine.options;
  if (control.name === "include_vars") return includeVariables(call);
  if ((mode === "status" || mode === "down") && !control.freeKeys) return { status: "skipped", changes: [], message: `${control.name} has no part in ${mode}` };
  if (!control.act) throw new BowlineError({ code: "E_BUG", message: `${control.name} was taken for a task`, at: call.task.at });
  const outcome = control.act(call.args);
  learn(call, outcome.facts ?? {});
  const typed = mode === "run" && outcome.wait ? await waited(outcome.wait, call) : {};
  if (outcome.failed !== undefined) return outcomeFailed(call, outcome.failed, outcome);
  return { status: outcome.changed ? "changed" : "ok", changes: [], ...outcomeParts(outcome.data || Object.keys(typed).length > 0 ? { ...outcome, data: { ...outcome.data, ...typed } } : outcome) };
}

/** So much time, or a line from a person, who may do something meanwhile; where nobody can be asked that is said, and the play goes on. */
async function waited({ seconds, prompt, echo = true }: Wait, { engine, host }: Call): Promise<JsonObject> {
  const { ask, signal } = engine.options;
  if (seconds !== undefined) {
    await pause(seconds, signal);
    engine.kept.drop(host.line);
    return {};
  }
  if (ask) {
    const typed = await ask(prompt ?? "Enter goes on", echo);
    engine.kept.drop(host.line);
    if (!echo) engine.ports.redactor.add(typed);
    return { user_input: typed };
  }
  engine.ports.emit({ type: "warning", host: host.name, message: `nobody can be asked, so the play goes on: ${prompt ?? "pause"}` });
  return {};
}

/** With `delegate_facts` it is the other host that learns them. */
function learn({ play, task, host, hosts, turn }: Call, facts: JsonObject): void {
  const context = host.context(play, task, extrasOf(turn));
  const other = task.delegateFacts && flagOf(task.delegateFacts, context) ? delegateOf(task, context) : undefined;
  const learner = other === undefined ? host : hosts.named(other);
  for (const [name, value] of Object.entries(facts)) learner.set(name, value);
}
