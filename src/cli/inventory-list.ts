import { shownVariables, type Shown } from "./inventory-values.ts";

/** The JSON of `ansible-inventory --list`: groups with their own hosts and children, and all variables under _meta. */
export function listOf(shown: Shown): Record<string, unknown> {
  const { inventory } = shown;
  const groups = [...inventory.tree.values()].map((group) => {
    const hosts = hostsIn(shown, group.name);
    const children = childrenIn(shown, group.name);
    return [group.name, { ...(hosts.length > 0 ? { hosts } : {}), ...(children.length > 0 ? { children } : {}) }];
  });
  const hostvars = [...inventory.hosts.values()].filter(({ name }) => shown.allows(name)).map((host) => [host.name, shownVariables(shown, host)]);
  return { _meta: { hostvars: Object.fromEntries(hostvars) }, ...Object.fromEntries(groups) };
}

/** The YAML of `ansible-inventory --list --yaml`: an inventory again, in which each host has its variables where it stands first. */
export function treeOf(shown: Shown): Record<string, unknown> {
  const seen = new Set<string>();
  const once = (name: string, make: () => Record<string, unknown>) => (seen.has(name) ? {} : (seen.add(name), make()));
  const branch = (group: string): Record<string, unknown> => {
    const hosts = hostsIn(shown, group).map((name) => [name, once(`host ${name}`, () => shownVariables(shown, shown.inventory.hosts.get(name)!))]);
    const children = childrenIn(shown, group).map((name) => [name, once(`group ${name}`, () => branch(name))]);
    return { ...(hosts.length > 0 ? { hosts: Object.fromEntries(hosts) } : {}), ...(children.length > 0 ? { children: Object.fromEntries(children) } : {}) };
  };
  return { all: branch("all") };
}

/** The hosts that a group holds itself; `all` holds them by way of other groups. */
export function hostsIn({ inventory, allows }: Shown, group: string): readonly string[] {
  return group === "all" ? [] : inventory.tree.get(group)!.hosts.filter(allows);
}

/** Without an `ungrouped` that is empty. */
export function childrenIn({ inventory }: Shown, group: string): readonly string[] {
  return inventory.tree.get(group)!.children.filter((name) => name !== "ungrouped" || inventory.tree.get(name)!.hosts.length > 0);
}
