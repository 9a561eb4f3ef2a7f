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
  try {
    await eachInTurn(hosts, { lanes: throttle?.concurrency ?? queue.concurrency, signal }, (host) => {
      const job = () => queue.add(() => (signal.aborted ? undefined : work(host)));
      // Each waits for its turn before it asks for one among all.
      return throttle ? throttle.add(job) : job();
    });
  } catch (error) {
    stop();
    await queue.onIdle();
    throw error;
  }
}

/**
 * So many at the same time, the first host first. A list of jobs for a thousand hosts, and of what each came to, would be
 * held until the last one is done; here only those that are at work are.
 */
async function eachInTurn(hosts: readonly HostState[], { lanes, signal }: { lanes: number; signal: AbortSignal }, work: (host: HostState) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < hosts.length && !signal.aborted) {
      const host = hosts[next++]!;
      await work(host);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, hosts.length) }, lane));
}
