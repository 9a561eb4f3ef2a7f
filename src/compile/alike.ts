import { isTemplated, type SourceNode } from "../core/node.ts";
import type { HostEntry } from "./program.ts";

/**
 * One host for all that a check of names cannot tell from each other: those with variables of the same names, of which
 * what holds templates is the very same text. A thousand hosts of one group are checked as one.
 */
export function unlike(hosts: readonly HostEntry[]): HostEntry[] {
  const ids = new Map<SourceNode, number>();
  const idOf = (node: SourceNode) => {
    const known = ids.get(node);
    if (known !== undefined) return known;
    const id = isTemplated(node) ? ids.size + 1 : 0;
    ids.set(node, id);
    return id;
  };
  const kinds = new Map<string, HostEntry>();
  for (const host of hosts) {
    const kind = host.variables.map(({ name, level, value }) => `${name} ${level} ${idOf(value)}`).join("\n");
    if (!kinds.has(kind)) kinds.set(kind, host);
  }
  return [...kinds.values()];
}
