import { BowlineError, problemsOf } from "../core/errors.ts";
import { Scope } from "../core/scope.ts";
import { Secret } from "../core/secret.ts";
import type { HostEntry, Play, Program, Task } from "../compile/program.ts";
import type { Context } from "../template/context.ts";
import { makeContext, render } from "../template/render.ts";
import type { AskOptions, Become, Connection, Reply, Request } from "../transport/transport.ts";
import { pause } from "./pause.ts";
import type { Engine } from "./ports.ts";

/** Whether a host still takes part in the run. */
export type Standing = "active" | "failed" | "unreachable";

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
  standing: Standing = "active";
  /** Handlers to run at the end of the play, by id. */
  readonly notified = new Set<string>();
  /** Check mode: titles of tasks that would change the host, so that what is seen later may not be what would be. */
  readonly wouldChange: string[] = [];

  readonly #engine: Engine;
  readonly #scope: Scope;
  /** Raw values: what a host printed is never taken for a template. */
  readonly #values: Record<string, unknown> = {};
  readonly #fixedNames: ReadonlySet<string>;
  /** Variables whose value only a run gives, in the modes that are none. */
  readonly #unknown = new Set<string>();
  /** What a play lays over the scope is the same for all of its tasks. */
  #play: { readonly id: string; readonly scope: Scope } | undefined;
  #connection: Promise<Connection> | undefined;
  #locked = false;
  #closedRoundTrips = 0;

  constructor(entry: HostEntry, program: Program, engine: Engine) {
    this.name = entry.name;
    this.#engine = engine;
    this.#scope = Scope.empty.with(entry.variables).with(program.variables);
    this.#fixedNames = new Set(program.variables.map((definition) => definition.name));
  }

  /** The variables that a task sees here; `extras` are raw values such as the item of a loop. */
  context(play: Play, task: Task | undefined, extras: Readonly<Record<string, unknown>> = {}): Context {
    if (this.#play?.id !== play.id) this.#play = { id: play.id, scope: this.#scope.with(play.variables) };
    const values = { ...this.#values, ...extras };
    for (const name of this.#unknown) if (!Object.hasOwn(extras, name)) Object.defineProperty(values, name, { enumerable: true, get: () => unknownValue(name) });
    return makeContext(this.#play.scope.with(task?.variables ?? []), values, this.#engine.ports.lookups);
  }

  /** Sets a variable for the rest of the run; extra and magic variables stay what they are. */
  set(name: string, value: unknown): void {
    if (!this.#fixedNames.has(name)) this.#values[name] = value;
  }

  /** Whether the values of variables are what a run would give them; who asks for one that is not gets an {@link UnknownValue}. */
  know(names: readonly string[], known: boolean): void {
    for (const name of names) {
      if (known || this.#fixedNames.has(name)) this.#unknown.delete(name);
      else this.#unknown.add(name);
    }
  }

  /** Runs requests in the session of a user; the first use connects, and locks the host when the run may change it. */
  async ask(become: Become | undefined, requests: readonly Request[], options: AskOptions): Promise<readonly Reply[]> {
    const { mode, run, signal } = this.#engine.options;
    if (signal.aborted) throw interrupted();
    const session = await (await this.#connected()).session(become);
    if (this.#locked || mode === "check" || mode === "status") return session.ask(requests, options);
    const [lock, ...replies] = await session.ask([{ kind: "lock", label: run }, ...requests], shifted(options));
    const isOurs = lock !== undefined && lock.code !== 0 && heldBy(lock).startsWith(`held by run ${run} by `);
    if (lock && lock.code !== 0 && !isOurs) throw signal.aborted ? interrupted() : lockedError(lock);
    this.#locked = true;
    // The same machine under another name: this run is changing it already.
    return isOurs ? session.ask(requests, options) : replies;
  }

  /** Drops the connection; the next question opens another one, tried for so many seconds. */
  async reconnect(seconds: number): Promise<void> {
    const { signal } = this.#engine.options;
    this.#engine.kept.drop();
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

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    this.#connection = undefined;
    this.#locked = false;
    if (!connection) return;
    await inTime(connection.close());
    this.#closedRoundTrips += connection.roundTrips;
  }

  #connected(): Promise<Connection> {
    this.#connection ??= this.#connect();
    return this.#connection;
  }

  async #connect(): Promise<Connection> {
    const { ports, options } = this.#engine;
    const target = ports.targetOf(this.name, connectionVariables(makeContext(this.#scope, {}, ports.lookups), this.#scope.names()));
    for (const secret of [target.password, target.passphrase]) if (secret) ports.redactor.add(secret);
    try {
      return await ports.transport.connect(target, { signal: options.signal });
    } catch (error) {
      throw options.signal.aborted ? interrupted() : error;
    }
  }
}

/** The user that a task becomes, or undefined for the user who logged in. */
export function becomeOf(play: Play, task: Task, context: Context, engine: Engine): Become | undefined {
  const wanted = task.become.become ?? play.become.become;
  if (!wanted || render(wanted, context) !== true) return undefined;
  const user = task.become.user ?? play.become.user;
  const password = engine.options.becomePassword ?? secretVariable(context, "ansible_become_password");
  if (password) engine.ports.redactor.add(password);
  return { user: user ? String(render(user, context)) : "root", method: "sudo", ...(password ? { password } : {}) };
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

function secretVariable(context: Context, name: string): Secret | undefined {
  if (!context.has(name)) return undefined;
  const value = context.get(name);
  return value instanceof Secret ? value : new Secret(String(value));
}

const connectionNames = /^(ssh|ansible_[a-z_]+)$/;

function connectionVariables(context: Context, all: readonly string[]): Record<string, unknown> {
  const names = all.filter((name) => connectionNames.test(name));
  return Object.fromEntries(names.map((name) => [name, context.get(name)]));
}

/** The lock stands first in the batch, so every index of a line is one too high. */
function shifted(options: AskOptions): AskOptions {
  const { onLine } = options;
  return onLine ? { ...options, onLine: (line) => onLine({ ...line, request: line.request - 1 }) } : options;
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
