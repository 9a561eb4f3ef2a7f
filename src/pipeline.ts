import { dirname, resolve } from "node:path";
import { compile, rolesPathOf, type CompileInput } from "./compile/compile.ts";
import { expand } from "./compile/expand.ts";
import { withOwnNames } from "./compile/magic.ts";
import type { Program } from "./compile/program.ts";
import type { Prompt } from "./compile/prompts.ts";
import { startAt } from "./compile/start-at.ts";
import { BowlineError, inFileOrder, problemsOf, type Problem } from "./core/errors.ts";
import { formatPosition } from "./core/position.ts";
import { redactedError } from "./core/redacted-error.ts";
import type { JsonObject } from "./core/json.ts";
import { Redactor, type Secret } from "./core/secret.ts";
import { createEmitter, emitFromAfar, type Sink } from "./events/emitter.ts";
import { eventVersion, type Body, type Mode, type PlayLabel } from "./events/event.ts";
import { emptySummary, exitCodeOf, fold } from "./events/summary.ts";
import { execute, type Executed } from "./execute/execute.ts";
import { labelOf } from "./execute/label.ts";
import type { BecomeChoice, Ports, RunOptions } from "./execute/ports.ts";
import { extraVariables } from "./load/extra-vars.ts";
import { ControllerFiles } from "./load/files.ts";
import { readVariables } from "./load/included-vars.ts";
import { readInventory } from "./load/inventory.ts";
import { limitOf, selectHosts } from "./load/patterns.ts";
import { controllerLookups } from "./load/lookups.ts";
import { loadPlaybook, type LoadedPlaybook } from "./load/playbook.ts";
import { ProjectFiles, untilRead } from "./load/project-files.ts";
import { Keyring } from "./load/secrets/keyring.ts";
import { Unread } from "./load/unread.ts";
import { factMistake, factScript, familiesOf, parseFacts } from "./modules/_facts.ts";
import { ansibleFacts } from "./modules/_facts_ansible.ts";
import type { FamilyName } from "./modules/_facts_table.ts";
import { registry } from "./modules/registry.ts";
import { familiesOfSubsets } from "./modules/setup.ts";
import { createTransport } from "./transport/open.ts";
import { checkReaching, resolveTarget, type Reaching } from "./transport/target.ts";

export type { Program } from "./compile/program.ts";
export type { Prompt } from "./compile/prompts.ts";

/** What a person asked for, as the command line or the server hands it over. */
export interface RunRequest {
  /** A file, or what no file holds. */
  readonly playbook: string | LoadedPlaybook;
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
  /** Connections begun in one second at most; 0 or absent: no limit. */
  readonly startRate?: number;
  /** How often -v was given. */
  readonly verbosity: number;
  readonly version: string;
  /** Directories with roles, beside those of the playbooks. */
  readonly rolesPath: readonly string[];
  /** Asks a person for a variable of vars_prompt. */
  readonly ask: (prompt: Prompt) => Promise<string | Secret>;
  readonly becomePassword?: Secret;
  readonly connectionPassword?: Secret;
  /** What holds of connections and of becoming where neither the playbook nor the inventory says anything. */
  readonly reach?: Reaching;
  readonly become?: BecomeChoice;
  /** The same of handlers on hosts that failed after they were notified: true when absent. */
  readonly forceHandlers?: boolean;
  /** `false`: every look at a host is taken by itself, when its task is reached; to find out whether looking ahead is to blame for something. */
  readonly lookAhead?: boolean;
  /** The name of the task to start at. */
  readonly startAt?: string;
  /** Opens what is encrypted in the input; its redactor is the run's. */
  readonly keyring?: Keyring;
}

/** A program that is ready to run, and the project that it comes from, for what it asks for on its way. */
export interface Prepared {
  readonly program: Program;
  /** Every tag of a task, also of those that were not chosen. */
  readonly tags: readonly string[];
  /** What a person should know and what stops nothing: a pattern that matched no host. */
  readonly warnings: readonly string[];
  readonly project: Pick<Ports, "inventory" | "files" | "project">;
}

/** Load and compile: every error of the input comes from here, before any host is contacted. */
export async function prepare(request: RunRequest): Promise<Prepared> {
  const { keyring = new Keyring() } = request;
  checkReaching(request.reach ?? {});
  try {
    const ready = await prepared(request, keyring);
    return { ...ready, warnings: [...keyring.warnings, ...ready.warnings] };
  } catch (error) {
    throw redactedError(error, keyring.redactor);
  }
}

