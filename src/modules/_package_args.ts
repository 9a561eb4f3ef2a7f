import * as z from "zod";
import { boolean, integer, oneOf, optional, withDefault } from "./args.ts";
import type { Bound } from "./contract.ts";
import { lazily } from "./_lazy.ts";
import { managerNames } from "./_package_managers.ts";

/** Names of packages: a list, or one text with commas in it, as in Ansible. None begins as an option would. */
export function packageNames(words: string) {
  const error = "must be the name of a package";
  const split = (value: unknown) => (typeof value === "string" ? value.split(",").map((each) => each.trim()).filter(Boolean) : value);
  return z.preprocess(split, z.array(z.string(error).regex(/^[^\s,@=*?[\]-][^\s,=*?[\]]*(=[^\s,?[\]]+)?$/, error), "must be a list of names")).describe(words);
}

/** Ansible's other words stand for the same states. */
const states = { present: "present", installed: "present", absent: "absent", removed: "absent", latest: "latest" } as const;

export function stateOf(word: keyof typeof states): "present" | "absent" | "latest" {
  return states[word];
}

/** What every module of packages takes. */
export const sharedPackageArgs = lazily(() => ({
  name: withDefault(packageNames("The packages."), []),
  state: withDefault(oneOf(["present", "installed", "absent", "removed", "latest"], "Whether they are to be there; `latest` is the newest that the host's lists know."), "present"),
  update_cache: withDefault(boolean("Read anew what the repositories have before something is installed."), false),
  cache_valid_time: withDefault(integer("Seconds for which lists that were read are new enough; more than 0 means `update_cache` too.", { min: 0 }), 0),
}));

export const useArg = () => optional(oneOf(managerNames, "The package manager; without it, the one that the host has."));

/** Lists that are never new enough are read at each run. */
export function isDoneEachTime({ name, state, update_cache: update, cache_valid_time: valid }: Bound<typeof sharedPackageArgs>): boolean {
  return update && valid === 0 && (name.length === 0 || stateOf(state) === "latest");
}

/** Whether it matters how old the lists are. */
export function isAgeWanted({ update_cache: update, cache_valid_time: valid }: Pick<Bound<typeof sharedPackageArgs>, "update_cache" | "cache_valid_time">): boolean {
  return update || valid > 0;
}

/** What stands for the task in `status`. */
export function labelOf({ name }: Pick<Bound<typeof sharedPackageArgs>, "name">): string {
  return name.length === 0 ? "what the repositories have" : name.join(", ");
}
