/** What the order of groups is made from. */
export interface TreeGroup {
  readonly name: string;
  readonly children: ReadonlySet<string>;
  /** `ansible_group_priority`: of groups of the same depth the greater one is stronger. */
  readonly priority: number;
}

/** Who holds whom among groups, the weakest first: a child is stronger than its parent, and of two equals the later name. */
export class GroupTree {
  readonly #groups: ReadonlyMap<string, TreeGroup>;
  readonly #parents = new Map<string, string[]>();
  readonly #depths = new Map<string, number>();
  readonly #above = new Map<string, ReadonlySet<string>>();
  readonly #rank: ReadonlyMap<string, number>;

  constructor(groups: ReadonlyMap<string, TreeGroup>) {
    this.#groups = groups;
    for (const { name, children } of groups.values()) for (const child of children) this.#parents.set(child, [...(this.#parents.get(child) ?? []), name]);
    const ordered = [...groups.values()].sort((left, right) => this.#depth(left.name) - this.#depth(right.name) || left.priority - right.priority || (left.name < right.name ? -1 : 1));
    this.#rank = new Map(ordered.map(({ name }, index) => [name, index]));
  }

  /** The groups above these and they themselves; `all` is always there. */
  holding(names: Iterable<string>): string[] {
    const found = new Set(["all", ...[...names].flatMap((name) => [...this.#holders(name)])]);
    return [...found].sort((left, right) => this.#rank.get(left)! - this.#rank.get(right)!);
  }

  /** A group, then its children, then theirs; each once. */
  below(name: string): string[] {
    const found = new Set([name]);
    for (const group of found) for (const child of this.#groups.get(group)!.children) found.add(child);
    return [...found];
  }

  /** `all` is 0, a group one more than its deepest parent. */
  #depth(name: string): number {
    const known = this.#depths.get(name);
    if (known !== undefined) return known;
    const depth = name === "all" ? 0 : 1 + Math.max(0, ...(this.#parents.get(name) ?? []).map((parent) => this.#depth(parent)));
    this.#depths.set(name, depth);
    return depth;
  }

  #holders(name: string): ReadonlySet<string> {
    const known = this.#above.get(name);
    if (known) return known;
    const found = new Set([name, ...(this.#parents.get(name) ?? []).flatMap((parent) => [...this.#holders(parent)])]);
    this.#above.set(name, found);
    return found;
  }
}
