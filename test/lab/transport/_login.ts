import { Secret } from "../../../src/core/secret.ts";
import { BowlineError } from "../../../src/core/errors.ts";
import { connectSsh } from "../../../src/transport/ssh.ts";
import type { Connection, Target } from "../../../src/transport/transport.ts";
import { script } from "../../transport/_host.ts";

/** What a login needs to know of a server. */
export interface Server {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly identityFile: string;
  readonly knownHostsFile: string;
}

export function targetOf(server: Server, more: Partial<Target> = {}): Target {
  return {
    name: "web1",
    connection: "ssh",
    host: server.host,
    port: server.port,
    user: server.user,
    identityFiles: [server.identityFile],
    agent: null,
    knownHostsFiles: [server.knownHostsFile],
    strictHostKeyChecking: "yes",
    proxyJump: [],
    connectTimeout: 60,
    serverAliveInterval: 15,
    ...more,
  };
}

const open = new Set<Connection>();

export async function login(target: Target, warnings: string[] = []): Promise<Connection> {
  const connection = await connectSsh(target, { signal: new AbortController().signal, onWarning: (message) => warnings.push(message) });
  open.add(connection);
  return connection;
}

export async function closeAll(): Promise<void> {
  await Promise.all([...open].map((connection) => connection.close()));
  open.clear();
}

/** Logs in and says who we are there, or how it was refused: the code and all that the person reads. */
export async function attempt(target: Target, warnings: string[] = []): Promise<string> {
  try {
    const connection = await login(target, warnings);
    const [reply] = await (await connection.session()).ask([script("id -un")]);
    return reply!.stdout.toString().trim();
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    return `${error.code} ${error.problems.map(({ message, expected = "", seen = "", hint = "" }) => [message, expected, seen, hint].join(" | ")).join("\n")}`;
  }
}

export const secret = (value: string) => new Secret(value);
