import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { BowlineError, type ErrorCode } from "../core/errors.ts";

/** A file that a report goes to; opening it throws in words when it cannot be written. */
export interface ReportFile {
  readonly write: (text: string) => void;
  readonly close: () => void;
}

/** A file that grows with the run, for those who follow it. */
export function growingFile(path: string): ReportFile {
  const fd = inWords("E_OPTIONS", path, () => openSync(path, "w"));
  return { write: (text) => inWords("E_RUN", path, () => writeAll(fd, text)), close: () => closeSync(fd) };
}

/**
 * A file that appears as a whole when it is closed, in place of an older one: whoever looks finds the old report or the
 * new one, and never half of it. What is no ordinary file (a pipe, /dev/stdout) is written as it comes.
 */
export function wholeFile(path: string): ReportFile {
  if (!isOrdinary(path)) return growingFile(path);
  const parts: string[] = [];
  const target = inWords("E_OPTIONS", path, () => (exists(path) ? realpathSync(path) : path));
  // That a file can be made beside it is tried now and not after an hour of work on hosts.
  inWords("E_OPTIONS", path, () => rmSync(written(target, "")));
  return { write: (text) => void parts.push(text), close: () => inWords("E_RUN", path, () => renameSync(written(target, parts.join("")), target)) };
}

/** Writes a new file beside the target and gives its path. */
function written(target: string, text: string): string {
  const path = join(dirname(target), `.${basename(target)}.${crypto.randomUUID().slice(0, 8)}`);
  const fd = openSync(path, "wx");
  try {
    writeAll(fd, text);
    return path;
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isOrdinary(path: string): boolean {
  const found = inWords("E_OPTIONS", path, () => statSync(path, { throwIfNoEntry: false }));
  return found === undefined || found.isFile();
}

function inWords<Value>(code: ErrorCode, path: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    const { message: words = String(error) } = error as Partial<Error>;
    // Node's "ENOENT: no such file or directory, open 'x'": what it did and to which name is not news.
    const cause = words.replace(/^[A-Z]+: (.*?)(, [a-z]+( '.*')?)?$/s, "$1");
    throw new BowlineError({ code, message: `--output cannot write ${path}: ${cause}` }, { cause: error });
  }
}
