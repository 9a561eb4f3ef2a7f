import { readFile } from "node:fs/promises";
import type { Held } from "../core/step.ts";

interface Entry {
  readonly bytes: Promise<Buffer>;
  readonly size: number;
  users: number;
}

/** Bytes of all contents together, and of the largest: what is larger, or finds no room, is read from the disk for each host. */
const roomBytes = 64 * 1024 * 1024;
const largestBytes = 16 * 1024 * 1024;

/** What files hold, read once for all hosts, in a bounded part of memory. What nobody sends gives way, the longest unused first. */
export class HeldContents {
  /** How a file is read. */
  readonly read: (path: string) => Promise<Buffer>;
  readonly #entries = new Map<string, Entry>();
  #size = 0;

  constructor(read: (path: string) => Promise<Buffer> = (path) => readFile(path)) {
    this.read = read;
  }

  /** Bytes that are in memory. */
  get size(): number {
    return this.#size;
  }

  /**
   * What one version of a file holds, `key` names it and `read` brings it. Undefined when there is no room for so many bytes,
   * which depends on what else is sent.
   */
  async take(key: string, size: number, read: () => Promise<Buffer>): Promise<Held | undefined> {
    const entry = this.#entries.get(key) ?? this.#add(size, read);
    if (!entry) return undefined;
    // Behind all others: the first is the one that was unused for longest.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.users += 1;
    const release = () => void (entry.users -= 1);
    try {
      return { bytes: await entry.bytes, release };
    } catch (error) {
      release();
      if (this.#entries.get(key) === entry) this.#forget(key, entry);
      throw error;
    }
  }

  #add(size: number, read: () => Promise<Buffer>): Entry | undefined {
    if (size > largestBytes) return undefined;
    for (const [key, entry] of this.#entries) {
      if (this.#size + size <= roomBytes) break;
      if (entry.users === 0) this.#forget(key, entry);
    }
    if (this.#size + size > roomBytes) return undefined;
    this.#size += size;
    return { bytes: read(), size, users: 0 };
  }

  #forget(key: string, { size }: Entry): void {
    this.#entries.delete(key);
    this.#size -= size;
  }
}
