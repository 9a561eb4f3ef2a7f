import type { Problem } from "../core/errors.ts";
import { sshSettings } from "../core/ssh-settings.ts";
import { suggestion } from "../core/suggest.ts";
import type { Inventory } from "./inventory-model.ts";

/** Wrong keys of every `ssh:` that stands in an inventory or beside it, once each: no host need be reached to tell. */
export function unknownSettings({ hosts }: Inventory): Problem[] {
  const known = Object.keys(sshSettings);
  const maps = new Set([...hosts.values()].flatMap(({ variables }) => variables.filter(({ name }) => name === "ssh").map(({ value }) => value)));
  return [...maps].flatMap((map) =>
    map.kind !== "mapping"
      ? []
      : map.entries
          .filter(({ key }) => !known.includes(key))
          .map(({ key, keyAt }) => ({ code: "E_INVENTORY" as const, message: `"${key}" is not a key of ssh:`, at: keyAt, expected: known.join(", "), ...hintFor(key, known) })),
  );
}

function hintFor(key: string, known: readonly string[]): { hint?: string } {
  const hint = suggestion(key, known);
  return hint === undefined ? {} : { hint };
}
