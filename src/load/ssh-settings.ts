import type { Problem } from "../core/errors.ts";
import type { Definition } from "../core/scope.ts";
import { unknownSetting } from "../core/ssh-settings.ts";

/** Wrong keys of every `ssh:` that stands in an inventory or beside it: no host need be reached to tell. */
export function unknownSettings(definitions: readonly Definition[]): Problem[] {
  // A host of a range has the very value of the others.
  const maps = new Set(definitions.filter(({ name }) => name === "ssh").map(({ value }) => value));
  const entries = [...maps].flatMap((map) => (map.kind === "mapping" ? map.entries : []));
  return entries.flatMap(({ key, keyAt }) => {
    const problem = unknownSetting(key);
    return problem ? [{ ...problem, at: keyAt }] : [];
  });
}
