import type { Play, Task } from "../compile/program.ts";
import { attempt } from "./attempt.ts";
import { numberOf, type TaskRun } from "./channel.ts";
import type { HostState } from "./host.ts";
import type { PlayRun } from "./play-run.ts";
import { onHosts } from "./stage.ts";

/** A part of a play on its way over some hosts. */
export interface Way {
  readonly run: PlayRun;
  /** The play, or what an include made of it for its own tasks. */
  readonly play: Play;
  readonly hosts: readonly HostState[];
  /** What the nearest `rescue` around waits for. */
  readonly rescue?: TaskRun["rescue"];
}

export function activeOf({ hosts }: Pick<Way, "hosts">): HostState[] {
  return hosts.filter((host) => host.standing === "active");
}

/** The work of a task on each host, `throttle` of them at once. */
export async function onEach(task: Task, { run, play, hosts }: Way, work: (host: HostState) => Promise<unknown>): Promise<void> {
  const throttle = task.throttle ? attempt(() => numberOf(task.throttle, hosts[0]!.context(play, task), 0)) : undefined;
  await onHosts({ play, task, hosts, ...(throttle ? { throttle: run.throttled(task, throttle) } : {}) }, run.stage, work);
}

export function taskRunOf(task: Task, host: HostState, { run, play, rescue }: Way): TaskRun {
  const { stage, handlers } = run;
  return { play, task, host, engine: stage.engine, hosts: stage.hosts, handlers, ...(rescue === undefined ? {} : { rescue }) };
}
