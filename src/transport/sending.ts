import type { Writable } from "node:stream";
import type { Trailer } from "./answers.ts";
import { openText, type Ahead } from "./frame.ts";
import { beginPacked, doText, endPacked, mark, packedFrom, probeBytes } from "./packing.ts";

/**
 * Sends bytes ahead of their batch, in pieces, each with a word in front of it that tells the host how long it is. Every
 * piece costs the host a process and the wire a moment without bytes, so they grow with the speed of the link; but a word
 * has to wait for the end of a piece, so none is to take longer than a fraction of a second.
 */
export class Sending {
  readonly #stdin: Writable;
  #room = 0;
  #isAliveDue = false;
  #onMark: (trailer: Trailer) => void = () => undefined;

  constructor(stdin: Writable) {
    this.#stdin = stdin;
  }

  /** A sign of life: between two pieces, never in one. */
  alive(): void {
    if (this.#room > 0) this.#isAliveDue = true;
    else this.#stdin.write("alive\n");
  }

  /** The host has come to what was asked of it between two pieces. */
  marked(trailer: Trailer): void {
    this.#onMark(trailer);
  }

  /** Resolves when all is written, or when the signal has stopped it: the host then knows, and gives no answer but that. */
  async send(ahead: Ahead, signal?: AbortSignal): Promise<void> {
    this.#stdin.write(openText(ahead));
    const going = { pace: new Pace(), signal };
    try {
      await (ahead.packed && ahead.size >= packedFrom ? this.#probing(ahead, going) : this.#pieces(ahead.bytes(0), ahead.size, going));
    } catch (error) {
      this.#fill();
      this.#stdin.write("cancel\n");
      throw error;
    }
  }

  /** The beginning as it is, to learn how fast the link is; then the rest, packed or not. What the host could not even begin with is not sent to its end. */
  async #probing(ahead: Ahead, going: Going): Promise<void> {
    if (!(await this.#pieces(until(probeBytes, ahead.bytes(0)), probeBytes, going))) return;
    const reached = new Promise<Trailer>((resolve) => (this.#onMark = resolve));
    this.#stdin.write(doText(mark));
    const { code, flags } = await reached;
    if (code !== 0) return;
    const perSecond = going.pace.arrived();
    const packed = flags.includes("gzip") ? await ahead.packed!(probeBytes, perSecond) : undefined;
    if (!packed) return void (await this.#pieces(ahead.bytes(probeBytes), ahead.size - probeBytes, going));
    this.#stdin.write(doText(beginPacked));
    if (await this.#pieces(packed.bytes(), packed.size, going)) this.#stdin.write(doText(endPacked));
  }

  /** False when the signal has stopped it. */
  async #pieces(bytes: AsyncIterable<Buffer> | Iterable<Buffer>, size: number, { pace, signal }: Going): Promise<boolean> {
    let left = size;
    for await (const part of bytes) {
      for (let from = 0; from < part.length && !this.#stdin.destroyed; ) {
        // Said before the batch, so that the host does not begin with half of the input.
        if (this.#room === 0 && signal?.aborted) return this.#cancelled();
        if (this.#room === 0) this.#begin(pace.pieceOf(left));
        const taken = part.subarray(from, from + this.#room);
        from += taken.length;
        left -= taken.length;
        this.#room -= taken.length;
        await this.#written(taken);
      }
    }
    return true;
  }

  #cancelled(): false {
    this.#stdin.write("cancel\n");
    return false;
  }

  #begin({ size, count }: Piece): void {
    if (this.#isAliveDue) this.#stdin.write("alive\n");
    this.#isAliveDue = false;
    this.#room = size * count;
    this.#stdin.write(`chunk ${size} ${count}\n`);
  }

  /** Resolves when the stream needs the bytes no more. */
  async #written(bytes: Buffer): Promise<void> {
    await new Promise<unknown>((resolve) => this.#stdin.write(bytes, resolve));
  }

  /** The host waits for the whole piece that was promised; what it is goes away with the rest. */
  #fill(): void {
    for (; this.#room > 0; this.#room -= Math.min(this.#room, nothing.length)) this.#stdin.write(nothing.subarray(0, this.#room));
  }
}

const nothing = Buffer.alloc(64 * 1024);

/** So many bytes of it, and no part more is asked for. */
async function* until(size: number, bytes: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncIterable<Buffer> {
  let left = size;
  for await (const part of bytes) {
    yield part.subarray(0, left);
    left -= part.length;
    if (left <= 0) return;
  }
}

interface Going {
  readonly pace: Pace;
  readonly signal: AbortSignal | undefined;
}

/** So many blocks of so many bytes. */
interface Piece {
  readonly size: number;
  readonly count: number;
}

/** What a pipe holds; more at once costs the host time, for it needs fresh memory. */
const blockBytes = 64 * 1024;
const firstCount = 8;
/** At 200 KB a second a piece still passes between two signs of life. */
const mostCount = 128;
/** Seconds that one piece is to take. */
const pieceTime = 0.25;
/** What leaves at once, however slow the link is: an SSH channel's window is 2 MiB. */
const unseenBytes = 2 * 1024 * 1024;

/** How long a piece is to be, judged by how fast those before it left. */
class Pace {
  readonly #since = performance.now();
  #written = 0;
  #arrivedPerSecond = 0;

  /** All that was written so far has arrived; how much that is a second. */
  arrived(): number {
    return (this.#arrivedPerSecond = this.#perSecond(this.#written));
  }

  /** The next piece of so many bytes that are left. */
  pieceOf(left: number): Piece {
    const known = this.#written - unseenBytes;
    const perSecond = known > 0 ? this.#perSecond(known) : this.#arrivedPerSecond;
    const wanted = Math.min(mostCount, Math.max(firstCount, Math.floor((perSecond * pieceTime) / blockBytes)));
    const piece = left < blockBytes ? { size: left, count: 1 } : { size: blockBytes, count: Math.min(wanted, Math.floor(left / blockBytes)) };
    this.#written += piece.size * piece.count;
    return piece;
  }

  #perSecond(bytes: number): number {
    return (bytes / Math.max(1, performance.now() - this.#since)) * 1000;
  }
}
