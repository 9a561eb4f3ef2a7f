import { BowlineError } from "../core/errors.ts";
import { nodeOf } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Definition } from "../core/scope.ts";
import type { Inventory, InventoryHost } from "./inventory-model.ts";
import type { FolderVariables } from "./vars-folders.ts";

/** Hosts and groups while the sources are read. */
export class Groups {
  readonly #hosts = new Map<string, Definition[]>();
  readonly #members = new Map<string, Set<string>>([["all", new Set()], ["ungrouped", new Set()]]);
  readonly #children = new Map<string, Set<string>>([["all", new Set()]]);
  readonly #variables = new Map<string, Definition[]>();
  readonly #declared = new Set<string>(["all", "ungrouped"]);
  #implicit = false;

  addGroup(name: string): void {
    if (!this.#members.has(name)) this.#members.set(name, new Set());
    if (!this.#children.has(name)) this.#children.set(name, new Set());
  }

  /** A group that a source describes, not only names as a child of another. */
  declare(name: string): void {
    this.addGroup(name);
    this.#declared.add(name);
  }

  isDeclared(name: string): boolean {
    return this.#declared.has(name);
  }

  addHost(name: string, group: string, variables: readonly Definition[]): void {
    this.addGroup(group);
    this.#hosts.set(name, [...(this.#hosts.get(name) ?? []), ...variables]);
    this.#members.get(group)!.add(name);
  }

  addChild(parent: string, child: string, at: Position): void {
    this.addGroup(parent);
    this.addGroup(child);
    this.#children.get(parent)!.add(child);
    if (this.#reaches(child, parent)) throw new BowlineError({ code: "E_INVENTORY", message: `group ${child} would hold itself through ${parent}`, at });
  }

  addVariables(group: string, variables: readonly Definition[]): void {
    this.addGroup(group);
    this.#variables.set(group, [...(this.#variables.get(group) ?? []), ...variables]);
  }

  hostNames(): string[] {
    return [...this.#hosts.keys()];
  }

  hasHost(name: string): boolean {
    return this.#hosts.has(name);
  }

  /** As in Ansible, `localhost` can be named without being in an inventory; `all` does not hold it. */
  implicitLocalhost(): void {
    const at = { file: "(implicit localhost)", line: 1, column: 1 };
    this.#hosts.set("localhost", [{ name: "ansible_connection", value: nodeOf("local", at), level: "inventory host" }]);
    this.#implicit = true;
  }

  finish(sources: readonly string[], folders: readonly FolderVariables[]): Inventory {
    const listed = this.hostNames().filter((name) => !(this.#implicit && name === "localhost"));
    const grouped = new Set([...this.#members].filter(([group]) => group !== "all" && group !== "ungrouped").flatMap(([, hosts]) => [...hosts]));
    this.#members.set("all", new Set(listed));
    this.#members.set("ungrouped", new Set(listed.filter((name) => !grouped.has(name))));
    const groups = new Map([...this.#members.keys()].map((group) => [group, this.#allHosts(group, listed)]));
    const depth = this.#depths();
    const hosts = this.hostNames().map((name) => [name, this.#host(name, groups, depth, folders)] as const);
    const children = new Map([...this.#children].map(([group, inner]) => [group, [...inner]]));
    return { hosts: new Map(hosts), groups, sources, children };
  }

  #host(name: string, groups: ReadonlyMap<string, readonly string[]>, depth: ReadonlyMap<string, number>, folders: readonly FolderVariables[]): InventoryHost {
    const own = [...groups].filter(([, hosts]) => hosts.includes(name)).map(([group]) => group);
    const ordered = own.sort((left, right) => (depth.get(left) ?? 1) - (depth.get(right) ?? 1) || (left < right ? -1 : 1));
    const ofGroups = ordered.flatMap((group) => [...(this.#variables.get(group) ?? []), ...folders.flatMap((folder) => folder.groups.get(group) ?? [])]);
    const ofHost = [...(this.#hosts.get(name) ?? []), ...folders.flatMap((folder) => folder.hosts.get(name) ?? [])];
    return { name, groups: ordered.filter((group) => group !== "all"), variables: [...ofGroups, ...ofHost] };
  }

  #allHosts(group: string, order: readonly string[]): string[] {
    const names = new Set(this.#members.get(group));
    for (const child of this.#children.get(group) ?? []) for (const name of this.#allHosts(child, order)) names.add(name);
    return order.filter((name) => names.has(name));
  }

  /** `all` is 0, a group one more than its deepest parent: children's variables are stronger. */
  #depths(): Map<string, number> {
    const depth = new Map<string, number>([["all", 0], ["ungrouped", 1]]);
    const place = (group: string, level: number): void => {
      if ((depth.get(group) ?? 0) >= level && group !== "all") return;
      depth.set(group, level);
      for (const child of this.#children.get(group) ?? []) place(child, level + 1);
    };
    for (const group of this.#members.keys()) if (group !== "all" && group !== "ungrouped") place(group, 1);
    return depth;
  }

  #reaches(from: string, to: string): boolean {
    return from === to || [...(this.#children.get(from) ?? [])].some((child) => this.#reaches(child, to));
  }
}
