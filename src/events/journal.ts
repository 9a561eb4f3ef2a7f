import { randomBytes } from "node:crypto";
import { closeSync, createReadStream, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, writeSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { BowlineError } from "../core/errors.ts";
import type { Event } from "./event.ts";
import type { Sink } from "./emitter.ts";

/** Where runs are kept: $BOWLINE_STATE_DIR, else $XDG_STATE_HOME/bowline, else ~/.local/state/bowline. */
export function stateDir(environment: NodeJS.ProcessEnv = process.env): string {
  const { BOWLINE_STATE_DIR, XDG_STATE_HOME } = environment;
  return BOWLINE_STATE_DIR ?? join(XDG_STATE_HOME ?? join(homedir(), ".local", "state"), "bowline");
}

/** Sorts by time and is short to type: 20261123-190702-k3f9. */
export function newRunId(now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `${stamp}-${(randomBytes(3).readUIntBE(0, 3) % 36 ** 4).toString(36).padStart(4, "0")}`;
}

export interface Journal {
  readonly path: string;
  readonly write: Sink;
  close(): void;
}

/**
 * The record of a run: one JSON event on each line, written before the run goes on. What would change a host is
 * forced to disk before it is sent. Throws in words when it cannot be written; the run must not go on unrecorded.
 */
export function openJournal(dir: string, run: string): Journal {
  const folder = join(dir, "runs");
  const path = join(folder, `${run}.ndjson`);
  const fd = inWords(path, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return openSync(path, "wx", 0o600);
  });
  return {
    path,
    write: (event) =>
      inWords(path, () => {
        writeAll(fd, `${JSON.stringify(event)}\n`);
        if (event.type === "step:start" || event.type === "run:end") fsyncSync(fd);
      }),
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
  if (previous === undefined) return;
  const last = lenient(previous);
  if (last) yield last;
}

/** Run ids, oldest first. */
export function listRuns(dir: string): string[] {
  const folder = join(dir, "runs");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith(".ndjson")).map((name) => name.slice(0, -".ndjson".length)).sort();
}

/** The path of a run's journal, by its id, the beginning of it, or `last`. */
export function findRun(dir: string, wanted: string): string {
  const runs = listRuns(dir);
  const found = wanted === "last" ? runs.slice(-1) : runs.filter((run) => run.startsWith(wanted));
  const [only, second] = found;
  if (only !== undefined && second === undefined) return join(dir, "runs", `${only}.ndjson`);
  const message = second === undefined ? `there is no run ${wanted}` : `${wanted} begins several runs: ${found.slice(0, 5).join(", ")}`;
  throw new BowlineError({ code: "E_OPTIONS", message, hint: "bowline runs list shows them" });
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
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
  throw new BowlineError({ code: "E_RUN", message: `${path} is no journal of bowline`, seen: line.slice(0, 60) });
}

function lenient(line: string): Event | undefined {
  try {
    return JSON.parse(line) as Event;
  } catch {
    return undefined;
  }
}
