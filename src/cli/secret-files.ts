import { chmod, chown, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { BowlineError, problemsOf } from "../core/errors.ts";

/** A file that a command was given, with what it holds; `-` is standard input, and has no path. */
export interface GivenFile {
  readonly name: string;
  readonly path?: string;
  readonly content: Buffer;
}

/** Reads what was named; E_FILE for what cannot be read. */
export async function givenFile(name: string): Promise<GivenFile> {
  if (name === "-") return { name: "standard input", content: await standardInput() };
  try {
    const path = await realpath(name);
    return { name, path, content: await readFile(path) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const words = code === "ENOENT" ? `there is no file ${name}` : code === "EISDIR" ? `${name} is a directory` : `${name} cannot be read: ${message}`;
    throw new BowlineError({ code: "E_FILE", message: words }, { cause: error });
  }
}

export async function standardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

/**
 * Exchanges what a file holds, as a whole or not at all; its mode and owner stay. Who reads it meanwhile gets the old
 * or the new one. The new one is nobody else's to read before it has its mode.
 */
export async function replaceFile(path: string, content: Buffer | string): Promise<void> {
  const { mode, uid, gid } = await stat(path);
  await written(path, content, async (beside) => {
    if (process.getuid?.() === 0) await chown(beside, uid, gid);
    await chmod(beside, mode & 0o7777);
  });
}

/** A file of the person's own; E_FILE when something is there already. */
export async function newFile(path: string, content: string): Promise<void> {
  try {
    const file = await open(path, "wx", 0o600);
    await file.writeFile(content);
    await file.close();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BowlineError({ code: "E_FILE", message: code === "EEXIST" ? `${path} is there already, and stays as it is` : `${path} cannot be written: ${message}` }, { cause: error });
  }
}

async function written(path: string, content: Buffer | string, ready: (beside: string) => Promise<void>): Promise<void> {
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  try {
    const file = await open(beside, "wx", 0o600);
    await file.writeFile(content);
    await file.sync();
    await file.close();
    await ready(beside);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw new BowlineError({ code: "E_FILE", message: `${path} cannot be written: ${problemsOf(error)[0].message.replace("internal error: ", "")}` }, { cause: error });
  }
}
