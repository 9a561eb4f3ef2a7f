import PQueue from "p-queue";
import type { Play, Program, Task } from "../compile/program.ts";
import { bringDown } from "./down.ts";
import { HostState } from "./host.ts";
import type { Engine, Ports, RunOptions } from "./ports.ts";
import { activeHosts, type Stage } from "./stage.ts";
import { runTask } from "./task.ts";

/**
 * Runs a program on its hosts, play by play and task by task: every host of a play is done with a task before the next
 * begins, `forks` hosts at a time; a host that failed leaves the play. Everything that happens is emitted; resolves
 * when all connections are closed, with the round trips that each host cost.
 */
export async function execute(program: Program, ports: Ports, options: RunOptions): Promise<Record<string, number>> {
  const engine: Engine = { ports, options };
  const hosts = new Map(Object.values(program.hosts).map((entry) => [entry.name, new HostState(entry, program, engine)]));
  const stage: Stage = { engine, hosts, queue: new PQueue({ concurrency: options.forks }) };
  try {
    const plays = options.mode === "down" ? program.plays.toReversed() : program.plays;
    for (const play of plays) await runPlay(play, stage);
  } finally {
    await Promise.all([...hosts.values()].map((host) => host.close()));
  }
  const counts = await Promise.all([...hosts.values()].map(async (host) => [host.name, await host.roundTrips()] as const));
  return Object.fromEntries(counts);
}

async function runPlay(play: Play, stage: Stage): Promise<void> {
  const { engine } = stage;
  engine.ports.emit({ type: "play:start", play: play.id });
  if (engine.options.mode === "down") {
    await bringDown(play, stage);
  } else {
    for (const task of play.tasks) await onEachHost(play, task, stage, activeHosts(play, stage));
    await runHandlers(play, stage);
  }
  engine.ports.emit({ type: "play:end", play: play.id });
}

/** Handlers run once for each host that notified them, in the order of their definition; one may notify a later one. */
async function runHandlers(play: Play, stage: Stage): Promise<void> {
  for (const handler of play.handlers) {
    const hosts = activeHosts(play, stage).filter((host) => host.notified.has(handler.id));
    await onEachHost(play, handler, stage, hosts);
    for (const host of hosts) host.notified.delete(handler.id);
  }
}

async function onEachHost(play: Play, task: Task, stage: Stage, hosts: readonly HostState[]): Promise<void> {
  const { engine, queue } = stage;
  if (hosts.length === 0 || engine.options.signal.aborted) return;
  engine.ports.emit({ type: "task:start", play: play.id, task: task.id });
  await queue.addAll(hosts.map((host) => async () => {
    if (!engine.options.signal.aborted) await runTask({ play, task, host, engine });
  }));
}
