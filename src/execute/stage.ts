import type PQueue from "p-queue";
import type { Play, Task } from "../compile/program.ts";
import type { HostState } from "./host.ts";
import type { Hosts } from "./hosts.ts";
import type { Engine } from "./ports.ts";

/** What the plays of one run share. */
export interface Stage {
  readonly engine: Engine;
  readonly hosts: Hosts;
  /** Bounds how many hosts are at work at the same time. */
  readonly queue: PQueue;
  /** Whether no play behind this one names the host. */
  readonly isLast: (play: Play, host: string) => boolean;
  /** Stops what runs on every host; nothing further begins. */
  readonly stop: () => void;
}

/** The hosts of a play that still take part, in its order. */
export function activeHosts(play: Play, { hosts }: Pick<Stage, "hosts">): HostState[] {
  return play.hosts.map((name) => hosts.named(name)).filter((host) => host.standing === "active");
}

/** One task on many hosts, so many of them at once; resolves when all are done with it. What one of them throws ends the run for all. */
export async function onHosts(
  on: { play: Play; task: Task; hosts: readonly HostState[]; throttle?: PQueue },
  stage: Stage,
  work: (host: HostState) => Promise<unknown>,
): Promise<void> {
  const { engine, queue, stop } = stage;
  const { play, task, hosts, throttle } = on;
  const { signal } = engine.options;
  if (hosts.length === 0 || signal.aborted) return;
  engine.ports.emit({ type: "task:start", play: play.id, task: task.id });
  const jobs = hosts.map((host) => async () => (signal.aborted ? undefined : work(host)));
  try {
    // Each waits for its turn before it asks for one among all.
    await (throttle ? throttle.addAll(jobs.map((job) => () => queue.add(job))) : queue.addAll(jobs));
  } catch (error) {
    stop();
    await queue.onIdle();
    throw error;
  }
}
