import { sealOf } from "./secrets/seal.ts";

/**
 * What files say that could not be read to their end: whether a name that stands in them is defined, nobody can tell,
 * and a mistake that may be none is not worth a line beside the one that is.
 */
export class Unread {
  readonly #words = new Set<string>();
  #isSealed = false;

  /** A text that is broken: its keys, and the names that it gives to results, handlers and topics. What is encrypted, a script, or not there may define anything. */
  add(text: string | undefined): void {
    if (text === undefined || text.startsWith("#!") || sealOf(text) !== undefined) this.#isSealed = true;
    else for (const pattern of [firstWords, keys, given]) for (const [, word] of text.matchAll(pattern)) this.#words.add(word!);
  }

  has(word: string): boolean {
    return this.#words.has(word);
  }

  get words(): readonly string[] {
    return [...this.#words];
  }

  get isSealed(): boolean {
    return this.#isSealed;
  }
}

const firstWords = /^\s*(?:- +)*["']?([A-Za-z_]\w*)/gm;
const keys = /([A-Za-z_]\w*)["']?\s*[:=]/g;
const given = /\b(?:name|register|listen|loop_var|index_var)\s*:\s*["']?([^\n"'#,}]*[^\s"'#,}])/g;
