import { shownOf, type SourceNode } from "../core/node.ts";
import { Scope, type Definition } from "../core/scope.ts";
import type { Inventory, InventoryHost } from "../load/inventory-model.ts";

/** An inventory as a command shows it. */
export interface Shown {
  readonly inventory: Inventory;
  /** What --limit leaves. */
  readonly allows: (host: string) => boolean;
  /** What was given with -e. */
  readonly extra: readonly Definition[];
}

/** The variables of a host, the strongest definition of each, as they are written. */
export function shownVariables({ extra }: Pick<Shown, "extra">, { variables }: Pick<InventoryHost, "variables">): Record<string, unknown> {
  const scope = Scope.empty.with(variables).with(extra);
  return Object.fromEntries(scope.names().map((name) => [name, shownValue(scope.get(name)!.value)]));
}

/** A value as it is written, for people: no secret. */
export function shownValue(node: SourceNode): unknown {
  return shownOf(node);
}
