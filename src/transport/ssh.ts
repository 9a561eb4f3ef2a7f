import type { Duplex } from "node:stream";
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from "ssh2";
import { BowlineError } from "../core/errors.ts";
import { loginOf, type Login } from "./auth.ts";
import { becomeCommand, passPassword } from "./become.ts";
import { Doors, TurnedAway, type Visitor } from "./doors.ts";
import { judgeKey, knownTypes } from "./known-hosts.ts";
import { Sessions, usualTiming } from "./sessions.ts";
import type { Become, Connection, Target } from "./transport.ts";
import { bootstrap, type Wire } from "./wire.ts";

export interface SshOptions extends Visitor {
  readonly onWarning: (message: string, host: string) => void;
  /** Where the hosts of a run wait for their turn to log in; without them this one waits for nobody. */
  readonly doors?: Doors;
}

/** One client and the moment when it is gone. */
interface Hop {
  readonly client: Client;
  readonly gone: Promise<string | undefined>;
}

/** Connects to a host over SSH, through its jump hosts, and authenticates. Every failure is a BowlineError in words. */
export async function connectSsh(target: Target, options: SshOptions): Promise<Connection> {
  const route = [...target.proxyJump, target];
  const { doors = new Doors() } = options;
  const hops: Hop[] = [];
  try {
    for (const [index, stop] of route.entries()) {
      const before = hops[index - 1];
      const attempt = async () => connectHop(stop, before ? await forward(before, route[index - 1]!, stop) : undefined, options);
      hops.push(await doors.enter(stop, options, attempt));
    }
  } catch (error) {
    await endAll(hops);
    throw error;
  }
  const last = hops.at(-1)!;
  return new Sessions({ name: target.name, shell: "sh", timing: usualTiming }, (become) => openChannel(last, target, become), () => endAll(hops));
}

async function connectHop(target: Target, through: Duplex | undefined, options: SshOptions): Promise<Hop> {
  if (options.signal.aborted) throw unreachable(target, "interrupted");
  const login = await loginOf(target);
  const client = new ssh2.Client();
  client.setMaxListeners(0);
  let refused: BowlineError | undefined;
  const hostVerifier = (key: Buffer) => {
    const judged = judgeKey(target, key);
    if (!judged.ok) refused = judged.error;
    else if (judged.warning !== undefined) options.onWarning(judged.warning, target.name);
    return judged.ok;
  };
  let reason: string | undefined;
  const gone = new Promise<string | undefined>((resolve) => client.once("close", () => resolve(reason ?? "the host closed it")));
  const abort = () => client.destroy();
  options.signal.addEventListener("abort", abort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      let met = false;
      client.once("handshake", () => (met = true));
      client.once("ready", resolve);
      client.on("error", (error: Error & { level?: string; code?: string }) => {
        // An agent that does not answer is one method less.
        if (error.level === "agent") return;
        reason = error.message;
        reject(refused ?? (!met && hangUps.test(error.code ?? error.message) ? turnedAway(target, error) : wordsFor(error, target, login)));
      });
      client.once("close", () => reject(refused ?? unreachable(target, options.signal.aborted ? "interrupted" : "the connection was closed before it was ready")));
      client.connect({ ...configOf(target, through), hostVerifier, authHandler: login.handler });
      // Else a small packet waits for the answer to the one before it, and the host waits 40 ms with that answer.
      client.setNoDelay(true);
    });
  } catch (error) {
    client.destroy();
    throw error;
  } finally {
    options.signal.removeEventListener("abort", abort);
  }
  return { client, gone };
}

function configOf(target: Target, through: Duplex | undefined): ConnectConfig {
  return {
    ...(through ? { sock: through } : { host: target.host, port: target.port }),
    username: target.user,
    readyTimeout: target.connectTimeout * 1000,
    keepaliveInterval: target.serverAliveInterval * 1000,
    keepaliveCountMax: 3,
    algorithms: { serverHostKey: hostKeyAlgorithms(target) as never },
  };
}

