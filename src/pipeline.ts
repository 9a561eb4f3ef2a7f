import { dirname, resolve } from "node:path";
import { compile, type Compiled } from "./compile/compile.ts";
import { magicVariables } from "./compile/magic.ts";
import type { Program } from "./compile/program.ts";
import { varsFilesOf } from "./compile/vars-files.ts";
import { problemsOf } from "./core/errors.ts";
import { redactedError } from "./core/redacted-error.ts";
import { Redactor, type Secret } from "./core/secret.ts";
import { createEmitter, emitFromAfar, type Sink } from "./events/emitter.ts";
import { eventVersion, type Body, type Mode, type TaskLabel } from "./events/event.ts";
import { emptySummary, exitCodeOf, fold } from "./events/summary.ts";
import { execute, type Executed } from "./execute/execute.ts";
import type { Ports, RunOptions } from "./execute/ports.ts";
import { extraVariables } from "./load/extra-vars.ts";
import { ControllerFiles } from "./load/files.ts";
import { loadInventory } from "./load/inventory.ts";
import { limitOf, selectHosts } from "./load/patterns.ts";
import { loadPlaybook } from "./load/playbook.ts";
import { Keyring } from "./load/secrets/keyring.ts";
import { together } from "./load/together.ts";
import { loadVarsFiles } from "./load/vars-files.ts";
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
  /** Opens what is encrypted in the input; its redactor is the run's. */
  readonly keyring?: Keyring;
}

/** Load and compile: every error of the input comes from here, before any host is contacted. */
export async function prepare(request: RunRequest): Promise<Compiled> {
  const { keyring = new Keyring() } = request;
  try {
    const { program, warnings } = await prepared(request, keyring);
    return { program, warnings: [...keyring.warnings, ...warnings] };
  } catch (error) {
    throw redactedError(error, keyring.redactor);
  }
}

async function prepared(request: RunRequest, keyring: Keyring): Promise<Compiled> {
  const dir = dirname(resolve(request.playbook));
  const [playbook, inventory, extra] = await together([loadPlaybook(request.playbook, keyring), loadInventory(request.inventories, dir, keyring), extraVariables(request.extraVars, keyring)]);
  const checkMode = request.mode === "check";
  const fileVariables = await loadVarsFiles(varsFilesOf(playbook.root, [...extra, ...magicVariables({ playbook, inventory, checkMode })]), dir, keyring);
  const limit = await limitOf(inventory, request.limit);
  const files = new ControllerFiles(dir);
  const { program, warnings } = compile({
    playbook,
    fileVariables,
    extraVariables: extra,
    inventory: { host: (name) => inventory.hosts.get(name), groups: inventory.groups, sources: inventory.sources },
    select: (pattern) => {
      const selection = selectHosts(inventory, pattern);
      return { ...selection, hosts: selection.hosts.filter(limit.allows) };
    },
    registry,
    template: (path) => files.templateNow(path),
    tags: { tags: request.tags, skipTags: request.skipTags },
    checkMode,
  });
  return { program, warnings: [...limit.warnings, ...warnings] };
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
 * what runs on the hosts and ends the run as interrupted. What ends it before its time is told in its last event;
 * rejects only when that one is what cannot be recorded.
 */
export async function runProgram(program: Program, request: RunRequest, settings: RunSettings): Promise<{ exitCode: number }> {
  const redactor = request.keyring?.redactor ?? new Redactor();
  let summary = emptySummary();
  const count: Sink = (event) => (summary = fold(summary, event));
  const emitter = createEmitter({ vital: settings.journal, sinks: [count, ...settings.sinks], redactor, onSinkError: reportSink });
  const { roundTrips, problems } = await recorded(() => {
    emitter.emit(startOf(program, request, settings));
    for (const message of settings.warnings) emitter.emit({ type: "warning", message });
    return execute(program, portsOf(program, request, { emit: emitter.emit, redactor }), optionsOf(request, settings));
  });
  const interrupted = settings.signal.aborted;
  const exitCode = exitCodeOf(summary, { interrupted, problems });
  try {
    emitter.emit({ type: "run:end", exitCode, interrupted, roundTrips, ...(problems.length > 0 ? { problems } : {}) });
  } catch (error) {
    if (problems.length === 0) throw error;
  }
  return { exitCode };
}

/** A run whose first events cannot be recorded touches no host. */
async function recorded(work: () => Promise<Executed>): Promise<Executed> {
  try {
    return await work();
  } catch (error) {
    return { roundTrips: {}, problems: problemsOf(error) };
  }
}

function portsOf(program: Program, request: RunRequest, { emit, redactor }: Pick<Ports, "emit" | "redactor">): Ports {
  return {
    transport: createTransport({ onWarning: (message, host) => emitFromAfar(emit, { type: "warning", message, host }) }),
    targetOf: (host, variables) => resolveTarget(host, variables, request.connectionPassword ? { password: request.connectionPassword } : {}),
    registry,
    files: filesOf(new ControllerFiles(dirname(resolve(program.playbook)), request.keyring)),
    emit,
    redactor,
  };
}

function optionsOf(request: RunRequest, settings: RunSettings): RunOptions {
  const { mode, forks, becomePassword } = request;
  return { run: settings.run, mode, forks, signal: settings.signal, ...(becomePassword ? { becomePassword } : {}) };
}

function startOf(program: Program, request: RunRequest, settings: RunSettings): Body {
  const labels = (play: Program["plays"][number]) =>
    [...play.tasks.map((task) => ({ task, handler: false })), ...play.handlers.map((task) => ({ task, handler: true }))].map(({ task, handler }) => ({
      task: task.id,
      name: task.name,
      module: task.module,
      ...kindOf(task.module),
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

function kindOf(module: string): Pick<TaskLabel, "kind"> {
  const known = registry.get(module);
  return known ? { kind: known.kind } : {};
}

function filesOf(files: ControllerFiles) {
  return { localFile: (path: string) => files.localFile(path), template: (path: string) => files.template(path) };
}

function reportSink(error: unknown): void {
  process.stderr.write(`a report stopped: ${error instanceof Error ? error.message : String(error)}\n`);
}
