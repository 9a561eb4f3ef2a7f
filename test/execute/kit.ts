import { resolve } from "node:path";
import { compile } from "../../src/compile/compile.ts";
import { expand } from "../../src/compile/expand.ts";
import { withOwnNames } from "../../src/compile/magic.ts";
import type { HostEntry } from "../../src/compile/program.ts";
import { BowlineError } from "../../src/core/errors.ts";
import type { Definition, Level } from "../../src/core/scope.ts";
import { definitionsOf } from "../../src/load/variables.ts";
import { nodeOf } from "../../src/core/node.ts";
import { Redactor } from "../../src/core/secret.ts";
import { createEmitter } from "../../src/events/emitter.ts";
import type { Body, Event, Mode, Result, Status } from "../../src/events/event.ts";
import { emptySummary, exitCodeOf, fold, type Summary } from "../../src/events/summary.ts";
import { execute, type Executed } from "../../src/execute/execute.ts";
import type { BecomeChoice, Ports } from "../../src/execute/ports.ts";
import { parseYaml } from "../../src/load/yaml.ts";
import type { Lookups } from "../../src/template/lookups.ts";
import type { Target } from "../../src/transport/transport.ts";
import { memoryFiles, plainWords } from "../compile/_memory-files.ts";
import { sh } from "../../src/core/sh.ts";
import { FakeHost, fakeTransport } from "./fake-transport.ts";
import { testRegistry } from "./fake-modules.ts";

/** A run of a playbook text on hosts that exist only here. */
export interface Trial {
  readonly hosts: readonly string[];
  readonly mode: Mode;
  readonly forks: number;
  readonly signal: AbortSignal;
  /** What the hosts are before the run, by name. */
  readonly world: Readonly<Record<string, FakeHost>>;
  /** Variables of every host, as an inventory would give them. */
  readonly vars: Readonly<Record<string, unknown>>;
  /** Variables of one host, over those. */
  readonly hostVars: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Further definitions of every host, by their level. */
  readonly levels: Levels;
  readonly extraVars: Readonly<Record<string, unknown>>;
  /** Gets every event first; what it throws is a journal that cannot be written. */
  readonly journal: (event: Event) => void;
  readonly files: Ports["files"];
  /** Other files of the project, by their path from site.yml. */
  readonly project: Readonly<Record<string, string>>;
  /** Hosts of the inventory that no play names. */
  readonly others: readonly string[];
  readonly tags: readonly string[];
  /** As a command line says it. */
  readonly become: BecomeChoice;
  /** What a person types when asked. */
  readonly ask: (question: string, echo: boolean) => Promise<string>;
  readonly confirm: (task: string) => Promise<boolean>;
  readonly lookAhead: boolean;
  /** What lookups find on the controller. */
  readonly lookups: Lookups["call"];
}

/** What a host is asked when facts are gathered. */
const factsScript = sh`say facts`;

type Levels = Readonly<Partial<Record<Level, Readonly<Record<string, unknown>>>>>;

export interface Outcome extends Executed {
  readonly events: readonly Event[];
  readonly summary: Summary;
  readonly exitCode: number;
  readonly world: Readonly<Record<string, FakeHost>>;
}

export async function trial(playbook: string, options: Partial<Trial> = {}): Promise<Outcome> {
  const names = options.hosts ?? ["a"];
  const world = { ...Object.fromEntries(names.map((name) => [name, new FakeHost()])), ...options.world };
  const signal = options.signal ?? new AbortController().signal;
  const mode = options.mode ?? "run";
  const events: Event[] = [];
  let summary = emptySummary();
  const sink = (event: Event) => {
    events.push(event);
    summary = fold(summary, event);
  };
  const redactor = new Redactor();
  const emitter = createEmitter({ ...(options.journal ? { vital: options.journal } : {}), sinks: [sink], redactor, onSinkError: fail });
  const { others = [], project = {} } = options;
  const { vars = {}, hostVars = {}, levels = {} } = options;
  const entry = (name: string) => hostEntry(name, { ...vars, ...hostVars[name] }, levels);
  const wanted = { names, mode, entry, extraVars: options.extraVars ?? {}, project, tags: options.tags ?? [] };
  const program = programOf(playbook, wanted);
  const files = memoryFiles(project);
  emitter.emit(startOf(program, mode));
  const ports: Ports = {
    transport: fakeTransport(world),
    targetOf: (host, variables) => ({ name: host, connection: variables["ansible_connection"] ?? "ssh", ...variables }) as unknown as Target,
    registry: testRegistry,
    inventory: {
      names: [...names, ...others],
      host: (name) => ([...names, ...others].includes(name) ? withOwnNames(entry(name), "site.yml") : undefined),
      select: (pattern) => (pattern === "all" ? [...names, ...others] : [pattern]),
    },
    project: {
      expand: (reached) => Promise.resolve(reached).then((each) => expand(each, { registry: testRegistry, template: () => undefined, facts: factWords, files, rolesPath: [resolve("roles")], tags: { tags: wanted.tags, skipTags: [] } })),
      variables: ({ paths }) => {
        const found = paths.map((path) => files.yaml(path)).find((each) => each && "root" in each);
        if (!found || !("root" in found)) throw new BowlineError({ code: "E_FILE", message: `there is no file ${paths[0]!}` });
        return Promise.resolve(definitionsOf(found.root, "include_vars"));
      },
    },
    facts: { script: () => factsScript, values: (output) => ({ facts: { os: { id: output.trim() } }, ansible_facts: { distribution: output.trim() } }) },
    files: options.files ?? { localFile: nothing, template: nothing },
    ...(options.lookups ? { lookups: () => ({ call: options.lookups!, partial: () => undefined }) } : {}),
    emit: emitter.emit,
    redactor,
  };
  const executed = await execute(program, ports, { run: "r1", mode, forks: options.forks ?? 5, signal, ...(options.become ? { become: options.become } : {}), ...(options.confirm ? { confirm: options.confirm } : {}), ...(options.ask ? { ask: options.ask } : {}), ...(options.lookAhead === undefined ? {} : { lookAhead: options.lookAhead }) });
  const exitCode = exitCodeOf(summary, { interrupted: signal.aborted, problems: executed.problems });
  return { ...executed, events, summary, exitCode, world };
}