const rsaAlgorithms = ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"];
const keyAlgorithms = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", ...rsaAlgorithms];

/** known_hosts decides which of its key types the server is asked for first, as ssh does. */
function hostKeyAlgorithms(target: Target): string[] {
  const known = knownTypes(target).flatMap((type) => (type === "ssh-rsa" ? rsaAlgorithms : [type]));
  return [...new Set([...known.filter((type) => keyAlgorithms.includes(type)), ...keyAlgorithms])];
}

async function openChannel(hop: Hop, target: Target, become: Become | undefined): Promise<Wire> {
  const command = `exec ${become ? becomeCommand(become, "sh", bootstrap) : bootstrap}`;
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    const lost = (why: string) => reject(unreachable(target, why));
    void hop.gone.then((reason) => lost(reason ?? "the connection is gone"));
    try {
      hop.client.exec(command, (error, opened) => (error ? lost(channelWords(error)) : resolve(opened)));
    } catch (error) {
      lost(error instanceof Error ? error.message : String(error));
    }
  });
  const wire = wireOf(hop, channel);
  return become ? passPassword(wire, become, target) : wire;
}

function channelWords(error: Error): string {
  return /open failure/i.test(error.message) ? `its sshd opens no more sessions on this connection (MaxSessions): ${error.message}` : error.message;
}

function wireOf(hop: Hop, channel: ClientChannel): Wire {
  let close: () => void = () => undefined;
  const closed = new Promise<string | undefined>((resolve) => {
    channel.once("close", () => resolve(undefined));
    void hop.gone.then(resolve);
    close = () => {
      channel.destroy();
      resolve("closed");
    };
  });
  channel.on("error", () => undefined);
  return { stdin: channel, stdout: channel, stderr: channel.stderr, close, closed };
}

function forward(hop: Hop, from: Target, next: Target): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const failed = (why: string) => reject(unreachable(next, `through ${from.name}: ${why}`));
    void hop.gone.then((reason) => failed(reason ?? "the connection is gone"));
    hop.client.forwardOut("127.0.0.1", 0, next.host, next.port, (error, channel) => (error ? failed(error.message) : resolve(channel)));
  });
}

async function endAll(hops: readonly Hop[]): Promise<void> {
  for (const { client, gone } of hops.toReversed()) {
    client.end();
    await gone;
  }
}

const socketWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "its name is not known",
  EAI_AGAIN: "its name could not be looked up",
  EHOSTUNREACH: "there is no route to it",
  ENETUNREACH: "there is no route to its network",
  ETIMEDOUT: "it did not answer in time",
  ECONNRESET: "it closed the connection",
  EMFILE: "this process may have no more connections open; raise its limit (ulimit -Hn), or take fewer hosts at a time with serial",
};

function wordsFor(error: Error & { level?: string; code?: string }, target: Target, login: Login): BowlineError {
  if (error.level === "client-authentication") {
    const seen = login.tried.length > 0 ? `tried ${login.tried.join(", ")}` : "there was nothing to try: no agent, no key file, no password";
    const message = `${target.user} could not log in at ${target.host}:${target.port}`;
    return new BowlineError({ code: "E_AUTH", message, seen, hint: `try it by hand: ssh -p ${target.port} ${target.user}@${target.host}` }, { cause: error });
  }
  if (error.level === "client-timeout") return unreachable(target, `it did not answer within ${target.connectTimeout}s`);
  return unreachable(target, socketWords[error.code ?? ""] ?? error.message);
}

/** How it ends when the other side hangs up at once, in the words of the socket and of ssh2. */
const hangUps = /^(ECONNRESET|EPIPE|Connection lost before handshake)$/;

function turnedAway(target: Target, cause: Error): TurnedAway {
  return new TurnedAway([...unreachable(target, "it hung up before it said who it is").problems], { cause });
}

function unreachable(target: Target, why: string): BowlineError {
  return new BowlineError({ code: "E_UNREACHABLE", message: `${target.name} (${target.host}:${target.port}) cannot be reached: ${why}` });
}
