import type { Script } from "../core/sh.ts";
import type { Secret } from "../core/secret.ts";
import type { Content } from "../core/step.ts";

/**
 * How the engine reaches a host. Implementations: ssh.ts and local.ts; the session protocol that both speak is in
 * session.ts. Everything that goes wrong on the way (no route, wrong key, lost connection) rejects with a
 * BowlineError whose code is E_UNREACHABLE, E_HOST_KEY or E_AUTH; E_BECOME where a user cannot be become.
 */
export interface Transport {
  connect(target: Target, options: { readonly signal: AbortSignal }): Promise<Connection>;
}

/** One authenticated connection to one host. */
export interface Connection {
  /** The persistent shell of one user; the same one for the same user as long as it lives. */
  session(become?: Become): Promise<Session>;
  close(): Promise<void>;
  /** Round trips so far, sessions and batches counted, the handshake not. */
  readonly roundTrips: number;
}

/** A persistent shell on a host. */
export interface Session {
  /**
   * Runs the requests in order, in one round trip. A request that fails stops those behind it: the answers end with
   * its own. Resolves when all output has arrived; rejects only when the connection is lost.
   */
  ask(requests: readonly Request[], options?: AskOptions): Promise<readonly Reply[]>;
  close(): Promise<void>;
}

export interface AskOptions {
  /**
   * Aborting kills the whole process tree of what runs on the host; the reply then says "cancelled". A script with
   * `onDisconnect: "finish"` is let finish, and what is behind it is not begun.
   */
  readonly signal?: AbortSignal;
  /** Called for each line of output as it arrives, without its newline; long partial lines come in pieces. */
  readonly onLine?: (line: OutputLine) => void;
  /** So many requests, from the first on, must be answered: a connection that is lost behind them is no error yet. All, when absent. */
  readonly vital?: number;
}

export interface OutputLine {
  /** The index of the request in the batch. */
  readonly request: number;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

export type Request = ScriptRequest | PutRequest | FetchRequest | LockRequest;

/**
 * Takes the host's lock for as long as the session lives; only as the first of a batch. Code 75 when another run holds
 * it, with its owner on stderr.
 */
export interface LockRequest {
  readonly kind: "lock";
  /** Who we are, in the words that the other one will read. */
  readonly label: string;
}

export interface ScriptRequest {
  readonly kind: "script";
  readonly script: Script;
  readonly stdin?: string | Uint8Array;
  /** Seconds until the whole process tree is killed; 0 or absent: no limit. */
  readonly timeout?: number;
  /** Exit codes that let the batch go on; default: 0 only. */
  readonly accept?: readonly number[];
  /** When the connection dies, or is told to stop: stop the script (default) or let it finish. */
  readonly onDisconnect?: "stop" | "finish";
  /**
   * One of our own looks: it only reads, leaves no child behind that writes on, and signals nobody. It runs in a subshell
   * of the session and not in a shell of its own, and may be asked again.
   */
  readonly trusted?: boolean;
  /** Code 0 when it prints exactly this on standard output, nothing on standard error, and ends with this code; else 1. */
  readonly expected?: { readonly code: number; readonly stdout: string };
  /** Variables exported to the script. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface PutRequest {
  readonly kind: "put";
  readonly path: string;
  readonly content: Content;
  /** Octal digits. */
  readonly mode: string;
  readonly owner?: string;
  readonly group?: string;
}

export interface FetchRequest {
  readonly kind: "fetch";
  readonly path: string;
  /** Bytes; a longer file gives code 1 and says so on stderr. */
  readonly limit: number;
}

/** Answer to one request, byte for byte as far as it is kept. For a put, stderr says what went wrong; for a fetch, stdout is the file. */
export interface Reply {
  readonly status: "done" | "timeout" | "cancelled";
  /** Exit code; 128 + N after signal N. */
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Bytes that were left out in the middle of each, where a line says so: only the ends of a very long output are kept. Absent: both are whole. */
  readonly omitted?: { readonly stdout: number; readonly stderr: number };
}

/** Where a host is and who we are there, in ssh_config's words. */
export interface Target {
  /** The inventory's name of the host, for messages. */
  readonly name: string;
  readonly connection: "ssh" | "local";
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly identityFiles: readonly string[];
  /** The files are ssh's own defaults, which nobody named: one that cannot be used is passed over. */
  readonly identitiesAreDefault?: boolean;
  /** Of an agent's keys only those of the identity files. */
  readonly identitiesOnly?: boolean;
  readonly passphrase?: Secret;
  readonly password?: Secret;
  /** Path of an agent socket; undefined: $SSH_AUTH_SOCK; null: no agent. */
  readonly agent?: string | null;
  readonly knownHostsFiles: readonly string[];
  /** The name under which known_hosts has the host, if it is not its address. */
  readonly hostKeyAlias?: string;
  readonly strictHostKeyChecking: "yes" | "accept-new" | "off";
  /** Hops in the order in which they are passed. */
  readonly proxyJump: readonly Target[];
  /** Seconds for the connection and for the authentication. */
  readonly connectTimeout: number;
  /** Seconds between signs of life; after three without an answer the host is unreachable. */
  readonly serverAliveInterval: number;
}

export type BecomeMethod = "sudo" | "su" | "doas";

export interface Become {
  readonly user: string;
  readonly method: BecomeMethod;
  readonly password?: Secret;
}
