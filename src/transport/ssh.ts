import { readFile } from "node:fs/promises";
import type { Duplex } from "node:stream";
import ssh2, { type AnyAuthMethod, type Client, type ClientChannel, type ConnectConfig } from "ssh2";
import { BowlineError } from "../core/errors.ts";
import { becomeCommand, passPassword } from "./become.ts";
import { judgeKey, knownTypes } from "./known-hosts.ts";
import { bootstrap, type Wire } from "./session.ts";
import { Sessions } from "./sessions.ts";
import type { Become, Connection, Target } from "./transport.ts";

export interface SshOptions {
  readonly signal: AbortSignal;
  readonly onWarning: (message: string, host: string) => void;
}

/** Connects to a host over SSH, through its jump hosts, and authenticates. Every failure is a BowlineError in words. */
export async function connectSsh(target: Target, options: SshOptions): Promise<Connection> {
  const clients: Client[] = [];
  let through: Duplex | undefined;
  try {
    for (const hop of [...target.proxyJump, target]) {
      const client = await connectClient(hop, through, options);
      clients.push(client);
      const next = [...target.proxyJump, target][clients.length];
      if (next) through = await forward(client, hop, next);
    }
  } catch (error) {
    for (const client of clients) client.end();
    throw error;
  }
  const client = clients.at(-1)!;
  return new Sessions(target.name, "sh", (become) => openChannel(client, target, become), () => endAll(clients));
}

async function connectClient(target: Target, through: Duplex | undefined, options: SshOptions): Promise<Client> {
  const client = new ssh2.Client();
  const tried: string[] = [];
  let verdict: BowlineError | undefined;
  const config: ConnectConfig = {
    ...(through ? { sock: through } : { host: target.host, port: target.port }),
    username: target.user,
    readyTimeout: target.connectTimeout * 1000,
    keepaliveInterval: target.serverAliveInterval * 1000,
    keepaliveCountMax: 3,
    algorithms: { serverHostKey: { prepend: hostKeyAlgorithms(target), append: [], remove: [] } },
    hostVerifier: (key: Buffer) => {
      const judged = judgeKey(target, key);
      if (!judged.ok) verdict = judged.error;
      else if (judged.warning !== undefined) options.onWarning(judged.warning, target.name);
      return judged.ok;
    },
    authHandler: handlerOf(await methodsOf(target), tried),
  };
  return new Promise((resolve, reject) => {
    const abort = () => client.destroy();
    options.signal.addEventListener("abort", abort, { once: true });
    const settle = () => options.signal.removeEventListener("abort", abort);
    client.on("keyboard-interactive", (_name, _instructions, _lang, prompts, finish) => finish(prompts.map(() => target.password?.reveal() ?? "")));
    client.once("ready", () => {
      settle();
      if (!through) client.setNoDelay(true);
      resolve(client);
    });
    client.on("error", (error: Error & { level?: string; code?: string }) => {
      settle();
      reject(verdict ?? wordsFor(error, target, tried));
    });
    client.once("close", () => {
      settle();
      reject(verdict ?? unreachable(target, options.signal.aborted ? "interrupted" : "the connection was closed before it was ready"));
    });
    client.connect(config);
  });
}

/** known_hosts decides which of its key types the server is asked for, as ssh does. */
function hostKeyAlgorithms(target: Target): never[] {
  const types = knownTypes(target).flatMap((type) => (type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [type]));
  return types as never[];
}

type Method = AnyAuthMethod & { readonly words: string };

function handlerOf(methods: readonly Method[], tried: string[]): NonNullable<ConnectConfig["authHandler"]> {
  const left = [...methods];
  return (methodsLeft, _partial, next) => {
    const usable = (type: string) => !methodsLeft || (methodsLeft as readonly string[]).includes(type === "agent" ? "publickey" : type);
    for (let method = left.shift(); method; method = left.shift()) {
      if (!usable(method.type)) continue;
      const { words, ...auth } = method;
      tried.push(words);
      return next(auth as AnyAuthMethod);
    }
    return next(false as never);
  };
}

