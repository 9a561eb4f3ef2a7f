import type { Problem } from "../core/errors.ts";
import { unknownSetting } from "../core/ssh-settings.ts";
import type { Inventory } from "./inventory-model.ts";

/** Wrong keys of every `ssh:` that stands in an inventory or beside it, once each: no host need be reached to tell. */
export function unknownSettings({ hosts }: Inventory): Problem[] {
  const maps = new Set([...hosts.values()].flatMap(({ variables }) => variables.filter(({ name }) => name === "ssh").map(({ value }) => value)));
  const entries = [...maps].flatMap((map) => (map.kind === "mapping" ? map.entries : []));
  return entries.flatMap(({ key, keyAt }) => {
    const problem = unknownSetting(key);
    return problem ? [{ ...problem, at: keyAt }] : [];
  });
}