async function prepared(request: RunRequest, keyring: Keyring): Promise<Prepared> {
  const read = await readAll(request, keyring);
  const { dir, unread, mistakes, inventory, limit, playbook, extra } = read;
  const controllerFiles = new ControllerFiles(dir, keyring);
  const files = new ProjectFiles(keyring, unread);
  const answers = new Answers(request.ask, keyring.redactor);
  const input: CompileInput = {
    playbook,
    files,
    rolesPath: request.rolesPath,
    mistakes,
    unread,
    extraVariables: extra ?? [],
    answers: (prompt) => answers.given(prompt),
    inventory: { host: inventory.host, groups: inventory.groups, sources: inventory.sources },
    select: (pattern) => {
      const selection = selectHosts(inventory, pattern);
      return { ...selection, hosts: limit ? selection.hosts.filter(limit.allows) : selection.hosts };
    },
    registry,
    template: (path, places) => controllerFiles.templateNow(path, places),
    absent: (path, folder, places) => controllerFiles.absentNow(path, folder, places),
    facts: { familiesOf, mistake: factMistake, familiesOfSubsets },
    tags: { tags: request.tags, skipTags: request.skipTags },
    words: wordsOf(request),
    ...(request.forceHandlers === undefined ? {} : { forceHandlers: request.forceHandlers }),
  };
  const { program, tags, warnings } = await untilRead(files, () => compile(input), () => answers.ask());
  return {
    program: request.startAt === undefined ? program : startAt(program, request.startAt),
    tags,
    warnings: [...inventory.warnings, ...(limit?.warnings ?? []), ...warnings],
    project: projectOf({ request, keyring, controllerFiles, files, input, ...read }),
  };
}

/** Everything that is read before the compiler begins, with the mistakes of all of it; only without a playbook there is nothing to go on with. */
async function readAll(request: RunRequest, keyring: Keyring) {
  const dir = dirOf(request);
  const unread = new Unread();
  const { inventory, problems } = await readInventory(request.inventories, dir, { keyring, unread });
  const mistakes = [...problems];
  const extra = await noted(extraVariables(request.extraVars, keyring), mistakes);
  const limit = await noted(limitOf(inventory, request.limit), mistakes);
  const playbook = await noted(playbookOf(request, keyring), mistakes);
  if (!playbook) throw new BowlineError(inFileOrder(mistakes) as [Problem, ...Problem[]]);
  if (!extra) unread.add(undefined);
  return { dir, unread, mistakes, inventory, extra, limit, playbook };
}

interface Reading extends Awaited<ReturnType<typeof readAll>> {
  readonly request: RunRequest;
  readonly keyring: Keyring;
  readonly controllerFiles: ControllerFiles;
  readonly files: ProjectFiles;
  readonly input: CompileInput;
}

/** What a run asks the project for on its way. */
function projectOf({ request, keyring, controllerFiles, files, input, dir, inventory, playbook }: Reading): Prepared["project"] {
  return {
    inventory: {
      names: [...inventory.hosts.keys()],
      host: (name) => {
        const host = inventory.host(name);
        return host && withOwnNames(host, playbook.path);
      },
      select: (pattern) => selectHosts(inventory, pattern).hosts,
    },
    files: { localFile: (path, places) => controllerFiles.localFile(path, places), template: (path, places) => controllerFiles.template(path, places) },
    project: {
      expand: (reached) => untilRead(files, () => expand(reached, { ...input, rolesPath: rolesPathOf([reached.play.dir, dir], request.rolesPath) })),
      variables: (wanted) => readVariables(wanted, keyring),
    },
  };
}

function dirOf({ playbook }: RunRequest): string {
  return typeof playbook === "string" ? dirname(resolve(playbook)) : playbook.dir;
}

async function playbookOf({ playbook }: RunRequest, keyring: Keyring): Promise<LoadedPlaybook> {
  return typeof playbook === "string" ? loadPlaybook(playbook, keyring) : playbook;
}

/** The value, or undefined where there are mistakes, which join the others. */
async function noted<Value>(work: Promise<Value>, mistakes: Problem[]): Promise<Value | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    mistakes.push(...error.problems);
    return undefined;
  }
}

function wordsOf({ mode, diff, limit, forks, verbosity, version }: RunRequest): CompileInput["words"] {
  return { checkMode: mode === "check", diffMode: diff, forks, verbosity, version, ...(limit === undefined ? {} : { limit }) };
}

/** The answers to vars_prompt: each question is put once, in the order in which the compiler came to it. */
class Answers {
  readonly #ask: RunRequest["ask"];
  readonly #redactor: Redactor;
  readonly #given = new Map<string, string | Secret>();
  readonly #wanted = new Map<string, Prompt>();

  constructor(ask: RunRequest["ask"], redactor: Redactor) {
    this.#ask = ask;
    this.#redactor = redactor;
  }

  given(prompt: Prompt): string | Secret | undefined {
    const key = formatPosition(prompt.at);
    const answer = this.#given.get(key);
    if (answer === undefined) this.#wanted.set(key, prompt);
    return answer;
  }

  async ask(): Promise<number> {
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    for (const [key, prompt] of wanted) {
      const answer = await this.#ask(prompt);
      if (typeof answer !== "string") this.#redactor.add(answer);
      this.#given.set(key, answer);
    }
    return wanted.length;
  }
}

