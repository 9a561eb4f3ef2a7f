import { BowlineError } from "../core/errors.ts";
import { nodeOf, plainOf } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Definition } from "../core/scope.ts";
import { GroupTree } from "./group-tree.ts";
import type { Inventory, InventoryGroup, InventoryHost } from "./inventory-model.ts";
import type { FolderVariables } from "./vars-folders.ts";

interface Group {
  readonly name: string;
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  readonly variables: Definition[];
  priority: number;
  /** A source describes it, and does not only name it as a child of another. */
  declared: boolean;
}

interface Host {
  readonly source: string;
  readonly groups: Set<string>;
  readonly variables: Definition[];
}

/** Names that stand for this machine where no inventory lists them. */
const implicitNames = ["localhost", "127.0.0.1", "::1"];

/** Hosts and groups while the sources are read. */
export class Groups {
  readonly #hosts = new Map<string, Host>();
  readonly #groups = new Map<string, Group>();
  readonly #warnings: string[] = [];
  #source = "";

  constructor() {
    this.declare("all");
    this.declare("ungrouped");
  }

  /** What is read from now on. */
  reading(source: string): void {
    this.#source = source;
  }

  warn(message: string): void {
    this.#warnings.push(message);
  }

  declare(name: string): void {
    this.#group(name).declared = true;
  }

  isDeclared(name: string): boolean {
    return this.#groups.get(name)?.declared ?? false;
  }

  addHost(name: string, group: string, variables: readonly Definition[]): void {
    const host = this.#hosts.get(name) ?? { source: this.#source, groups: new Set(), variables: [] };
    this.#hosts.set(name, host);
    host.groups.add(group);
    host.variables.push(...variables);
    this.#group(group).hosts.add(name);
  }

