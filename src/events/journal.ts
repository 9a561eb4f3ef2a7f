import { randomInt } from "node:crypto";
import { closeSync, createReadStream, existsSync, fstatSync, fsyncSync, mkdirSync, openSync, readdirSync, readSync, writeSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { BowlineError } from "../core/errors.ts";
import type { Event, RunEnd, RunStart } from "./event.ts";
import type { Sink } from "./emitter.ts";

/** Where runs are kept: $BOWLINE_STATE_DIR, else $XDG_STATE_HOME/bowline, else ~/.local/state/bowline. */
export function stateDir(environment: NodeJS.ProcessEnv = process.env): string {
  const { BOWLINE_STATE_DIR, XDG_STATE_HOME } = environment;
  return BOWLINE_STATE_DIR || join(XDG_STATE_HOME || join(homedir(), ".local", "state"), "bowline");
}

/** Sorts by time (UTC), to the millisecond, and is short to type: 20261123-190702-k3f9. */
export function newRunId(now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `${stamp}-${base36(now.getUTCMilliseconds())}${base36(randomInt(36 ** 2))}`;
}

function base36(value: number): string {
  return value.toString(36).padStart(2, "0");
}

export interface Journal {
  readonly path: string;
  readonly write: Sink;
  close(): void;
}

/**
 * The record of a run: one JSON event on each line, handed to the kernel before the run goes on, so that kill -9 loses
 * nothing. What would change a host is also forced to disk before it is sent. Throws in words when it cannot be
 * written, and then again for every later event: a run must not go on unrecorded, nor with a hole in its record.
 */
export function openJournal(dir: string, run: string): Journal {
  const folder = join(dir, "runs");
  const path = join(folder, `${run}.ndjson`);
  const fd = inWords(path, () => created(folder, path));
  let broken: unknown;
  return {
    path,
    write: (event) => {
      if (broken !== undefined) throw broken;
      try {
        inWords(path, () => {
          writeLine(fd, JSON.stringify(event));
          if (event.type === "step:start" || event.type === "run:end") fsyncSync(fd);
        });
      } catch (error) {
        broken = error;
        throw error;
      }
    },
    close: () => closeSync(fd),
  };
}

/** The events of a journal; a last line that was cut off by a crash is left out. */
export async function* readJournal(path: string): AsyncGenerator<Event> {
  const lines = createInterface({ input: createReadStream(path, "utf8"), crlfDelay: Infinity });
  let previous: string | undefined;
  for await (const line of lines) {
    if (previous !== undefined) yield parsed(previous, path);
    previous = line;
  }
  const last = previous === undefined ? undefined : lenient(previous);
  if (last) yield last;
}

/** Run ids, oldest first. */
export function listRuns(dir: string): string[] {
  const folder = join(dir, "runs");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith(".ndjson")).map((name) => name.slice(0, -".ndjson".length)).sort();
}

/** How a run began and how it ended; `end` is missing when it did not, or has not yet. */
export interface RunFrame {
  readonly start?: RunStart & { readonly time: string };
  readonly end?: RunEnd & { readonly time: string };
}

/** The first and the last event of a journal, without reading what lies between: journals can be long. */
export function readFrame(path: string): RunFrame {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    const first = lenient(textOf(fd, 0, Math.min(size, edge)).split("\n", 1)[0]!);
    const last = lenient(textOf(fd, Math.max(0, size - edge), Math.min(size, edge)).trimEnd().split("\n").at(-1)!);
    return { ...(first?.type === "run:start" ? { start: first } : {}), ...(last?.type === "run:end" ? { end: last } : {}) };
  } finally {
    closeSync(fd);
  }
}

/** The path of a run's journal, by its id, the beginning of it, or `last`. */
export function findRun(dir: string, wanted: string): string {
  const runs = listRuns(dir);
  const exact = runs.filter((run) => run === wanted);
  const found = wanted === "last" ? runs.slice(-1) : exact.length > 0 ? exact : runs.filter((run) => run.startsWith(wanted));
  const [only, second] = found;
  if (only !== undefined && second === undefined) return join(dir, "runs", `${only}.ndjson`);
  const message = second !== undefined ? `${wanted} begins several runs: ${found.slice(0, 5).join(", ")}` : `there is no run ${wanted} in ${dir}`;
  throw new BowlineError({ code: "E_OPTIONS", message, hint: runs.length > 0 ? "bowline runs list shows them" : "nothing was run yet, or $BOWLINE_STATE_DIR was another" });
}

/** Bytes at each end of a journal that hold its first and last line, names of a few thousand tasks included. */
const edge = 1024 * 1024;

function created(folder: string, path: string): number {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fd = openSync(path, "wx", 0o600);
  // A file that was forced to disk is still lost with the power if its name was not.
  const parent = openSync(folder, "r");
  fsyncSync(parent);
  closeSync(parent);
  return fd;
}

/** In pieces, so that a long event is not held a second and a third time as one text and as its bytes. */
function writeLine(fd: number, text: string): void {
  for (let from = 0; from < text.length; ) {
    let to = from + pieceLength;
    // A character of two halves stays whole.
    if (isHighSurrogate(text.charCodeAt(to - 1))) to += 1;
    writeAll(fd, Buffer.from(to < text.length ? text.slice(from, to) : `${text.slice(from)}\n`));
    from = to;
  }
}

const pieceLength = 1024 * 1024;

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

function textOf(fd: number, from: number, length: number): string {
  const buffer = Buffer.alloc(length);
  return buffer.toString("utf8", 0, readSync(fd, buffer, 0, length, from));
}

function inWords<Value>(path: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new BowlineError(
      { code: "E_RUN", message: `the journal ${path} cannot be written: ${words}`, hint: "make room, or set BOWLINE_STATE_DIR to another place" },
      { cause: error },
    );
  }
}

function parsed(line: string, path: string): Event {
  const event = lenient(line);
  if (event) return event;
  throw new BowlineError({ code: "E_RUN", message: `${path} is no journal of bowline, or was damaged`, seen: line.slice(0, 60) });
}

function lenient(line: string): Event | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "type" in value ? (value as Event) : undefined;
  } catch {
    return undefined;
  }
}
