/** Of each stream of an answer the first and the last so many bytes are kept: both ends tell more than one of twice the length. */
export const endBytes = 8 * 1024 * 1024;

/** One stream of an answer. */
export interface Output {
  /** All of it; or its two ends, and between them a line that says how much was left out. */
  readonly bytes: Buffer;
  /** Bytes that were left out. */
  readonly omitted: number;
}

/** Takes in an output of any length, and keeps its two ends. */
export class Ends {
  #head: Buffer = Buffer.alloc(0);
  #headSize = 0;
  /** A ring: what comes last takes the place of what came first. */
  #tail: Buffer | undefined;
  /** Bytes that came behind the head. */
  #behind = 0;

  /** Bytes of memory that are held. */
  get held(): number {
    return this.#head.length + (this.#tail?.length ?? 0);
  }

  push(bytes: Buffer): void {
    const room = endBytes - this.#headSize;
    if (room > 0) this.#addToHead(bytes.subarray(0, room));
    if (bytes.length > room) this.#addToTail(bytes.subarray(Math.max(0, room)));
  }

  /** What has come, and begins anew. */
  take(): Output {
    const head = this.#head.subarray(0, this.#headSize);
    const omitted = Math.max(0, this.#behind - endBytes);
    const note = omitted > 0 ? [Buffer.from(`\n[${omitted} bytes were left out here]\n`)] : [];
    const bytes = this.#behind === 0 ? head : Buffer.concat([head, ...note, ...this.#unrolled()]);
    this.#head = Buffer.alloc(0);
    this.#headSize = 0;
    this.#tail = undefined;
    this.#behind = 0;
    return { bytes, omitted };
  }

  /** Many small pieces must not cost an object each, so they go into one that grows. */
  #addToHead(bytes: Buffer): void {
    const size = this.#headSize + bytes.length;
    if (size > this.#head.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(endBytes, Math.max(size, 2 * this.#head.length)));
      this.#head.copy(grown, 0, 0, this.#headSize);
      this.#head = grown;
    }
    bytes.copy(this.#head, this.#headSize);
    this.#headSize = size;
  }

  #addToTail(bytes: Buffer): void {
    this.#tail ??= Buffer.allocUnsafeSlow(endBytes);
    const last = bytes.subarray(Math.max(0, bytes.length - endBytes));
    const at = (this.#behind + bytes.length - last.length) % endBytes;
    const fits = last.copy(this.#tail, at);
    last.copy(this.#tail, 0, fits);
    this.#behind += bytes.length;
  }

  #unrolled(): Buffer[] {
    const tail = this.#tail!;
    if (this.#behind <= endBytes) return [tail.subarray(0, this.#behind)];
    const at = this.#behind % endBytes;
    return [tail.subarray(at), tail.subarray(0, at)];
  }
}
