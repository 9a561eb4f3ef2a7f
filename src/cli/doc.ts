import { BowlineError } from "../core/errors.ts";
import { suggestion } from "../core/suggest.ts";
import { describeText } from "../modules/describe.ts";
import { registry } from "../modules/registry.ts";
import { functionsText, functionText } from "../template/describe.ts";
import type { Cli } from "./cli.ts";

/** `doc --functions`, or one of them. */
export function docFunctions(name: string | undefined, cli: Cli): void {
  cli.terminal.write(name === undefined ? functionsText() : functionText(name));
}

/** `doc MODULE`, or the list of all modules. */
export function doc(name: string | undefined, cli: Cli): void {
  if (name === undefined) {
    const width = Math.max(...[...registry.keys()].map((each) => each.length));
    for (const module of registry.values()) cli.terminal.write(`${module.name.padEnd(width)}  ${module.summary}\n`);
    return;
  }
  const module = registry.get(name);
  if (!module) {
    const hint = suggestion(name, [...registry.keys()]);
    throw new BowlineError({ code: "E_OPTIONS", message: `there is no module "${name}"`, ...(hint ? { hint } : {}) });
  }
  cli.terminal.write(describeText(module));
}
