import type { Script } from "./sh.ts";

/** What a module may ask of the engine while it makes a change. */
export type Step = RunStep | PutStep | FetchStep | ReconnectStep;

/** Run a script on the host. It fails when its exit code is not among `accept` (default: 0 only). */
export interface RunStep {
  readonly kind: "run";
  readonly script: Script;
  readonly stdin?: string | Uint8Array;
  readonly accept?: readonly number[];
  /** Seconds; the task's own `timeout` still bounds it. */
  readonly timeout?: number;
  /** What becomes of it when the controller dies or is interrupted: stopped (default), or finished because half of it would do harm. */
  readonly onDisconnect?: "stop" | "finish";
  /** It leaves no child behind that could write on, as our own looks do; saves the host a search for one. */
  readonly trusted?: boolean;
  /** It prints only this, on standard output, and ends with this code; otherwise it fails. For looks. */
  readonly expected?: Pick<Answer, "code" | "stdout">;
  /** What it prints is for the module; no person sees it line by line. */
  readonly silent?: boolean;
  /** Its output is of use only as a whole, as that of a trusted or a silent step is: more than is kept of one is a failure. */
  readonly whole?: boolean;
  /** The words in results and errors, in place of the script: `e2fsck -p /dev/vg/lv`. */
  readonly title?: string;
}

/** Put a file on the host: written beside its place with its mode and owner, then renamed over it. */
export interface PutStep {
  readonly kind: "put";
  readonly path: string;
  readonly content: Content;
  /** Octal digits, e.g. "0644". */
  readonly mode: string;
  readonly owner?: string;
  readonly group?: string;
}

/** Bring a file's bytes to the controller; longer than `limit` bytes is an error. */
export interface FetchStep {
  readonly kind: "fetch";
  readonly path: string;
  readonly limit: number;
}

/** Close the connection and open it again, waiting up to `timeout` seconds for the host (reboot). */
export interface ReconnectStep {
  readonly kind: "reconnect";
  readonly timeout: number;
}

/** Text at hand, or a file on the controller that is read when it is sent. */
export type Content = { readonly text: string } | { readonly file: LocalFile };

/** A file on the controller, in one of its versions. `sha256` is lower-case hex, `size` is in bytes. */
export interface LocalFile {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** What it holds, when that is a short text. */
  readonly text?: string;
  /** What it holds, when that is short, or when it lies there encrypted and is opened in memory only. Size and digest are of this. */
  readonly bytes?: Buffer;
  /** Resolves when `sha256` may be asked for: at once, where this is absent. E_FILE when the file is no longer what it was. */
  readonly digested?: () => Promise<void>;
  /** What it holds, read once for all who send it at the same time; undefined where memory has no room for it. */
  readonly held?: () => Promise<Held | undefined>;
  /**
   * What it holds from a byte on, by gzip, made once for all who send it; undefined where that is not worth it on a link
   * that takes so many bytes a second.
   */
  readonly packed?: (from: number, bytesPerSecond: number) => Promise<Packed | undefined>;
  /** Whether this is still the version of the file that it was. */
  readonly isSame?: (now: FileVersion) => boolean;
}

/** Content in memory, for as long as somebody sends it. */
export interface Held {
  readonly bytes: Buffer;
  readonly release: () => void;
}

/** What a file holds behind a certain byte, by gzip; `size` is what is left of it. */
export interface Packed {
  readonly size: number;
  readonly bytes: () => AsyncIterable<Buffer>;
}

/** What tells one version of a file from another. */
export interface FileVersion {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
  readonly dev: number;
}

/** What came back from a host for one script. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes that were left out in the middle of each, where a line says so; absent: both are whole. Never where only the whole is of use: there it is a failure. */
  readonly omitted?: { readonly stdout: number; readonly stderr: number };
}

/** A list of steps, or a conversation: a generator that yields a step and gets its answer. */
export type Steps = readonly Step[] | (() => Generator<Step, void, Answer>);

/** The usual step: run this script. */
export function run(script: Script, options: Omit<RunStep, "kind" | "script"> = {}): RunStep {
  return { kind: "run", script, ...options };
}
