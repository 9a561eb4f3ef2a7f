import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";
import { BowlineError, type Problem } from "../core/errors.ts";
import { nearPath } from "../core/near-path.ts";
import type { Seal, SourceNode } from "../core/node.ts";
import { suggestion } from "../core/suggest.ts";
import type { FileVersion, LocalFile } from "../core/step.ts";
import { HeldContents } from "./held.ts";
import { fileOf, fileOnDisk, shownBytes, versionKey } from "./local-file.ts";
import { Keyring } from "./secrets/keyring.ts";
import { revealedYaml } from "./secrets/reveal.ts";
import { headOf, sealOf } from "./secrets/seal.ts";

/** The text of a file; E_FILE in words when it cannot be read. */
export async function readText(path: string): Promise<string> {
  return (await readBytes(path)).toString("utf8");
}

/** The text of a file that may be none, or that cannot be read; for what is only a guess. */
export async function textIfAny(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}

/** The bytes of a file; E_FILE in words when it cannot be read. */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new BowlineError(unreadable(path, error), { cause: error });
  }
}

export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

export async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** The names in a directory, sorted, none where there is no directory; E_FILE in words when it cannot be read. */
export async function namesIn(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw new BowlineError(unreadable(dir, error), { cause: error });
  }
}

/** A YAML (or JSON) file as nodes with positions; what is encrypted in it, or as a whole, is opened with the keyring. */
export async function loadYaml(path: string, keyring = new Keyring()): Promise<SourceNode> {
  return revealedYaml(await readBytes(path), path, keyring);
}

/** How an inventory reads its YAML: {@link loadYaml}. */
export type ReadYaml = (path: string) => Promise<SourceNode>;

/** Finds the files that tasks name: in the roles that they belong to, beside the playbook, and beside its parent. */
export class ControllerFiles {
  readonly #playbookDir: string;
  readonly #keyring: Keyring;
  /** Every version of every file that was asked for: each is looked into once. */
  readonly #versions = new Map<string, Promise<LocalFile>>();
  readonly #contents: HeldContents;
  /** Templates that were looked at before the run, many tasks name the same one. */
  readonly #seen = new Map<string, { text: string; file: string } | undefined>();

  /** What is encrypted among them is opened with the keyring. */
  constructor(playbookDir: string, keyring = new Keyring(), contents = new HeldContents()) {
    this.#playbookDir = playbookDir;
    this.#keyring = keyring;
    this.#contents = contents;
  }

  /** `places`: absolute directories that are looked into first, each with its folder `files`. */
  async localFile(path: string, places: readonly string[] = []): Promise<LocalFile> {
    const found = await this.#find(path, "files", places);
    const version = await stat(found);
    const key = versionKey(found, version);
    const known = this.#versions.get(key) ?? this.#versionOf(found, version);
    this.#versions.set(key, known);
    return known;
  }

  async template(path: string, places: readonly string[] = []): Promise<{ text: string; file: string }> {
    const file = await this.#find(path, "templates", places);
    const content = await readBytes(file);
    const seal = sealOf(content);
    return { text: (seal ? await this.#opened(file, content, seal) : content).toString("utf8"), file: nearPath(file) };
  }

  /** A template that is there already, for checks before the run; undefined for one that may yet be made, or that is encrypted. */
  templateNow(path: string, places: readonly string[] = []): { text: string; file: string } | undefined {
    const key = [path, ...places].join("\0");
    if (!this.#seen.has(key)) this.#seen.set(key, this.#lookedUp(path, places));
    return this.#seen.get(key);
  }

  #lookedUp(path: string, places: readonly string[]): { text: string; file: string } | undefined {
    const candidates = this.#candidates(path, "templates", places);
    const file = candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
    const text = file === undefined ? undefined : readFileSync(file, "utf8");
    return file === undefined || text === undefined || sealOf(text) ? undefined : { text, file: nearPath(file) };
  }

  /** Why a file cannot be had, as far as that can be said before the run; undefined when something has this name. */
  absentNow(path: string, folder: string, places: readonly string[]): Problem | undefined {
    const candidates = this.#candidates(path, folder, places);
    return candidates.some((candidate) => existsSync(candidate)) ? undefined : absent(path, candidates);
  }

  async #versionOf(path: string, version: FileVersion): Promise<LocalFile> {
    const seal = sealOf(await headOf(path));
    if (seal) return fileOf(path, await this.#opened(path, await readBytes(path), seal));
    return version.size <= shownBytes ? fileOf(path, await readBytes(path)) : fileOnDisk(path, version, this.#contents);
  }

  async #opened(path: string, content: Buffer, seal: Seal): Promise<Buffer> {
    const at = { file: path, line: 1, column: 1 };
    const opened = await this.#keyring.open(content, seal, at);
    this.#keyring.hide(opened.toString("utf8"), at);
    return opened;
  }

  async #find(path: string, folder: string, places: readonly string[]): Promise<string> {
    const candidates = this.#candidates(path, folder, places);
    for (const candidate of candidates) {
      const found = await stat(candidate).catch(() => undefined);
      if (found?.isFile()) return candidate;
      if (found) throw new BowlineError({ code: "E_FILE", message: `${candidate} is not a file`, expected: "a regular file on the controller" });
    }
    throw new BowlineError(absent(path, candidates));
  }

  #candidates(path: string, folder: string, places: readonly string[]): string[] {
    return candidatesFor(path, [folder], [...places, this.#playbookDir, dirname(this.#playbookDir)]);
  }
}

/** Where a file that a task names may lie: in one of the folders of a directory, in the directory itself, then in the next one. */
export function candidatesFor(path: string, folders: readonly string[], directories: readonly string[]): string[] {
  if (isAbsolute(path)) return [path];
  return directories.flatMap((directory) => [...folders.map((folder) => join(directory, folder, path)), join(directory, path)]);
}

function absent(path: string, candidates: readonly string[]): Problem {
  return { code: "E_FILE", message: `there is no file ${path} on the controller`, seen: `looked for ${candidates.map(nearPath).join(", ")}`, ...nearNames(candidates) };
}

function nearNames(candidates: readonly string[]): { hint?: string } {
  const lists = candidates.map((candidate) => namesNow(dirname(candidate)));
  const hint = suggestion(basename(candidates[0] ?? ""), [...new Set(lists.flat())]);
  return hint?.startsWith("did") ? { hint } : {};
}

function namesNow(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    // Only what can be read is worth a hint.
    return [];
  }
}

function unreadable(path: string, error: unknown): Problem {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return { code: "E_FILE", message: `there is no file ${path}`, ...nearNames([path]) };
  if (code === "EISDIR") return { code: "E_FILE", message: `${path} is a directory`, expected: "a file" };
  if (code === "EACCES") return { code: "E_FILE", message: `${path} may not be read`, hint: "look at its mode and owner" };
  return { code: "E_FILE", message: `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}` };
}
