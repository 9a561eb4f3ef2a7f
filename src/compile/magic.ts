import { dirname, resolve } from "node:path";
import { nodeOf } from "../core/node.ts";
import type { Definition } from "../core/scope.ts";
import type { HostEntry } from "./program.ts";
import type { TagChoice } from "./tags.ts";

/** What the variables that Bowline itself makes are made from. */
export interface Surroundings {
  readonly playbook: { readonly path: string; readonly dir: string };
  readonly inventory: { readonly groups: ReadonlyMap<string, readonly string[]>; readonly sources: readonly string[] };
  readonly tags: TagChoice;
  readonly words: RunWords;
}

/** What was asked for on the command line, as far as variables tell of it. */
export interface RunWords {
  readonly checkMode: boolean;
  readonly diffMode: boolean;
  readonly limit?: string;
  readonly forks: number;
  readonly verbosity: number;
  readonly version: string;
}

/** Variables that are the same for every host and play. */
export function magicVariables({ playbook, inventory, tags, words }: Surroundings): Definition[] {
  const { checkMode, diffMode, limit, forks, verbosity, version } = words;
  const values = {
    playbook_dir: playbook.dir,
    inventory_dir: inventory.sources[0] ?? playbook.dir,
    ansible_inventory_sources: inventory.sources,
    groups: Object.fromEntries(inventory.groups),
    check_mode: checkMode,
    ansible_check_mode: checkMode,
    ansible_diff_mode: diffMode,
    ansible_run_tags: tags.tags.length > 0 ? tags.tags : ["all"],
    ansible_skip_tags: tags.skipTags,
    ...(limit === undefined ? {} : { ansible_limit: limit }),
    ansible_forks: forks,
    ansible_verbosity: verbosity,
    bowline_version: version,
    // Always the same, so that a file that names it changes with nothing but its own content.
    ansible_managed: "Managed by Bowline",
    // Null stands for an absent argument wherever one is bound.
    omit: null,
  };
  return magic(values, playbook.path);
}

/** A host of the inventory with the variables that tell it who it is, which inventory it comes from and, where nothing else is said, at what address. */
export function withOwnNames({ name, groups, variables, source }: HostEntry, playbook: string): HostEntry {
  // A list of names after -i is no file.
  const from = source === undefined || source.includes(",") ? {} : { inventory_file: resolve(source), inventory_dir: dirname(resolve(source)) };
  const reached: Definition[] = variables.some((each) => each.name === "ssh") ? [] : [{ name: "ansible_host", value: nodeOf(name, { file: playbook, line: 1, column: 1 }), level: "role defaults" }];
  const own = magic({ inventory_hostname: name, inventory_hostname_short: name.split(".")[0]!, group_names: groups.toSorted(), ...from }, playbook);
  return { name, groups, variables: [...reached, ...variables, ...own], ...(source === undefined ? {} : { source }) };
}

function magic(values: Readonly<Record<string, unknown>>, file: string): Definition[] {
  const at = { file, line: 1, column: 1 };
  return Object.entries(values).map(([name, value]) => ({ name, value: nodeOf(value, at), level: "magic" }));
}
