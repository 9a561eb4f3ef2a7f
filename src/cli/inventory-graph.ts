import { childrenIn, hostsIn } from "./inventory-list.ts";
import { shownVariables, type Shown } from "./inventory-values.ts";

/** Where the tree begins, and whether it shows variables. */
export interface GraphStyle {
  readonly group: string;
  readonly vars: boolean;
}

/** The tree of `ansible-inventory --graph`: groups with an @, hosts, and variables in braces. */
export function graphOf(shown: Shown, { group: root, vars }: GraphStyle): string {
  const { inventory } = shown;
  const variables = (depth: number, values: Record<string, unknown>) =>
    vars ? Object.entries(values).sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, value]) => line(depth, `{${name} = ${textOf(value)}}`)) : [];
  const branch = (name: string, depth: number): string[] => {
    const hosts = hostsIn(shown, name).flatMap((host) => [line(depth + 1, host), ...variables(depth + 2, shownVariables(shown, inventory.hosts.get(host)!))]);
    const children = childrenIn(shown, name).flatMap((child) => branch(child, depth + 1));
    return [line(depth, `@${name}:`), ...children, ...hosts, ...variables(depth + 1, shownVariables({ extra: [] }, inventory.tree.get(name)!))];
  };
  return branch(root, 0).join("\n");
}

function line(depth: number, text: string): string {
  return depth === 0 ? text : `${"  |".repeat(depth)}--${text}`;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
