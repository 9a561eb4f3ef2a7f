import { BowlineError } from "../../src/core/errors.ts";
import type { AskOptions, Become, Connection, Reply, Request, Session, Transport } from "../../src/transport/transport.ts";

/**
 * A host that exists only in memory. Its scripts are one line of one word and its arguments:
 *
 *     see NAME         prints what the thing is; a thing that is not there prints nothing
 *     sees NAME …      the same of many, with a blank between them; hangs when one is called stuck, is cut off by lost, and says ? of odd
 *     put NAME VALUE   makes it so
 *     lie NAME VALUE   says that it made it so
 *     say TEXT         prints the text
 *     env NAME         prints a variable that the task exported
 *     whoami           prints the user that the task became
 *     fail CODE TEXT   ends with the code and the text on stderr
 *     hang             ends when its time is up, or when it is cancelled
 *     lose             loses the connection
 */
export class FakeHost {
  readonly things = new Map<string, string>();
  /** Every batch that came over the wire: the lines of its scripts. */
  readonly batches: string[][] = [];
  /** As whom each batch was asked. */
  readonly users: string[] = [];
  /** How it was connected to: its name, and the variables of the connection. */
  readonly targets: Readonly<Record<string, unknown>>[] = [];
  connects = 0;
  closes = 0;
  /** The time limit of each script that had one. */
  readonly limits: number[] = [];
  /** How often each first word was run. */
  readonly ran: Record<string, number> = {};
  /** Called before each script is run, with its line. */
  onScript: (line: string) => void = () => undefined;
  /** What a script waits for before it is run. */
  waitFor: (line: string) => Promise<void> | undefined = () => undefined;
  /** Whether the output of a script is so long that some of it was left out. */
  cuts: (line: string) => boolean = () => false;
  reachable = true;
  /** Somebody else's run that holds the lock. */
  lockedBy: string | undefined;
  /** Its connection never ends. */
  neverCloses = false;
  onClose: () => void = () => undefined;

  constructor(things: Readonly<Record<string, string>> = {}) {
    for (const [name, value] of Object.entries(things)) this.things.set(name, value);
  }

  get lines(): string[] {
    return this.batches.flat();
  }
}

export function fakeTransport(world: Readonly<Record<string, FakeHost>>): Transport {
  return {
    connect: (target) => {
      const { name } = target;
      const host = world[name];
      if (!host) return Promise.reject(new BowlineError({ code: "E_UNREACHABLE", message: `there is no host ${name}` }));
      host.targets.push(target as unknown as Readonly<Record<string, unknown>>);
      host.connects += 1;
      if (!host.reachable) return Promise.reject(new BowlineError({ code: "E_UNREACHABLE", message: `${name} cannot be reached` }));
      return Promise.resolve(new FakeConnection(host));
    },
  };
}

class FakeConnection implements Connection {
  roundTrips = 0;
  readonly #host: FakeHost;

  constructor(host: FakeHost) {
    this.#host = host;
  }

  session(become?: Become): Promise<Session> {
    const ask = async (requests: readonly Request[], options: AskOptions = {}) => {
      this.roundTrips += 1;
      this.#host.batches.push(requests.map(lineOf));
      this.#host.users.push(become?.user ?? "");
      return answers(requests, this.#host, { ...options, user: become?.user ?? "login" });
    };
    return Promise.resolve({ ask, close: () => Promise.resolve() });
  }

  async close(): Promise<void> {
    this.#host.closes += 1;
    this.#host.onClose();
    if (this.#host.neverCloses) await new Promise(() => undefined);
  }
}

function lineOf(request: Request): string {
  switch (request.kind) {
    case "script":
      return request.script.text;
    case "lock":
      return `lock ${request.label}`;
    case "put":
    case "fetch":
      return `${request.kind} ${request.path}`;
    default:
      return request satisfies never;
  }
}

async function answers(requests: readonly Request[], host: FakeHost, options: AskOptions & { user: string }): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (const [index, request] of requests.entries()) {
    // As over a wire: nothing is there at once.
    await new Promise((resolve) => setImmediate(resolve));
    host.onScript(lineOf(request));
    await host.waitFor(lineOf(request));
    const reply = await answer(request, host, options).catch((error: unknown) => {
      if (index < (options.vital ?? requests.length)) throw error;
    });
    if (!reply) break;
    replies.push(host.cuts(lineOf(request)) ? { ...reply, omitted: { stdout: 5, stderr: 0 } } : reply);
    if (reply.status === "done") report(reply, index, options);
    const accept = request.kind === "script" ? (request.accept ?? [0]) : [0];
    if (reply.status !== "done" || !accept.includes(reply.code)) break;
  }
  return replies;
}

async function answer(request: Request, host: FakeHost, options: AskOptions & { user: string }): Promise<Reply> {
  if (request.kind !== "script" || !request.expected) return plainAnswer(request, host, options);
  const { expected, ...look } = request;
  const { status, code, stdout, stderr } = await plainAnswer(look, host, options);
  const isSame = code === expected.code && stdout.toString() === expected.stdout && stderr.length === 0;
  return { ...done("", isSame ? 0 : 1), status };
}

async function plainAnswer(request: Request, host: FakeHost, { user, signal }: AskOptions & { user: string }): Promise<Reply> {
  if (request.kind === "lock") return host.lockedBy === undefined ? done("") : done("", 75, `held by run ${host.lockedBy}`);
  if (request.kind !== "script") return done("");
  if (request.timeout) host.limits.push(request.timeout);
  const [word = "", first = "", ...rest] = request.script.text.split(" ").map((part) => part.replaceAll("'", ""));
  host.ran[word] = (host.ran[word] ?? 0) + 1;
  const value = rest.join(" ");
  switch (word) {
    case "see":
      return done(host.things.get(first) ?? "");
    case "sees": {
      const names = [first, ...rest];
      if (names.includes("lost")) throw new BowlineError({ code: "E_UNREACHABLE", message: "the connection was lost" });
      return names.includes("stuck") ? { ...done("", 143), status: "timeout" } : done(names.map((name) => (name === "odd" ? "?" : (host.things.get(name) ?? ""))).join(" "));
    }
    case "put":
      host.things.set(first, value);
      return done(`now ${first} is ${value}\n`);
    case "lie":
      return done("");
    case "say":
      return done(`${[first, ...rest].join(" ")}\n`);
    case "env":
      return done(`${request.environment?.[first] ?? ""}\n`);
    case "whoami":
      return done(`${user}\n`);
    case "fail":
      return done("", Number(first), `${value}\n`);
    case "hang":
      if (request.timeout) return { ...done("", 143), status: "timeout" };
      await cancelled(signal);
      return { ...done("", 143), status: "cancelled" };
    case "lose":
      throw new BowlineError({ code: "E_UNREACHABLE", message: "the connection was lost" });
    default:
      return done("", 127, `${word}: not found\n`);
  }
}

function done(stdout: string, code = 0, stderr = ""): Reply {
  return { status: "done", code, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) };
}

function report(reply: Reply, request: number, { onLine }: AskOptions): void {
  for (const stream of ["stdout", "stderr"] as const) {
    const text = reply[stream].toString("utf8");
    for (const line of text === "" ? [] : text.replace(/\n$/, "").split("\n")) onLine?.({ request, stream, text: line });
  }
}

function cancelled(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    signal?.addEventListener("abort", () => resolve(), { once: true });
  });
}
