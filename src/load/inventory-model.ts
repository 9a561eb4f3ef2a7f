import type { Definition } from "../core/scope.ts";

/** A host with the groups that hold it (parents before children, without `all`) and its variables, strongest last. */
export interface InventoryHost {
  readonly name: string;
  readonly groups: readonly string[];
  /** Made when it is first asked for. Each level is in order; {@link Scope} puts the levels in theirs. */
  readonly variables: readonly Definition[];
  /** The file, script or list that named the host first, as it was given; undefined for an implicit localhost. */
  readonly source?: string;
}

/** A group as somebody described it: what it holds itself, and not through others. */
export interface InventoryGroup {
  readonly name: string;
  readonly hosts: readonly string[];
  /** Those of `all` are the groups that no other group claims. */
  readonly children: readonly string[];
  /** What the sources, group_vars/ beside them and group_vars/ beside the playbook say about this group itself. */
  readonly variables: readonly Definition[];
}

export interface Inventory {
  /** The hosts of `all`, in its order. */
  readonly hosts: ReadonlyMap<string, InventoryHost>;
  /** One of the hosts; or localhost, 127.0.0.1 or ::1, which can be named without being listed. */
  readonly host: (name: string) => InventoryHost | undefined;
  /**
   * Group to its hosts, children's included; `all` and `ungrouped` are there. The order is Ansible's: a group's own
   * hosts as they were written, then those of its children, then those of theirs.
   */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly tree: ReadonlyMap<string, InventoryGroup>;
  /** Absolute directories of the sources; a list of names has none. */
  readonly sources: readonly string[];
  /** What a person should know and what stops nothing. */
  readonly warnings: readonly string[];
}
