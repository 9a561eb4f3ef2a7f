import { existsSync } from "node:fs";
import { BowlineError } from "../core/errors.ts";

/** What was named with -i; else ./inventory, if there is one. */
export function inventorySources(named: readonly string[]): readonly string[] {
  if (named.length > 0) return named;
  if (existsSync("inventory")) return ["inventory"];
  throw new BowlineError({
    code: "E_OPTIONS",
    message: "no inventory was named, and there is none at ./inventory",
    hint: "name one with -i: a file, a directory, or host1,host2",
  });
}