export interface RunSettings {
  /** Gets every event before anything else happens; what it throws ends the run. */
  readonly journal: Sink;
  readonly sinks: readonly Sink[];
  readonly run: string;
  readonly bowline: string;
  readonly warnings: readonly string[];
  readonly signal: AbortSignal;
  /** Asks a person before each task; the hosts then go side by side, whatever a play says. */
  readonly confirm?: RunOptions["confirm"];
  readonly ask?: RunOptions["ask"];
}

/**
 * Runs a program on its hosts. Resolves with the exit code when every connection is closed; aborting the signal stops
 * what runs on the hosts and ends the run as interrupted. What ends it before its time is told in its last event;
 * rejects only when that one is what cannot be recorded.
 */
export async function runProgram({ project, ...prepared }: Prepared, request: RunRequest, settings: RunSettings): Promise<{ exitCode: number }> {
  const program = settings.confirm ? sideBySide(prepared.program) : prepared.program;
  const redactor = request.keyring?.redactor ?? new Redactor();
  let summary = emptySummary();
  const count: Sink = (event) => (summary = fold(summary, event));
  const emitter = createEmitter({ vital: settings.journal, sinks: [count, ...settings.sinks], redactor, onSinkError: reportSink });
  const { roundTrips, problems } = await recorded(() => {
    emitter.emit(startOf(program, request, settings));
    for (const message of settings.warnings) emitter.emit({ type: "warning", message });
    return execute(program, portsOf(project, request, { emit: emitter.emit, redactor }), optionsOf(request, settings));
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

function sideBySide(program: Program): Program {
  return { ...program, plays: program.plays.map((play) => ({ ...play, strategy: "linear" })) };
}

/** A run whose first events cannot be recorded touches no host. */
async function recorded(work: () => Promise<Executed>): Promise<Executed> {
  try {
    return await work();
  } catch (error) {
    return { roundTrips: {}, problems: problemsOf(error) };
  }
}

function portsOf(project: Prepared["project"], request: RunRequest, { emit, redactor }: Pick<Ports, "emit" | "redactor">): Ports {
  return {
    transport: createTransport({
      onWarning: (message, host) => emitFromAfar(emit, { type: "warning", message, host }),
      onRetry: (message, host) => emitFromAfar(emit, { type: "warning", message, host, minor: true }),
      ...(request.startRate === undefined ? {} : { startRate: request.startRate }),
    }),
    targetOf: (host, variables) => resolveTarget(host, variables, { ...request.reach, ...(request.connectionPassword ? { password: request.connectionPassword } : {}) }),
    registry,
    ...project,
    facts: {
      script: (families) => factScript(families as readonly FamilyName[]),
      values: (output, families) => {
        const facts = parseFacts(output, families as readonly FamilyName[]) as JsonObject;
        return { facts, ansible_facts: ansibleFacts(facts) };
      },
    },
    lookups: lookupsOf(dirOf(request), redactor),
    emit,
    redactor,
  };
}

/** The same directories are asked about for every task of a role. */
function lookupsOf(dir: string, redactor: Redactor): NonNullable<Ports["lookups"]> {
  const known = new Map<string, ReturnType<typeof controllerLookups>>();
  return (directories) => {
    const key = directories.join("\0");
    let lookups = known.get(key);
    if (!lookups) known.set(key, (lookups = controllerLookups(dir, { directories, onSecret: (secret) => redactor.add(secret) })));
    return lookups;
  };
}

function optionsOf(request: RunRequest, settings: RunSettings): RunOptions {
  const { mode, forks, becomePassword, become, lookAhead } = request;
  const { run, signal, confirm, ask } = settings;
  return { run, mode, forks, signal, ...(becomePassword ? { becomePassword } : {}), ...(become ? { become } : {}), ...(confirm ? { confirm } : {}), ...(ask ? { ask } : {}), ...(lookAhead === undefined ? {} : { lookAhead }) };
}

function startOf(program: Program, request: RunRequest, settings: RunSettings): Body {
  const labels = (play: Program["plays"][number]) => [
    ...(play.facts.families.length > 0 ? [labelOf(play.facts.task, registry, false)] : []),
    ...play.tasks.map((task) => labelOf(task, registry, false)),
    ...play.handlers.map((task) => labelOf(task, registry, true)),
  ];
  return {
    type: "run:start",
    version: eventVersion,
    run: settings.run,
    bowline: settings.bowline,
    playbook: program.playbook,
    mode: request.mode,
    hosts: Object.keys(program.hosts),
    plays: program.plays.map((play) => ({ play: play.id, name: play.name, hosts: play.hosts, ...paceOf(play, request.mode), tasks: labels(play) })),
  };
}

/** `down` goes through every play side by side: what stands below a resource waits for it on every host. */
function paceOf({ strategy }: Program["plays"][number], mode: Mode): Pick<PlayLabel, "strategy"> {
  return strategy === "linear" || mode === "down" ? {} : { strategy };
}

function reportSink(error: unknown): void {
  process.stderr.write(`a report stopped: ${error instanceof Error ? error.message : String(error)}\n`);
}
