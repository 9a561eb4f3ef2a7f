import { BowlineError, problemsOf } from "../core/errors.ts";
import { Scope, type Definition } from "../core/scope.ts";
import type { HostEntry, Play, Task } from "../compile/program.ts";
import type { Mode } from "../events/event.ts";
import type { Context } from "../template/context.ts";
import type { Lookups } from "../template/lookups.ts";
import { makeContext } from "../template/render.ts";
import type { AskOptions, Become, Connection, Reply, Request, Session, Target } from "../transport/transport.ts";
import { connectionVariables } from "./connection.ts";
import { pause } from "./pause.ts";
import type { Engine, ObservedFacts } from "./ports.ts";

/** Whether a host still takes part: `ended` is for the rest of the play, the others for the rest of the run. */
export type Standing = "active" | "failed" | "unreachable" | "ended";

/** What brought a host down, for whoever rescues it. */
export interface Failure {
  readonly task: Task;
  readonly result: Readonly<Record<string, unknown>>;
}

/** Somebody asked for a variable whose value only a run gives. */
export class UnknownValue extends BowlineError {
  readonly variable: string;

  constructor(variable: string) {
    super({ code: "E_UNDEFINED", message: `"${variable}" is known only when its task has run` });
    this.variable = variable;
  }
}

/** Seconds that a connection has to end in good order; one that is dead never does. */
const closeLimit = 5;

/** One host in one run: its variables, its connection, and what has happened to it so far. */
export class HostState {
  readonly name: string;
  /** Tells this way to the host from others, which may lead to another user or another machine. */
  readonly line: string;
  readonly entry: HostEntry;
  standing: Standing = "active";
  /** What made it fail last. */
  failure: Failure | undefined;
  /** Handlers to run when they are flushed, by id. */
  readonly notified = new Set<string>();
  /** Variables that were read on the way, for the rest of the run. */
  readonly included: Definition[] = [];
  /** Check mode: titles of tasks that would change the host, so that what is seen later may not be what would be. */
  readonly wouldChange: string[] = [];

  readonly #engine: Engine;
  #scope: Scope;
  /** Raw values: what a host printed is never taken for a template. Below them is what all hosts share. */
  readonly #values: Record<string, unknown>;
  /** What was observed about the host, by the names that variables have for it; weaker than what a play says. */
  #facts: Readonly<Record<string, unknown>> = {};
  /** Variables whose value only a run gives, in the modes that are none. */
  readonly #unknown = new Set<string>();
  /** What a play and its roles lay over the scope is the same for all of their tasks. */
  #layers: { readonly variables: readonly Definition[]; readonly scope: Scope; readonly roles: Map<string, Scope> } | undefined;
  #connection: Promise<Connection> | undefined;
  #locked = false;
  #leans = false;
  #closedRoundTrips = 0;

  constructor(entry: HostEntry, common: readonly Definition[], { engine, shared, line = entry.name }: { engine: Engine; shared: object; line?: string }) {
    this.name = entry.name;
    this.line = line;
    this.entry = entry;
    this.#engine = engine;
    this.#scope = Scope.empty.with(entry.variables).with(common);
    this.#values = Object.create(shared) as Record<string, unknown>;
  }

  /** Whether its commands run on the controller. */
  get isLocal(): boolean {
    return this.#target().connection === "local";
  }

  /** Whether it counts on the lock that this run holds on the same machine under another name. */
  get leans(): boolean {
    return this.#leans;
  }

  /** The variables that a task sees here, or without one those of the host alone; `extras` are raw values such as the item of a loop. */
  context(play: Play | undefined, task: Task | undefined, extras: Readonly<Record<string, unknown>> = {}): Context {
    return this.#contextWith(this.#lookups(play, task), play, task, extras);
  }

  /** The same before the task is reached, which may never be: only lookups that leave no trace. */
  contextAhead(play: Play, task: Task, extras: Readonly<Record<string, unknown>> = {}): Context {
    const lookups = this.#lookups(play, task);
    return this.#contextWith(lookups && tracelessOf(lookups), play, task, extras);
  }

