import { StringDecoder } from "node:string_decoder";

/** A line is handed on in pieces of this size (characters) when its end does not come. */
const longestLine = 64 * 1024;

/**
 * What the lines of one answer may come to. Each is an event, which is recorded and shown; a gigabyte of them would fill
 * the disk and bury the person, so what comes behind is only kept (see ends.ts).
 */
const mostSpoken = 8 * 1024 * 1024;
/** What a line costs beside its characters. */
const perLine = 64;

export const lastWords = "[what comes now is not shown line by line: it is too much]";

/** Hands on the lines of an output as they come. */
export class Spoken {
  readonly #onLine: (text: string) => void;
  /** A character may come in two pieces. */
  readonly #decoder = new StringDecoder("utf8");
  #line = "";
  #left = mostSpoken;
  /** The newline that ends the last line handed on may still be waiting, since a trailer begins with one. */
  #early = false;

  constructor(onLine: (text: string) => void) {
    this.#onLine = onLine;
  }

  push(bytes: Buffer): void {
    if (this.#left === 0) return;
    const text = this.#decoder.write(bytes);
    if (text === "") return;
    const fresh = this.#early && text.startsWith("\n") ? text.slice(1) : text;
    this.#early = false;
    const parts = (this.#line + fresh).split("\n");
    this.#line = parts.pop()!;
    for (const line of parts) this.#say(line);
    while (this.#line.length > longestLine) {
      this.#say(this.#line.slice(0, longestLine));
      this.#line = this.#line.slice(longestLine);
    }
  }

  /** What has come of a line, without waiting for its end. */
  early(): void {
    if (this.#line === "") return;
    this.#say(this.#line);
    this.#line = "";
    this.#early = true;
  }

  /** The answer is over, and another one begins. */
  end(): void {
    const last = this.#line + this.#decoder.end();
    if (last !== "") this.#say(last);
    this.#line = "";
    this.#early = false;
    this.#left = mostSpoken;
  }

  #say(line: string): void {
    if (this.#left === 0) return;
    this.#left = Math.max(0, this.#left - line.length - perLine);
    this.#onLine(line);
    if (this.#left === 0) this.#onLine(lastWords);
  }
}
