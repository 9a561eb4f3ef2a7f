import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, unlink, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGzip, gzip } from "node:zlib";
import type { Packed } from "../core/step.ts";

/** How much smaller gzip makes it, and how fast. */
export interface Sample {
  /** Bytes that are left of each byte. */
  readonly ratio: number;
  readonly bytesPerSecond: number;
}

/** A link that takes more is no bottleneck that deserves two processors: 64 Mbit/s. */
const fastLink = 8_000_000;
/** What is gained must be more than what a guess may be wrong by. */
const worthwhile = 0.8;

/** Whether packing so many bytes and sending the rest of them takes less time than sending them. */
export function isWorthPacking(size: number, sample: Sample, linkPerSecond: number): boolean {
  const plain = size / linkPerSecond;
  const packed = size / sample.bytesPerSecond + (size * sample.ratio) / linkPerSecond;
  return linkPerSecond < fastLink && packed < plain * worthwhile;
}

const level = 1;
const sampleBytes = 256 * 1024;
const partBytes = 256 * 1024;

/** What packing the file behind this byte is like, by its first part. */
export async function sampled(path: string, from: number): Promise<Sample> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(sampleBytes), 0, sampleBytes, from);
    const started = performance.now();
    const { length } = await promisify(gzip)(buffer.subarray(0, bytesRead), { level });
    return { ratio: length / Math.max(1, bytesRead), bytesPerSecond: (bytesRead / Math.max(0.01, performance.now() - started)) * 1000 };
  } finally {
    await file.close();
  }
}

/** The file behind this byte. It lies in a file without a name, which is gone when the command ends, whatever that dies of. */
export async function packed(path: string, from: number): Promise<Packed> {
  const name = join(tmpdir(), `bowline-${randomBytes(8).toString("hex")}.gz`);
  const file = await open(name, "wx+", 0o600);
  await unlink(name);
  await pipeline(createReadStream(path, { start: from, highWaterMark: partBytes }), createGzip({ level, chunkSize: partBytes }), file.createWriteStream({ autoClose: false }));
  const { size } = await file.stat();
  return { size, bytes: () => partsOf(file, size) };
}

async function* partsOf(file: FileHandle, size: number): AsyncIterable<Buffer> {
  for (let from = 0; from < size; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(partBytes), 0, partBytes, from);
    from += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