/** What there is to try, in ssh's order: the agent, the key files, the password. */
async function methodsOf(target: Target): Promise<Method[]> {
  const methods: Method[] = [];
  const agent = target.agent === undefined ? process.env["SSH_AUTH_SOCK"] : target.agent;
  const username = target.user;
  if (agent) methods.push({ type: "agent", username, agent, words: "the agent" });
  for (const path of target.identityFiles) methods.push(...(await keyMethod(target, path)));
  if (target.password) {
    methods.push({ type: "password", username, password: target.password.reveal(), words: "the password" });
    methods.push({ type: "keyboard-interactive", username, prompt: (_n, _i, _l, prompts, finish) => finish(prompts.map(() => target.password!.reveal())), words: "keyboard-interactive" });
  }
  return methods;
}

async function keyMethod(target: Target, path: string): Promise<Method[]> {
  const key = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new BowlineError({ code: "E_AUTH", message: `the key file ${path} cannot be read: ${error.code === "ENOENT" ? "there is none" : error.message}` });
  });
  const passphrase = target.passphrase?.reveal();
  const parsed = ssh2.utils.parseKey(key, passphrase);
  if (parsed instanceof Error) throw keyError(path, parsed, passphrase !== undefined);
  return [{ type: "publickey", username: target.user, key, ...(passphrase === undefined ? {} : { passphrase }), words: path }];
}

function keyError(path: string, error: Error, hadPassphrase: boolean): BowlineError {
  const locked = /encrypted|passphrase|bad decrypt|integrity/i.test(error.message);
  const message = locked ? (hadPassphrase ? `the passphrase of ${path} is wrong` : `${path} is locked with a passphrase`) : `${path} is no private key: ${error.message}`;
  return new BowlineError({ code: "E_AUTH", message, ...(locked ? { hint: "add it to an agent (ssh-add), or give ssh: { passphrase: … }" } : {}) });
}

function openChannel(client: Client, target: Target, become: Become | undefined): Promise<Wire> {
  const command = `exec ${become ? becomeCommand(become, "sh", bootstrap) : bootstrap}`;
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(unreachable(target, error.message));
      const wire = wireOf(client, channel);
      return resolve(become ? passPassword(wire, become, target.name) : wire);
    });
  });
}

function wireOf(client: Client, channel: ClientChannel): Wire {
  const closed = new Promise<string | undefined>((resolve) => {
    channel.once("close", () => resolve(undefined));
    client.once("error", (error) => resolve(error.message));
    client.once("close", () => resolve("the host closed it"));
  });
  return { stdin: channel, stdout: channel, stderr: channel.stderr, close: () => channel.destroy(), closed };
}

function forward(client: Client, hop: Target, next: Target): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut("127.0.0.1", 0, next.host, next.port, (error, channel) => (error ? reject(unreachable(next, `through ${hop.name}: ${error.message}`)) : resolve(channel)));
  });
}

async function endAll(clients: readonly Client[]): Promise<void> {
  for (const client of clients.toReversed()) {
    await new Promise<void>((resolve) => {
      client.once("close", () => resolve());
      client.end();
    });
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
};

function wordsFor(error: Error & { level?: string; code?: string }, target: Target, tried: readonly string[]): BowlineError {
  if (error.level === "client-authentication") {
    const seen = tried.length > 0 ? `tried ${tried.join(", ")}` : "there was nothing to try: no agent, no key file, no password";
    const message = `${target.user} could not log in at ${target.host}:${target.port}`;
    return new BowlineError({ code: "E_AUTH", message, seen, hint: `try it by hand: ssh -p ${target.port} ${target.user}@${target.host}` }, { cause: error });
  }
  if (error.level === "client-timeout") return unreachable(target, `it did not answer within ${target.connectTimeout}s`);
  return unreachable(target, socketWords[error.code ?? ""] ?? error.message);
}

function unreachable(target: Target, why: string): BowlineError {
  return new BowlineError({ code: "E_UNREACHABLE", message: `${target.name} (${target.host}:${target.port}) cannot be reached: ${why}` });
}