  addChild(parent: string, child: string, at: Position): void {
    if (child === "all") throw new BowlineError({ code: "E_INVENTORY", message: `all holds every group, so ${parent} cannot hold it`, at });
    this.#group(parent).children.add(child);
    this.#group(child);
    if (!this.#reaches(child, parent)) return;
    this.#group(parent).children.delete(child);
    throw new BowlineError({ code: "E_INVENTORY", message: `group ${child} would hold itself through ${parent}`, at, hint: "take one of them out of the other" });
  }

  /** `ansible_group_priority` is no variable: it says which of two groups of the same depth is stronger. */
  addVariables(name: string, variables: readonly Definition[]): void {
    const group = this.#group(name);
    for (const definition of variables) {
      if (definition.name === "ansible_group_priority") group.priority = priorityOf(definition);
      else group.variables.push(definition);
    }
  }

  hasHost(name: string): boolean {
    return this.#hosts.has(name);
  }

  groupNames(): string[] {
    return [...this.#groups.keys()];
  }

  /** The hosts whose variables a folder may hold: localhost need not be listed. */
  hostNames(): string[] {
    return [...new Set([...this.#hosts.keys(), ...implicitNames])];
  }

  /** Every definition of the sources. */
  definitions(): Definition[] {
    return [...this.#groups.values(), ...this.#hosts.values()].flatMap(({ variables }) => variables);
  }

  /** The inventory, when everything is read; of folders the later is stronger. */
  finish(sources: readonly string[], folders: readonly FolderVariables[]): Inventory {
    this.#claim();
    const tree = new GroupTree(this.#groups);
    const groups = new Map([...this.#groups.keys()].map((name) => [name, this.#hostsBelow(name, tree)]));
    const hostOf = this.#hostMaker(tree, folders);
    const hosts = new Map(groups.get("all")!.map((name) => [name, hostOf(name)]));
    const implicit = new Map(implicitNames.map((name) => [name, this.#implicitHost(name, folders)]));
    return {
      hosts,
      host: (name) => hosts.get(name) ?? implicit.get(name),
      groups,
      tree: new Map([...this.#groups.values()].map((group) => [group.name, describedGroup(group, folders)])),
      sources,
      warnings: [...this.#warnings, ...folders.flatMap(({ warnings }) => warnings), ...this.#namedTwice()],
    };
  }

  #group(name: string): Group {
    const known = this.#groups.get(name);
    if (known) return known;
    const group: Group = { name, hosts: new Set(), children: new Set(), variables: [], priority: 1, declared: false };
    this.#groups.set(name, group);
    return group;
  }

  #reaches(from: string, to: string): boolean {
    const seen = new Set([from]);
    for (const group of seen) for (const child of this.#groups.get(group)!.children) seen.add(child);
    return seen.has(to);
  }

  /** What no other group holds is held by `all`, hosts by way of `ungrouped`, which comes first. */
  #claim(): void {
    const all = this.#group("all");
    const claimed = new Set([...this.#groups.values()].filter((group) => group !== all).flatMap(({ children }) => [...children]));
    const unclaimed = [...this.#groups.keys()].filter((name) => name !== "all" && !claimed.has(name));
    const children = [...all.children].filter((name) => !claimed.has(name));
    all.children.clear();
    for (const name of ["ungrouped", ...children, ...unclaimed]) all.children.add(name);
    const ungrouped = this.#group("ungrouped");
    ungrouped.hosts.clear();
    for (const [name, { groups }] of this.#hosts) {
      groups.delete("ungrouped");
      if ([...groups].some((group) => group !== "all")) continue;
      groups.add("ungrouped");
      ungrouped.hosts.add(name);
    }
  }

  #hostsBelow(name: string, tree: GroupTree): string[] {
    return [...new Set(tree.below(name).flatMap((group) => [...this.#groups.get(group)!.hosts]))];
  }

  /** Hosts of the same groups share what these say. */
  #hostMaker(tree: GroupTree, folders: readonly FolderVariables[]): (name: string) => InventoryHost {
    const known = new Map<string, { groups: string[]; variables: readonly Definition[] }>();
    return (name) => {
      const { source, groups, variables } = this.#hosts.get(name)!;
      const key = [...groups].sort().join("\n");
      const holding = known.get(key) ?? this.#held(tree.holding(groups), folders);
      known.set(key, holding);
      return lazyHost({ name, source, groups: holding.groups }, () => [...holding.variables, ...variables, ...folders.flatMap((folder) => folder.hosts.get(name) ?? [])]);
    };
  }

  #held(names: readonly string[], folders: readonly FolderVariables[]): { groups: string[]; variables: readonly Definition[] } {
    const ofFolders = folders.flatMap((folder) => names.flatMap((name) => folder.groups.get(name) ?? []));
    return { groups: names.filter((name) => name !== "all"), variables: [...names.flatMap((name) => this.#groups.get(name)!.variables), ...ofFolders] };
  }

  /** As in Ansible: in no group, and yet what is said of `all` holds for it. */
  #implicitHost(name: string, folders: readonly FolderVariables[]): InventoryHost {
    const at = { file: `(implicit ${name})`, line: 1, column: 1 };
    const local: Definition = { name: "ansible_connection", value: nodeOf("local", at), level: "inventory host" };
    return lazyHost({ name, groups: [] }, () => [...this.#held(["all"], folders).variables, local, ...folders.flatMap((folder) => folder.hosts.get(name) ?? [])]);
  }

  #namedTwice(): string[] {
    return [...this.#groups.keys()].filter((name) => this.#hosts.has(name)).map((name) => `"${name}" is a group and a host; patterns mean the group`);
  }
}

function priorityOf({ value }: Definition): number {
  const priority = Number(plainOf(value));
  if (Number.isInteger(priority)) return priority;
  throw new BowlineError({ code: "E_INVENTORY", message: "ansible_group_priority must be a whole number", at: value.at, seen: String(plainOf(value)) });
}

function describedGroup({ name, hosts, children, variables }: Group, folders: readonly FolderVariables[]): InventoryGroup {
  return { name, hosts: [...hosts], children: [...children], variables: [...variables, ...folders.flatMap((folder) => folder.groups.get(name) ?? [])] };
}

function lazyHost(host: Omit<InventoryHost, "variables">, make: () => readonly Definition[]): InventoryHost {
  let made: readonly Definition[] | undefined;
  return {
    ...host,
    get variables() {
      return (made ??= make());
    },
  };
}
