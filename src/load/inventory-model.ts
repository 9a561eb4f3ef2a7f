import type { Definition } from "../core/scope.ts";

/** A host with the groups that hold it (parents before children) and its variables, strongest last. */
export interface InventoryHost {
  readonly name: string;
  readonly groups: readonly string[];
  readonly variables: readonly Definition[];
}

export interface Inventory {
  readonly hosts: ReadonlyMap<string, InventoryHost>;
  /** Group to its hosts, children's included; `all` and `ungrouped` are there. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Absolute directories of the sources. */
  readonly sources: readonly string[];
  readonly children: ReadonlyMap<string, readonly string[]>;
}
