import { setMaxListeners } from "node:events";
import PQueue from "p-queue";
import { problemsOf, type Problem } from "../core/errors.ts";
import type { Play, Program, Task } from "../compile/program.ts";
import { emitFromAfar } from "../events/emitter.ts";
import { bringDown } from "./down.ts";
import { HostState } from "./host.ts";
import { Kept, widest } from "./kept.ts";
import type { Engine, Ports, RunOptions } from "./ports.ts";
import { activeHosts, onHosts, type Stage } from "./stage.ts";
import { runTask } from "./task.ts";
import { traceOf } from "./verdict.ts";

/** How a run went, beside what its events say. */
export interface Executed {
  /** For each host. */
  readonly roundTrips: Readonly<Record<string, number>>;
  /** What ended the run before its time: a bug of ours, or events that could not be recorded. */
  readonly problems: readonly Problem[];
}

/**
 * Runs a program on its hosts, play by play and task by task: every host of a play is done with a task before the next
 * begins, `forks` hosts at a time; a host that failed leaves the run. Everything that happens is emitted; resolves when
 * all connections are closed, and never rejects.
 */
export async function execute(program: Program, ports: Ports, options: RunOptions): Promise<Executed> {
  const stage = stageOf(program, ports, options);
  const problems: Problem[] = [];
  try {
    await runPlays(program, stage);
  } catch (error) {
    problems.push(...problemsOf(error));
    if (problems[0]?.code === "E_BUG") emitFromAfar(ports.emit, { type: "warning", message: traceOf(error) });
  }
  const hosts = [...stage.hosts.values()];
  await Promise.all(hosts.map((host) => host.close()));
  const counts = await Promise.all(hosts.map(async (host) => [host.name, await host.roundTrips()] as const));
  return { roundTrips: Object.fromEntries(counts), problems };
}

function stageOf(program: Program, ports: Ports, options: RunOptions): Stage {
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  // Every host that is at work listens to it.
  setMaxListeners(0, signal);
  // Only a run drops what it has seen ahead, so only there a long first look may be wasted.
  const kept = new Kept(options.mode === "run" ? 8 : widest);
  const engine: Engine = { ports, options: { ...options, signal }, kept };
  const hosts = new Map(Object.values(program.hosts).map((entry) => [entry.name, new HostState(entry, program, engine)]));
  return { engine, hosts, queue: new PQueue({ concurrency: options.forks }), stop: () => stopping.abort() };
}

async function runPlays(program: Program, stage: Stage): Promise<void> {
  const { ports, options: { mode, signal } } = stage.engine;
  const plays = mode === "down" ? program.plays.toReversed() : program.plays;
  for (const [index, play] of plays.entries()) {
    if (signal.aborted) return;
    const before = activeHosts(play, stage).length;
    await runPlay(play, stage);
    const lost = before > 0 && activeHosts(play, stage).length === 0;
    const next = plays[index + 1];
    // As in Ansible: what comes next counts on this play. A look counts on nothing.
    if (!lost || !next || mode === "status") continue;
    ports.emit({ type: "warning", message: `no host of "${play.name}" is left, so "${next.name}" and what follows it do not run` });
    return;
  }
}

async function runPlay(play: Play, stage: Stage): Promise<void> {
  const { engine } = stage;
  engine.ports.emit({ type: "play:start", play: play.id });
  if (engine.options.mode === "down") {
    await bringDown(play, stage);
  } else {
    for (const task of play.tasks) await onEachHost({ play, task, hosts: activeHosts(play, stage) }, stage);
    await runHandlers(play, stage);
  }
  engine.ports.emit({ type: "play:end", play: play.id });
}

/** Handlers run once for each host that notified them, in the order of their definition; one may notify a later one. */
async function runHandlers(play: Play, stage: Stage): Promise<void> {
  for (const task of play.handlers) {
    const hosts = activeHosts(play, stage).filter((host) => host.notified.has(task.id));
    await onEachHost({ play, task, hosts }, stage);
    for (const host of hosts) host.notified.delete(task.id);
  }
}

async function onEachHost(on: { play: Play; task: Task; hosts: readonly HostState[] }, stage: Stage): Promise<void> {
  const { play, task } = on;
  await onHosts(on, stage, (host) => runTask({ play, task, host, engine: stage.engine }));
}
