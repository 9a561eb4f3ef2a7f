import { StringDecoder } from "node:string_decoder";

/** Output beyond this many bytes of one stream of one request is counted and not kept. */
const keptBytes = 32 * 1024 * 1024;
/** A line is handed on in pieces of this size when its end does not come. */
const longestLine = 64 * 1024;

/** How one request ended, as one of the two streams told it. */
export interface Trailer {
  readonly request: string;
  readonly code: number;
  readonly flags: readonly string[];
}

/**
 * Takes one stream of a session apart: the bytes of a request, then its trailer, a line that begins with the nonce of
 * the session. The nonce is random and known to no script, so output cannot forge a trailer; everything before the
 * newline in front of it is output, byte for byte.
 */
export class AnswerReader {
  readonly #onTrailer: (trailer: Trailer, output: Buffer) => void;
  readonly #onLine: (text: string) => void;
  readonly #marker: Buffer;
  #pending: Buffer = Buffer.alloc(0);
  #chunks: Buffer[] = [];
  #kept = 0;
  #dropped = 0;
  #line = "";
  /** A character may come in two pieces. */
  readonly #decoder = new StringDecoder("utf8");
  /** The newline that ends the last line handed on may still be waiting, since a trailer begins with one. */
  #early = false;

  constructor(nonce: string, onTrailer: (trailer: Trailer, output: Buffer) => void, onLine: (text: string) => void) {
    this.#marker = Buffer.from(`\n${nonce} `);
    this.#onTrailer = onTrailer;
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#takeTrailer()) continue;
    const hold = heldBack(this.#pending, this.#marker);
    this.#output(this.#pending.subarray(0, this.#pending.length - hold));
    this.#pending = this.#pending.subarray(this.#pending.length - hold);
    if (this.#pending.length > 0 && this.#line !== "") this.#emitEarly();
  }

  #takeTrailer(): boolean {
    const marker = this.#marker;
    const start = this.#pending.indexOf(marker);
    const end = start < 0 ? -1 : this.#pending.indexOf(10, start + marker.length);
    if (end < 0) return false;
    this.#output(this.#pending.subarray(0, start));
    const [request = "", code = "", flags = ""] = this.#pending.subarray(start + marker.length, end).toString("latin1").split(" ");
    this.#pending = this.#pending.subarray(end + 1);
    const last = this.#line + this.#decoder.end();
    if (last !== "") this.#onLine(last);
    const dropped = this.#dropped > 0 ? [Buffer.from(`\n[${this.#dropped} more bytes were not kept]\n`)] : [];
    const output = Buffer.concat([...this.#chunks, ...dropped]);
    this.#reset();
    this.#onTrailer({ request, code: Number(code), flags: flags.split(",").filter((flag) => flag !== "-") }, output);
    return true;
  }

  #output(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const room = Math.max(0, keptBytes - this.#kept);
    this.#chunks.push(Buffer.from(bytes.subarray(0, room)));
    this.#kept += Math.min(room, bytes.length);
    this.#dropped += Math.max(0, bytes.length - room);
    this.#lines(this.#decoder.write(bytes));
  }

  #lines(text: string): void {
    if (text === "") return;
    const fresh = this.#early && text.startsWith("\n") ? text.slice(1) : text;
    this.#early = false;
    const parts = (this.#line + fresh).split("\n");
    this.#line = parts.pop()!;
    for (const line of parts) this.#onLine(line);
    while (this.#line.length > longestLine) {
      this.#onLine(this.#line.slice(0, longestLine));
      this.#line = this.#line.slice(longestLine);
    }
  }

  #emitEarly(): void {
    this.#onLine(this.#line);
    this.#line = "";
    this.#early = true;
  }

  #reset(): void {
    this.#chunks = [];
    this.#kept = 0;
    this.#dropped = 0;
    this.#line = "";
    this.#early = false;
  }
}

/** How many bytes at the end could be the beginning of a trailer. */
function heldBack(bytes: Buffer, marker: Buffer): number {
  const from = Math.max(0, bytes.length - marker.length - 64);
  const whole = bytes.indexOf(marker, from);
  if (whole >= 0) return bytes.length - whole;
  for (let length = Math.min(bytes.length, marker.length - 1); length > 0; length -= 1) {
    if (bytes.subarray(bytes.length - length).equals(marker.subarray(0, length))) return length;
  }
  return 0;
}
