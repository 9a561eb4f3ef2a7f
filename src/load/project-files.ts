import { readdir } from "node:fs/promises";
import { BowlineError, type Problem } from "../core/errors.ts";
import { nearPath } from "../core/near-path.ts";
import type { SourceNode } from "../core/node.ts";
import { isFile, readBytes, textIfAny } from "./files.ts";
import { Keyring } from "./secrets/keyring.ts";
import { revealedYaml } from "./secrets/reveal.ts";
import { sealOf } from "./secrets/seal.ts";
import { Unread } from "./unread.ts";

type Found = { readonly root: SourceNode } | { readonly problems: readonly Problem[]; readonly isSealed: boolean } | undefined;

/**
 * The YAML files of a project. Who asks for one that has not been read yet gets null, and it is remembered as wanted;
 * {@link read} reads what is wanted. So the compiler, which reads no file, says what it lacks by asking for it.
 */
export class ProjectFiles {
  readonly #yaml = new Map<string, Found>();
  readonly #names = new Map<string, readonly string[] | undefined>();
  readonly #wanted = new Map<string, () => Promise<void>>();
  readonly #keyring: Keyring;
  readonly #unread: Unread;

  /** What is encrypted among them is opened with the keyring; `unread` is told of what is broken. */
  constructor(keyring = new Keyring(), unread = new Unread()) {
    this.#keyring = keyring;
    this.#unread = unread;
  }

  /** Something was asked for that {@link read} has not read yet. */
  get isWaiting(): boolean {
    return this.#wanted.size > 0;
  }

  yaml(path: string): Found | null {
    return this.#known(this.#yaml, path, (each) => this.#readFound(each));
  }

  names(dir: string): readonly string[] | undefined | null {
    return this.#known(this.#names, dir, (path) => readdir(path).catch(() => undefined));
  }

  /** Reads what was asked for and is not there yet; how much that was. */
  async read(): Promise<number> {
    const work = [...this.#wanted.values()];
    this.#wanted.clear();
    await Promise.all(work.map((each) => each()));
    return work.length;
  }

  async #readFound(path: string): Promise<Found> {
    if (!(await isFile(path))) return undefined;
    try {
      return { root: await revealedYaml(await readBytes(path), nearPath(path), this.#keyring) };
    } catch (error) {
      if (!(error instanceof BowlineError)) throw error;
      const text = (await textIfAny(path)) ?? "";
      const isSealed = sealOf(text) !== undefined;
      if (!isSealed) this.#unread.add(text);
      return { problems: error.problems, isSealed };
    }
  }

  #known<Value>(known: Map<string, Value>, path: string, read: (path: string) => Promise<Value>): Value | null {
    if (known.has(path)) return known.get(path)!;
    // A path may be asked for as a file and as a directory.
    this.#wanted.set(`${known === (this.#names as unknown) ? "names" : "yaml"} ${path}`, async () => void known.set(path, await read(path)));
    return null;
  }
}

/** Calls until nothing more is wanted, of the files or of `more`: what a call threw before all was there says nothing. */
export async function untilRead<Value>(files: ProjectFiles, work: () => Value, more: () => Promise<number> = () => Promise.resolve(0)): Promise<Value> {
  for (;;) {
    let outcome: { value: Value } | { error: unknown };
    try {
      outcome = { value: work() };
    } catch (error) {
      outcome = { error };
    }
    if ((await files.read()) > 0 || (await more()) > 0) continue;
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }
}

