import { BowlineError } from "../core/errors.ts";
import { shownOf } from "../core/node.ts";
import { suggestion } from "../core/suggest.ts";
import { loadInventory } from "../load/inventory.ts";
import type { Inventory } from "../load/inventory-model.ts";
import type { Cli } from "./cli.ts";
import { inventorySources } from "./inventory-sources.ts";
import type { KeyOptions } from "./key-options.ts";
import { keyringOf } from "./keys.ts";

/** What `bowline inventory` was asked. */
export interface InventoryOptions extends KeyOptions {
  readonly inventory: readonly string[];
  readonly list?: boolean;
  readonly graph?: boolean;
  readonly host?: string;
}

/** `inventory --list`, `--graph` or `--host NAME`; variables are shown as they are written, templates unrendered and secrets not at all. */
export async function inventory(options: InventoryOptions, cli: Cli): Promise<void> {
  const loaded = await loadInventory(inventorySources(options.inventory), process.cwd(), await keyringOf(options));
  const text = options.host !== undefined ? asJson(variablesOf(loaded, options.host)) : options.list ? asJson(listOf(loaded)) : graphOf(loaded);
  cli.terminal.write(`${text}\n`);
}

/** The JSON of `ansible-inventory --list`: groups with their own hosts and children, and all variables under _meta. */
function listOf(inventory: Inventory): Record<string, unknown> {
  const groups = [...inventory.groups.keys()].map((group) => {
    const hosts = ownHosts(inventory, group);
    const children = childrenOf(inventory, group);
    return [group, { ...(hosts.length > 0 ? { hosts } : {}), ...(children.length > 0 ? { children } : {}) }];
  });
  const hostvars = Object.fromEntries((inventory.groups.get("all") ?? []).map((host) => [host, variablesOf(inventory, host)]));
  return { _meta: { hostvars }, ...Object.fromEntries(groups) };
}

/** The tree of `ansible-inventory --graph`. */
function graphOf(inventory: Inventory): string {
  const branch = (group: string): string[] => {
    const children = childrenOf(inventory, group).flatMap(branch);
    const hosts = ownHosts(inventory, group).map((host) => `|--${host}`);
    return [`@${group}:`, ...[...prefixed(children), ...hosts].map((line) => `  ${line}`)];
  };
  return branch("all").join("\n");
}

function prefixed(lines: readonly string[]): string[] {
  return lines.map((line) => (line.startsWith("@") ? `|--${line}` : line.startsWith("  ") ? `|${line}` : line));
}

/** Every group but `all` has a parent; what no other group claims is a child of `all`. */
function childrenOf(inventory: Inventory, group: string): readonly string[] {
  const named = inventory.children.get(group) ?? [];
  if (group !== "all") return named;
  const claimed = new Set([...inventory.children].filter(([parent]) => parent !== "all").flatMap(([, children]) => children));
  const unclaimed = [...inventory.groups.keys()].filter((each) => each !== "all" && !claimed.has(each) && (each !== "ungrouped" || ownHosts(inventory, each).length > 0));
  return [...new Set([...named.filter((each) => !claimed.has(each)), ...unclaimed])];
}

/** The hosts of a group that none of its children holds. */
function ownHosts(inventory: Inventory, group: string): readonly string[] {
  if (group === "all") return [];
  const below = new Set((inventory.children.get(group) ?? []).flatMap((child) => inventory.groups.get(child) ?? []));
  return (inventory.groups.get(group) ?? []).filter((host) => !below.has(host));
}

function variablesOf(inventory: Inventory, name: string): Record<string, unknown> {
  const host = inventory.hosts.get(name);
  if (host) return Object.fromEntries(host.variables.map((definition) => [definition.name, shownOf(definition.value)]));
  const hint = suggestion(name, [...inventory.hosts.keys()]);
  throw new BowlineError({ code: "E_OPTIONS", message: `there is no host "${name}" in the inventory`, ...(hint ? { hint } : {}) });
}

function asJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
