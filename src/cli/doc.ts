import { BowlineError } from "../core/errors.ts";
import { suggestion } from "../core/suggest.ts";
import type { Module } from "../modules/contract.ts";
import { describeData, describeSnippet, describeText } from "../modules/describe.ts";
import { registry } from "../modules/registry.ts";
import { functionsText, functionText } from "../template/describe.ts";
import type { Cli } from "./cli.ts";

/** `doc --functions`, or one of them. */
export function docFunctions(name: string | undefined, cli: Cli): void {
  cli.terminal.write(name === undefined ? functionsText() : functionText(name));
}

/** `doc --json`: a module, or all of them, as data. */
export function docData(name: string | undefined, cli: Cli): void {
  const data = name === undefined ? [...registry.values()].map(describeData) : describeData(moduleNamed(name));
  cli.terminal.write(`${JSON.stringify(data, null, 2)}\n`);
}

/** `doc --snippet MODULE`: a task to begin with. */
export function docSnippet(name: string | undefined, cli: Cli): void {
  if (name === undefined) throw new BowlineError({ code: "E_OPTIONS", message: "--snippet needs a module", hint: "bowline doc --snippet copy" });
  cli.terminal.write(describeSnippet(moduleNamed(name)));
}

/** `doc MODULE`, or the list of all modules. */
export function doc(name: string | undefined, cli: Cli): void {
  if (name === undefined) {
    const width = Math.max(...[...registry.keys()].map((each) => each.length));
    for (const module of registry.values()) cli.terminal.write(`${module.name.padEnd(width)}  ${module.summary}\n`);
    return;
  }
  cli.terminal.write(describeText(moduleNamed(name)));
}

function moduleNamed(name: string): Module {
  const module = registry.get(name);
  if (module) return module;
  const hint = suggestion(name, [...registry.keys()]);
  throw new BowlineError({ code: "E_OPTIONS", message: `there is no module "${name}"`, ...(hint ? { hint } : {}) });
}
