import { readFile } from "node:fs/promises";
import ssh2, { type AnyAuthMethod, type BaseAgent, type ConnectConfig, type ParsedKey } from "ssh2";
import { BowlineError } from "../core/errors.ts";
import type { Target } from "./transport.ts";

/** How a login is tried, one after the other, and what was tried or passed over: for the message when none worked. */
export interface Login {
  readonly handler: NonNullable<ConnectConfig["authHandler"]>;
  readonly tried: readonly string[];
}

type Method = AnyAuthMethod & { readonly words: string };

/**
 * The key files that were named, the agent, ssh's default key files, the password. Named ones come before the agent, since
 * a server ends a login after a few keys. A default key that cannot be used is passed over; a named one is an error,
 * unless the agent may have it.
 */
export async function loginOf(target: Target): Promise<Login> {
  const tried: string[] = [];
  const agent = target.agent === undefined ? process.env["SSH_AUTH_SOCK"] || null : target.agent;
  const keys: Method[] = [];
  for (const path of target.identityFiles) keys.push(...(await keyMethod(target, path, agent !== null, tried)));
  const agents = agent === null ? [] : [await agentMethod(target, agent)];
  const methods = [...(target.identitiesAreDefault ? [...agents, ...keys] : [...keys, ...agents]), ...passwordMethods(target)];
  return { handler: handlerOf(methods, tried), tried };
}

function handlerOf(methods: readonly Method[], tried: string[]): Login["handler"] {
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

async function keyMethod(target: Target, path: string, hasAgent: boolean, tried: string[]): Promise<Method[]> {
  const passOver = (why: string) => {
    tried.push(`${path} (passed over: ${why})`);
    return [];
  };
  const key = await readFile(path).catch((error: NodeJS.ErrnoException) => error);
  if (!Buffer.isBuffer(key)) {
    const why = key.code === "ENOENT" ? "there is none" : key.message;
    if (target.identitiesAreDefault) return passOver(why);
    throw new BowlineError({ code: "E_AUTH", message: `the key file ${path} cannot be read: ${why}` });
  }
  const passphrase = target.passphrase?.reveal();
  const parsed = parsedKey(key, passphrase);
  if (!(parsed instanceof Error) && parsed.isPrivateKey()) return [{ type: "publickey", username: target.user, key: parsed, words: path }];
  const locked = parsed instanceof Error && /encrypted|passphrase|bad decrypt|integrity/i.test(parsed.message);
  if (target.identitiesAreDefault || (hasAgent && (locked || !(parsed instanceof Error)))) return passOver(locked ? "it is locked with a passphrase" : "it is no private key that can be used");
  if (!locked) throw new BowlineError({ code: "E_AUTH", message: `${path} is no private key: ${parsed instanceof Error ? parsed.message : "it is a public one"}` });
  const message = passphrase === undefined ? `${path} is locked with a passphrase` : `the passphrase of ${path} is wrong`;
  throw new BowlineError({ code: "E_AUTH", message, hint: "add it to an agent (ssh-add), or give ssh: { passphrase: … }" });
}

/** Parsed once, however many hosts it opens: it costs about as much as the rest of a login. */
function parsedKey(key: Buffer, passphrase?: string): ParsedKey | Error {
  const name = `${passphrase ?? ""}\0${key.toString("latin1")}`;
  const known = parsedKeys.get(name);
  if (known) return known;
  const all: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(key, passphrase);
  const parsed = Array.isArray(all) ? (all[0] ?? new Error("it is empty")) : all;
  parsedKeys.set(name, parsed);
  return parsed;
}

const parsedKeys = new Map<string, ParsedKey | Error>();

/** With IdentitiesOnly, of the agent's keys only those whose public half is a key file that was named, or lies beside one. */
async function agentMethod(target: Target, socket: string): Promise<Method> {
  const words = "the agent";
  if (!target.identitiesOnly) return { type: "agent", username: target.user, agent: socket, words };
  const files = await Promise.all(target.identityFiles.flatMap((path) => [path, `${path}.pub`]).map((path) => readFile(path).catch(() => undefined)));
  const wanted = files.flatMap((file) => (file ? [parsedKey(file, target.passphrase?.reveal())] : [])).flatMap((key) => (key instanceof Error ? [] : [key.getPublicSSH().toString("base64")]));
  const agent: BaseAgent = ssh2.createAgent(socket);
  const all = agent.getIdentities.bind(agent);
  agent.getIdentities = (callback) => {
    all((error, keys) => callback(error ?? null, keys?.filter((key) => wanted.includes(publicOf(key)))));
  };
  return { type: "agent", username: target.user, agent, words };
}

function publicOf(key: unknown): string {
  const parsed = Buffer.isBuffer(key) ? parsedKey(key) : (key as ParsedKey);
  return parsed instanceof Error ? "" : parsed.getPublicSSH().toString("base64");
}

/** Many servers ask for the password in a conversation; a question whose answer may be seen does not want it. */
function passwordMethods({ user: username, password }: Target): Method[] {
  if (!password) return [];
  let asked = false;
  return [
    { type: "password", username, password: password.reveal(), words: "the password" },
    {
      type: "keyboard-interactive",
      username,
      prompt: (...[, , , prompts, finish]) => {
        const answer = asked ? "" : password.reveal();
        asked ||= prompts.length > 0;
        finish(prompts.map((prompt) => (prompt.echo ? "" : answer)));
      },
      words: "keyboard-interactive",
    },
  ];
}
