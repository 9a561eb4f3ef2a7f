import { dirname, resolve } from "node:path";
import { compile, type Compiled } from "./compile/compile.ts";
import type { Program } from "./compile/program.ts";
import { Redactor, type Secret } from "./core/secret.ts";
import { createEmitter, type Sink } from "./events/emitter.ts";
import { eventVersion, type Body, type Mode } from "./events/event.ts";
import { emptySummary, exitCodeOf, fold } from "./events/summary.ts";
import { execute } from "./execute/execute.ts";
import { extraVariables } from "./load/extra-vars.ts";
import { ControllerFiles } from "./load/files.ts";
import { loadInventory } from "./load/inventory.ts";
import { limitPattern, selectHosts } from "./load/patterns.ts";
import { loadPlaybook } from "./load/playbook.ts";
import { registry } from "./modules/registry.ts";
import { createTransport } from "./transport/open.ts";
import { resolveTarget } from "./transport/target.ts";

export type { Compiled } from "./compile/compile.ts";
export type { Program } from "./compile/program.ts";

/** What a person asked for, as the command line or the server hands it over. */
export interface RunRequest {
  readonly playbook: string;
  /** Each a file, a directory, or a list with a comma. */
  readonly inventories: readonly string[];
  /** As typed after -e. */
  readonly extraVars: readonly string[];
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly limit?: string;
  readonly mode: Mode;
  readonly diff: boolean;
  /** Hosts at work at the same time. */
  readonly forks: number;
  readonly becomePassword?: Secret;
  readonly connectionPassword?: Secret;
}

/** Load and compile: every error of the input comes from here, before any host is contacted. */
export async function prepare(request: RunRequest): Promise<Compiled> {
  const playbook = await loadPlaybook(request.playbook);
  const inventory = await loadInventory(request.inventories, playbook.dir);
  const limited = request.limit === undefined ? undefined : selectHosts(inventory, await limitPattern(request.limit));
  return compile({
    playbook,
    fileVariables: playbook.fileVariables,
    extraVariables: await extraVariables(request.extraVars),
    inventory: { host: (name) => inventory.hosts.get(name), groups: inventory.groups, sources: inventory.sources },
    select: (pattern) => {
      const selection = selectHosts(inventory, pattern);
      return limited ? { ...selection, hosts: selection.hosts.filter((host) => limited.hosts.includes(host)) } : selection;
    },
    registry,
    tags: { tags: request.tags, skipTags: request.skipTags },
    checkMode: request.mode === "check",
  });
}

export interface RunSettings {
  /** Gets every event before anything else happens; what it throws ends the run. */
  readonly journal: Sink;
  readonly sinks: readonly Sink[];
  readonly run: string;
  readonly bowline: string;
  readonly warnings: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Runs a program on its hosts. Resolves with the exit code when every connection is closed; aborting the signal stops
 * what runs on the hosts and ends the run as interrupted.
 */
export async function runProgram(program: Program, request: RunRequest, settings: RunSettings): Promise<{ exitCode: number }> {
  const redactor = new Redactor();
  let summary = emptySummary();
  const count: Sink = (event) => (summary = fold(summary, event));
  const emitter = createEmitter({ vital: settings.journal, sinks: [count, ...settings.sinks], redactor, onSinkError: reportSink });
  const playbookDir = dirname(resolve(program.playbook));
  emitter.emit(startOf(program, request, settings));
  for (const message of settings.warnings) emitter.emit({ type: "warning", message });
  const ports = {
    transport: createTransport({ onWarning: (message: string, host: string) => emitter.emit({ type: "warning", message, host }) }),
    targetOf: (host: string, variables: Readonly<Record<string, unknown>>) => resolveTarget(host, variables, passwordOf(request)),
    registry,
    files: filesOf(new ControllerFiles(playbookDir)),
    emit: (body: Body) => emitter.emit(body),
    redactor,
  };
  const { mode, forks, becomePassword } = request;
  const roundTrips = await execute(program, ports, { run: settings.run, mode, forks, signal: settings.signal, ...(becomePassword ? { becomePassword } : {}) });
  const interrupted = settings.signal.aborted;
  const exitCode = exitCodeOf(summary, interrupted);
  emitter.emit({ type: "run:end", exitCode, interrupted, roundTrips });
  return { exitCode };
}

function startOf(program: Program, request: RunRequest, settings: RunSettings): Body {
  const labels = (play: Program["plays"][number]) =>
    [...play.tasks.map((task) => ({ task, handler: false })), ...play.handlers.map((task) => ({ task, handler: true }))].map(({ task, handler }) => ({
      task: task.id,
      name: task.name,
      module: task.module,
      handler,
      at: task.at,
    }));
  return {
    type: "run:start",
    version: eventVersion,
    run: settings.run,
    bowline: settings.bowline,
    playbook: program.playbook,
    mode: request.mode,
    hosts: Object.keys(program.hosts),
    plays: program.plays.map((play) => ({ play: play.id, name: play.name, hosts: play.hosts, tasks: labels(play) })),
  };
}

function filesOf(files: ControllerFiles) {
  return { localFile: (path: string) => files.localFile(path), template: (path: string) => files.template(path) };
}

function passwordOf(request: RunRequest): { password?: Secret } {
  return request.connectionPassword ? { password: request.connectionPassword } : {};
}

function reportSink(error: unknown): void {
  process.stderr.write(`a report stopped: ${error instanceof Error ? error.message : String(error)}\n`);
}