interface Wanted {
  readonly names: readonly string[];
  readonly mode: Mode;
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly entry?: (name: string) => HostEntry;
  readonly extraVars: Readonly<Record<string, unknown>>;
  readonly project?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
}

function definitions(values: Readonly<Record<string, unknown>>, level: Level): Definition[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: nodeOf(value, { file: "inventory", line: 1, column: 1 }), level }));
}

function hostEntry(name: string, vars: Readonly<Record<string, unknown>>, levels: Levels = {}): HostEntry {
  const further = Object.entries(levels).flatMap(([level, values]) => definitions(values, level as Level));
  return { name, groups: ["all"], variables: [...definitions(vars, "inventory host"), ...further] };
}

const factWords = { familiesOf: ([root]: readonly string[]) => (root === "facts" ? ["os"] : []), mistake: () => undefined, familiesOfSubsets: () => ["os"] };

export function programOf(playbook: string, { names, mode, vars = {}, entry = (name) => hostEntry(name, vars), extraVars, project = {}, tags = [] }: Wanted) {
  const compiled = compile({
    playbook: { path: "site.yml", dir: resolve("."), root: parseYaml(playbook, "site.yml") },
    files: memoryFiles(project),
    rolesPath: [],
    answers: () => undefined,
    extraVariables: definitions(extraVars, "extra vars"),
    inventory: { host: entry, groups: new Map(), sources: ["inventory"] },
    select: (pattern) => ({ hosts: pattern === "all" ? names : names.filter((name) => pattern.split(",").includes(name)), unmatched: [] }),
    registry: testRegistry,
    template: () => undefined,
    tags: { tags, skipTags: [] },
    facts: factWords,
    words: { ...plainWords, checkMode: mode === "check" },
  });
  return compiled.program;
}

function startOf(program: ReturnType<typeof programOf>, mode: Mode): Body {
  const label = (handler: boolean) => (task: (typeof program.plays)[number]["tasks"][number]) => {
    const { id, name, module, at } = task;
    return { task: id, name, module, kind: testRegistry.get(module)!.kind, handler, at };
  };
  const plays = program.plays.map((play) => ({ play: play.id, name: play.name, hosts: play.hosts, tasks: [...play.tasks.map(label(false)), ...play.handlers.map(label(true))] }));
  return { type: "run:start", version: 1, run: "r1", bowline: "0", playbook: "site.yml", mode, hosts: Object.keys(program.hosts), plays };
}

/** What each task came to on a host, in the order in which that was known: `["p1.t1 changed", …]`. */
export function statuses(outcome: Pick<Outcome, "events">, host = "a"): string[] {
  return ends(outcome, host).map(({ task, result }) => `${task} ${result.status}`);
}

/** What happened, one line for each host that was done with a task: `["a: install changed", …]`. */
export function story({ events }: Pick<Outcome, "events">): string[] {
  const begun = new Map<string, string>();
  return events.flatMap((event) => {
    if (event.type === "host:start") begun.set(`${event.host} ${event.task}`, event.name);
    return event.type === "host:end" ? [`${event.host}: ${begun.get(`${event.host} ${event.task}`)!} ${event.result.status}`] : [];
  });
}

/** What a host was told to say, in order. */
export function said({ world }: Pick<Outcome, "world">, host = "a"): string[] {
  return world[host]!.lines.flatMap((line) => (line.startsWith("say ") && line !== factsScript.text ? [line.slice("say ".length)] : []));
}

/** The columns of a host's line in the recap that are not 0. */
export function recap({ summary }: Pick<Outcome, "summary">, host = "a"): Record<string, number> {
  return Object.fromEntries(Object.entries(summary.hosts[host]!).filter(([, count]) => count > 0));
}

/** What ended the run, or was worth a word. */
export function warnings({ events }: Pick<Outcome, "events">): string[] {
  return events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
}

export function ends({ events }: Pick<Outcome, "events">, host = "a") {
  return events.filter((event) => event.type === "host:end").filter((event) => event.host === host);
}

export function resultOf(outcome: Pick<Outcome, "events">, task: string, host = "a"): Result {
  const found = ends(outcome, host).find((event) => event.task === task);
  if (!found) throw new Error(`${task} has no result on ${host}`);
  return found.result;
}

export function statusOf(outcome: Pick<Outcome, "events">, task: string, host = "a"): Status {
  return resultOf(outcome, task, host).status;
}

export function typesOf({ events }: Pick<Outcome, "events">): string[] {
  return events.map((event) => event.type);
}

function nothing(path: string): never {
  throw new Error(`no test file ${path}`);
}

function fail(error: unknown): never {
  throw error;
}
