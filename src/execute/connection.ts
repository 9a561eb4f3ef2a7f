import { nodeOf } from "../core/node.ts";
import type { Definition, Level } from "../core/scope.ts";
import { sshSettings } from "../core/ssh-settings.ts";
import type { Context } from "../template/context.ts";

/** The variables that say how a host is reached. */
export const connectionNames: readonly string[] = ["ssh", "ansible_connection", "ansible_ssh_common_args", "ansible_ssh_extra_args", ...Object.values(sshSettings).flat()];

/** Those of them that are there, as they are now. */
export function connectionVariables(context: Context): Record<string, unknown> {
  return Object.fromEntries(connectionNames.filter((name) => context.has(name)).map((name) => [name, context.get(name)]));
}

/** They as definitions of a level. */
export function asDefinitions(values: Readonly<Record<string, unknown>>, level: Level): Definition[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: nodeOf(value, { file: "(playbook)", line: 1, column: 1 }), level }));
}
