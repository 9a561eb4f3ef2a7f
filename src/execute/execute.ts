import { setMaxListeners } from "node:events";
import PQueue from "p-queue";
import { problemsOf, type Problem } from "../core/errors.ts";
import type { Program } from "../compile/program.ts";
import { emitFromAfar } from "../events/emitter.ts";
import { Hosts } from "./hosts.ts";
import { Kept, widest } from "./kept.ts";
import type { Engine, Ports, RunOptions } from "./ports.ts";
import { runPlay } from "./play.ts";
import { activeHosts, type Stage } from "./stage.ts";
import { traceOf } from "./verdict.ts";

/** How a run went, beside what its events say. */
export interface Executed {
  /** For each host. */
  readonly roundTrips: Readonly<Record<string, number>>;
  /** What ended the run before its time: a bug of ours, or events that could not be recorded. */
  readonly problems: readonly Problem[];
}

/**
 * Runs a program on its hosts, play by play, batch by batch, and as the play's strategy has it; a host that failed and
 * that nothing rescues leaves the run. Everything that happens is emitted; resolves when
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
  const hosts = stage.hosts.all();
  await Promise.all(hosts.map((host) => host.close()));
  const roundTrips: Record<string, number> = Object.fromEntries(Object.keys(program.hosts).map((name) => [name, 0]));
  for (const host of hosts) roundTrips[host.name] = (roundTrips[host.name] ?? 0) + (await host.roundTrips());
  return { roundTrips, problems };
}

function stageOf(program: Program, ports: Ports, options: RunOptions): Stage {
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  // Every host that is at work listens to it.
  setMaxListeners(0, signal);
  // Only a run drops what it has seen ahead, so only there a long first look may be wasted.
  const kept = new Kept(options.mode === "run" ? 8 : widest);
  // A person who is asked before each task takes time, and may do something on a host meanwhile.
  const lookAhead = options.lookAhead !== false && !options.confirm;
  const engine: Engine = { ports, options: { ...options, signal, lookAhead }, kept };
  return { engine, hosts: new Hosts(program, engine), queue: new PQueue({ concurrency: options.forks }), isLast: lastPlays(program), stop: () => stopping.abort() };
}

function lastPlays({ plays }: Program): Stage["isLast"] {
  const last = new Map(plays.flatMap((play) => play.hosts.map((host) => [host, play.id])));
  return (play, host) => last.get(host) === play.id;
}

async function runPlays(program: Program, stage: Stage): Promise<void> {
  const { ports, options: { mode, signal } } = stage.engine;
  const plays = mode === "down" ? program.plays.toReversed() : program.plays;
  for (const [index, play] of plays.entries()) {
    if (signal.aborted) return;
    const before = activeHosts(play, stage).length;
    const ending = await runPlay(play, stage);
    const next = plays[index + 1];
    // As in Ansible: what comes next counts on this play. A look counts on nothing.
    const isLost = before > 0 && activeHosts(play, stage).length === 0;
    if (mode === "status" || !next || (ending === undefined && !isLost)) continue;
    ports.emit({ type: "warning", message: `${ending === undefined ? `no host of "${play.name}" is left, so ` : ""}"${next.name}" and what follows it do not run` });
    return;
  }
}
