import type { Play, Reach, Task } from "../compile/program.ts";
import type { Context } from "../template/context.ts";
import { render } from "../template/render.ts";
import { connectionNames } from "./connection.ts";
import type { HostState } from "./host.ts";

/** What the playbook says about the way to a machine. */
export interface Ways {
  /** Its keywords, to which the inventory is preferred. */
  readonly weak: Readonly<Record<string, unknown>>;
  /** Its variables, which are preferred to those of the inventory. */
  readonly strong: Readonly<Record<string, unknown>>;
}

/** `connection`, `port` and `remote_user`, and the variables of plays, roles, blocks and tasks that say how a host is reached; of the machine itself what set_fact set, too. */
export function waysOf({ play, task, host }: { play: Play; task: Task; host: HostState }, context: Context, target: HostState): Ways {
  const said = host.overruled(connectionNames, play, task).map((name) => [name, context.get(name)] as const);
  return { weak: keywordsOf(task.reach, context), strong: { ...Object.fromEntries(said), ...target.setAmong(connectionNames) } };
}

function keywordsOf({ connection, port, user }: Reach, context: Context): Record<string, unknown> {
  const ways = { ansible_connection: connection, ansible_port: port, ansible_user: user };
  const given = Object.entries(ways).flatMap(([name, node]) => (node ? [[name, render(node, context)] as const] : []));
  return Object.fromEntries(given.filter(([, value]) => typeof value === "string" || typeof value === "number"));
}
