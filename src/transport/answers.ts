import { Ends, type Output } from "./ends.ts";
import { Spoken } from "./spoken.ts";

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
  readonly #onTrailer: (trailer: Trailer, output: Output) => void;
  readonly #marker: Buffer;
  readonly #ends = new Ends();
  readonly #spoken: Spoken;
  #pending: Buffer = Buffer.alloc(0);

  constructor(nonce: string, onTrailer: (trailer: Trailer, output: Output) => void, onLine: (text: string) => void) {
    this.#marker = Buffer.from(`\n${nonce} `);
    this.#onTrailer = onTrailer;
    this.#spoken = new Spoken(onLine);
  }

  /** Bytes of memory that are held for the answer that is coming. */
  get held(): number {
    return this.#pending.length + this.#ends.held;
  }

  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#takeTrailer()) continue;
    const hold = heldBack(this.#pending, this.#marker);
    this.#output(this.#pending.subarray(0, this.#pending.length - hold));
    // A copy: a few bytes that wait must not hold the piece that they came in.
    this.#pending = Buffer.from(this.#pending.subarray(this.#pending.length - hold));
    if (hold > 0) this.#spoken.early();
  }

  #takeTrailer(): boolean {
    const marker = this.#marker;
    const start = this.#pending.indexOf(marker);
    const end = start < 0 ? -1 : this.#pending.indexOf(10, start + marker.length);
    if (end < 0) return false;
    this.#output(this.#pending.subarray(0, start));
    const [request = "", code = "", flags = ""] = this.#pending.subarray(start + marker.length, end).toString("latin1").split(" ");
    this.#pending = this.#pending.subarray(end + 1);
    this.#spoken.end();
    this.#onTrailer({ request, code: Number(code), flags: flags.split(",").filter((flag) => flag !== "-") }, this.#ends.take());
    return true;
  }

  #output(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#ends.push(bytes);
    this.#spoken.push(bytes);
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
