import { readFileSync } from "node:fs";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";

/**
 * A file whose text is one expression in ASCII, as a script; `name` is what stack traces call it. What V8 made of the
 * same text the last time is taken from `cache`, if that is whole and of this Node: else V8 makes it again, which takes
 * longer and comes to the same.
 */
export function scriptIn(file: string, name: string, cache: string): Script {
  const source = readFileSync(file);
  const filename = name;
  const cachedData = dataIn(cache, source);
  return new Script(source.toString("latin1"), cachedData ? { filename, cachedData } : { filename });
}

/** The text of a cache: what V8 has made of a script so far, the functions that were called among it. */
export function cacheOf(script: Script, source: Uint8Array): Buffer {
  const data = script.createCachedData();
  return Buffer.concat([Buffer.from(headOf(source, data)), data]);
}

function dataIn(cache: string, source: Uint8Array): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(cache);
  } catch {
    // There is none, or it may not be read: nothing is lost but time.
    return undefined;
  }
  const end = bytes.indexOf(endOfHead) + 1;
  const data = bytes.subarray(end);
  return bytes.toString("latin1", 0, end) === headOf(source, data) ? data : undefined;
}

const endOfHead = "\n";

/**
 * What must be the same. V8 compares its own version and flags, but of the source only the length, and of the data
 * nothing: it would run what is damaged.
 */
function headOf(source: Uint8Array, data: Uint8Array): string {
  return `${process.version} ${process.arch} ${source.length} ${crc32(source)} ${data.length} ${crc32(data)}${endOfHead}`;
}
