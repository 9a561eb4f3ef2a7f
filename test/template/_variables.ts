import { nodeOf } from "../../src/core/node.ts";
import { Scope } from "../../src/core/scope.ts";
import type { Context } from "../../src/template/context.ts";
import type { Lookups } from "../../src/template/lookups.ts";
import { makeContext } from "../../src/template/render.ts";

const at = { file: "vars.yml", line: 1, column: 1 };

/** A context with these variables, as if a file had them. */
export function contextOf(variables: Readonly<Record<string, unknown>>, extras: Readonly<Record<string, unknown>> = {}, lookups?: Lookups): Context {
  const definitions = Object.entries(variables).map(([name, value]) => ({ name, value: nodeOf(value, at), level: "play vars" as const }));
  return makeContext(Scope.empty.with(definitions), extras, { lookups });
}