  #contextWith(lookups: Lookups | undefined, play: Play | undefined, task: Task | undefined, extras: Readonly<Record<string, unknown>>): Context {
    const values: Record<string, unknown> = this.#unknown.size === 0 ? this.#values : (Object.create(this.#values) as Record<string, unknown>);
    for (const name of this.#unknown) Object.defineProperty(values, name, { enumerable: true, get: () => unknownValue(name) });
    const scope = this.#scopeOf(play, task);
    return makeContext(scope, play?.values ? { ...play.values, ...extras } : extras, { values, facts: this.#facts, lookups });
  }

  /** Those of these variables that the play, the role, the blocks or the task itself say otherwise than the host does. */
  overruled(names: readonly string[], play: Play, task: Task): string[] {
    const scope = this.#scopeOf(play, task);
    return names.filter((name) => scope.get(name) !== this.#scope.get(name));
  }

  #scopeOf(play: Play | undefined, task: Task | undefined): Scope {
    return play ? this.#layered(play, task?.role).with(task?.variables ?? []) : this.#scope;
  }

  #layered(play: Play, role: string | undefined): Scope {
    if (this.#layers?.variables !== play.variables) this.#layers = { variables: play.variables, scope: this.#scope.with(play.variables), roles: new Map() };
    const { scope, roles } = this.#layers;
    const own = role === undefined ? undefined : play.roles[role];
    if (!own) return scope;
    let layered = roles.get(own.id);
    if (!layered) roles.set(own.id, (layered = scope.with(own.variables).with(own.parameters)));
    return layered;
  }

  /** Files that templates name are looked for where those of the task are. */
  #lookups(play: Play | undefined, task: Task | undefined): Lookups | undefined {
    const role = play && task?.role !== undefined ? play.roles[task.role] : undefined;
    return this.#engine.ports.lookups?.([...(role ? [role.path] : []), ...(play ? [play.dir] : [])]);
  }

  include(definitions: readonly Definition[]): void {
    this.included.push(...definitions);
    this.#scope = this.#scope.with(definitions);
    this.#layers = undefined;
  }

  /** Takes part for a while whatever became of it; what comes back makes it what it was, unless it failed again. */
  suspend(): () => void {
    const { standing } = this;
    this.standing = "active";
    return () => {
      if (this.standing === "active") this.standing = standing;
    };
  }

  /** Sets a variable for the rest of the run; what is stronger, such as an extra variable, stays what it is. */
  set(name: string, value: unknown): void {
    Object.defineProperty(this.#values, name, { value, enumerable: true, configurable: true, writable: true });
  }

  /** What was observed about it; Ansible's names count with `ansible_` before them, too. */
  observe({ facts, ansible_facts: names }: ObservedFacts): void {
    const all = { ...(this.#facts["ansible_facts"] as object | undefined), ...names };
    const injected = Object.fromEntries(Object.entries(names).map(([name, value]) => [name.startsWith("ansible_") ? name : `ansible_${name}`, value]));
    this.#facts = { ...this.#facts, ...injected, facts: { ...(this.#facts["facts"] as object | undefined), ...facts }, ansible_facts: all };
  }

  /** Those of these families that nobody has observed yet. */
  unobserved(families: readonly string[]): string[] {
    const known = (this.#facts["facts"] ?? {}) as object;
    return families.filter((family) => !Object.hasOwn(known, family));
  }

  /** Those of these variables that a task has set. */
  setAmong(names: readonly string[]): Record<string, unknown> {
    return Object.fromEntries(names.filter((name) => Object.hasOwn(this.#values, name)).map((name) => [name, this.#values[name]]));
  }

  /** Takes over what a task has set on another host. */
  learn(names: readonly string[], from: HostState): void {
    for (const name of names) if (Object.hasOwn(from.#values, name)) this.set(name, from.#values[name]);
  }

  /** Whether the values of variables are what a run would give them; who asks for one that is not gets an {@link UnknownValue}. */
  know(names: readonly string[], known: boolean): void {
    for (const name of names) {
      if (known) this.#unknown.delete(name);
      else this.#unknown.add(name);
    }
  }

  /** Runs requests in the session of a user; the first use connects, and locks the host when they may change it. */
  async ask(become: Become | undefined, requests: readonly Request[], options: AskOptions & { readonly mode: Mode }): Promise<readonly Reply[]> {
    if (this.#engine.options.signal.aborted) throw interrupted();
    return this.#onLine(async (connection) => this.#answers(await connection.session(become), requests, options));
  }

  async #answers(session: Session, requests: readonly Request[], options: AskOptions & { readonly mode: Mode }): Promise<readonly Reply[]> {
    const { run, signal } = this.#engine.options;
    const { mode } = options;
    if (this.#locked || mode === "check" || mode === "status") return session.ask(requests, options);
    const [lock, ...replies] = await session.ask([{ kind: "lock", label: run }, ...requests], shifted(options));
    const isTaken = lock !== undefined && lock.code !== 0;
    // The same machine under another name: this run is changing it already, or is about to say so.
    for (let tries = 1, held = lock; isTaken && held && held.code !== 0 && !heldBy(held).startsWith(`held by run ${run} by `); tries += 1) {
      if (tries === mostLooks || signal.aborted) throw signal.aborted ? interrupted() : lockedError(held);
      await pause(0.1, signal);
      [held] = await session.ask([{ kind: "lock", label: run }], {});
    }
    this.#locked = true;
    this.#leans = isTaken;
    return isTaken ? session.ask(requests, options) : replies;
  }

  /** Drops the connection; the next question opens another one, tried for so many seconds. */
  async reconnect(seconds: number): Promise<void> {
    const { signal } = this.#engine.options;
    await this.close();
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      try {
        await this.#connected();
        return;
      } catch (error) {
        this.#connection = undefined;
        if (Date.now() > deadline || problemsOf(error)[0].code !== "E_UNREACHABLE") throw error;
        await pause(1, signal);
      }
    }
  }

  async roundTrips(): Promise<number> {
    const live = await this.#connection?.then((connection) => connection.roundTrips, () => 0);
    return this.#closedRoundTrips + (live ?? 0);
  }

  /** What was seen over the connection is not what another one sees: it may come back to a host that has started anew, or with the groups that a user has got. */
  async close(): Promise<void> {
    this.#engine.kept.forget(this.line);
    const closing = this.#connection;
    this.#connection = undefined;
    this.#locked = false;
    this.#leans = false;
    const connection = await closing?.catch(() => undefined);
    if (!connection) return;
    await inTime(connection.close());
    this.#closedRoundTrips += connection.roundTrips;
  }

  /** A connection that is lost is let go: who asks again, because the loss was ignored or rescued, gets another one. */
  async #onLine<Value>(work: (connection: Connection) => Promise<Value>): Promise<Value> {
    const connected = this.#connected();
    try {
      return await work(await connected);
    } catch (error) {
      if (problemsOf(error)[0].code === "E_UNREACHABLE" && this.#connection === connected) await this.close();
      throw error;
    }
  }

  #connected(): Promise<Connection> {
    this.#connection ??= this.#connect();
    return this.#connection;
  }

  async #connect(): Promise<Connection> {
    const { ports, options } = this.#engine;
    const target = this.#target();
    for (const secret of [target.password, target.passphrase]) if (secret) ports.redactor.add(secret);
    try {
      return await ports.transport.connect(target, { signal: options.signal });
    } catch (error) {
      throw options.signal.aborted ? interrupted() : error;
    }
  }

  #target(): Target {
    return this.#engine.ports.targetOf(this.name, connectionVariables(this.context(undefined, undefined)));
  }
}

/** Commands may change something, and count how often they are run; a password is made by whoever asks for it first. */
const leaveTraces: readonly string[] = ["pipe", "lines", "password"];

function tracelessOf({ call, partial }: Lookups): Lookups {
  return {
    call: (name, terms, asked) => {
      if (leaveTraces.includes(name)) throw new BowlineError({ code: "E_TEMPLATE", message: `the lookup ${name} waits until its task is reached`, at: asked.at });
      return call(name, terms, asked);
    },
    partial,
  };
}

function unknownValue(name: string): never {
  throw new UnknownValue(name);
}

function interrupted(): BowlineError {
  return new BowlineError({ code: "E_INTERRUPTED", message: "interrupted" });
}

/** Nothing that goes wrong at the end of a connection matters any more. */
async function inTime(closing: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, closeLimit * 1000)));
  await Promise.race([closing.catch(() => undefined), late]);
  clearTimeout(timer);
}

/** Looks at a lock before it counts as somebody else's: who has it writes the run's name a moment after taking it. */
const mostLooks = 3;

/** The lock stands first in the batch, so every index of a line is one too high; what it says is for us. */
function shifted({ onLine, vital, ...options }: AskOptions): AskOptions {
  return {
    ...options,
    ...(vital === undefined ? {} : { vital: vital + 1 }),
    ...(onLine ? { onLine: (line) => (line.request === 0 ? undefined : onLine({ ...line, request: line.request - 1 })) } : {}),
  };
}

function heldBy(reply: Reply): string {
  return reply.stderr.toString("utf8").trim();
}

function lockedError(reply: Reply): BowlineError {
  return new BowlineError({
    code: "E_LOCKED",
    message: "another run is changing this host",
    seen: heldBy(reply),
    hint: "wait for it to end; the lock goes when its session does",
  });
}
