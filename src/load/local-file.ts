import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { BowlineError } from "../core/errors.ts";
import type { FileVersion, LocalFile, Packed } from "../core/step.ts";
import type { HeldContents } from "./held.ts";
import { isWorthPacking, packed, sampled, type Sample } from "./packed.ts";

/** As long as a text that a diff shows. */
export const shownBytes = 64 * 1024;

/** A file whose bytes are at hand. */
export function fileOf(path: string, bytes: Buffer): LocalFile {
  const text = bytes.length <= shownBytes && isUtf8(bytes) && !bytes.includes(0) ? { text: bytes.toString("utf8") } : {};
  return { path, size: bytes.length, sha256: digestOf(bytes), bytes, ...text };
}

/** A file that is read when it is needed, once for all hosts where memory allows. Its digest is made when somebody waits for it. */
export function fileOnDisk(path: string, version: FileVersion, contents: HeldContents): LocalFile {
  const { size } = version;
  let sha256: string | undefined;
  let making: Promise<void> | undefined;
  const asItWas = async <Value>(reading: Promise<Value>): Promise<Value> => {
    const value = await reading;
    if (!isSame(await stat(path), version)) throw changed(path);
    return value;
  };
  const held = () => contents.take(versionKey(path, version), size, () => asItWas(contents.read(path)));
  const make = async () => {
    const taken = await held();
    try {
      sha256 = taken ? digestOf(taken.bytes) : await asItWas(streamedDigest(path));
    } finally {
      taken?.release();
    }
  };
  let sampling: Promise<Sample> | undefined;
  let packing: Promise<Packed> | undefined;
  const smaller = async (from: number, bytesPerSecond: number) => {
    const sample = await (sampling ??= asItWas(sampled(path, from)));
    if (!isWorthPacking(size - from, packing ? { ...sample, bytesPerSecond: Infinity } : sample, bytesPerSecond)) return undefined;
    try {
      return await (packing ??= asItWas(packed(path, from)));
    } catch (error) {
      if (error instanceof BowlineError) throw error;
      // Where there is no room to pack it, it travels as it is.
      return undefined;
    }
  };
  return {
    path,
    size,
    packed: smaller,
    get sha256() {
      if (sha256 === undefined) throw new BowlineError({ code: "E_BUG", message: `nobody waited for the digest of ${path}` });
      return sha256;
    },
    digested: () => (making ??= make()),
    held,
    isSame: (now) => isSame(now, version),
  };
}

export function versionKey(path: string, { size, mtimeMs, ino, dev }: FileVersion): string {
  return [path, size, mtimeMs, ino, dev].join("\0");
}

function isSame(one: FileVersion, other: FileVersion): boolean {
  return versionKey("", one) === versionKey("", other);
}

function digestOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function streamedDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest("hex");
}

function changed(path: string): BowlineError {
  return new BowlineError({ code: "E_FILE", message: `${path} was changed while the run was at it`, hint: "run again when nobody writes it" });
}
