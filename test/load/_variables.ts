import { plainOf } from "../../src/core/node.ts";
import { Scope } from "../../src/core/scope.ts";
import type { Inventory } from "../../src/load/inventory-model.ts";

/** The strongest definition of each variable of a host. */
export function variablesOf(inventory: Inventory, host: string): Record<string, unknown> {
  const scope = Scope.empty.with(inventory.host(host)!.variables);
  return Object.fromEntries(scope.names().map((name) => [name, plainOf(scope.get(name)!.value)]));
}

export function groupsOf(inventory: Inventory): Record<string, readonly string[]> {
  return Object.fromEntries(inventory.groups);
}
