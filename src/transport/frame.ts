import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { BowlineError } from "../core/errors.ts";
import { joinScripts, quote, sh, verbatim, type Script } from "../core/sh.ts";
import type { LocalFile, Packed } from "../core/step.ts";
import type { Request } from "./transport.ts";

/** One request as session.sh wants it. */
export interface Framed {
  readonly script: string;
  /** Input that travels as text in the frame, escaped for printf %b. */
  readonly text?: string;
  /** Input that is sent ahead of its batch, and therefore stands first in it. */
  readonly ahead?: Ahead;
  /** Whole seconds; 0: no limit. */
  readonly timeout: number;
  readonly accept: readonly number[] | "any";
  readonly trusted: boolean;
  readonly keep: "stop" | "finish";
  readonly lock?: string;
}

/** Bytes for a file on the host, which a script makes and opens there. */
export interface Ahead {
  readonly open: Script;
  readonly size: number;
  /** The bytes from this one on, exactly as many as there are, in parts of any size; a part counts until the next one is asked for. */
  readonly bytes: (from: number) => AsyncIterable<Buffer> | Iterable<Buffer>;
  /** The same made smaller, if that is worth it on a link that takes so many bytes a second. */
  readonly packed?: (from: number, bytesPerSecond: number) => Promise<Packed | undefined>;
}

/** A text up to so many characters is compared by the shell; a longer one travels as its digest. */
const comparedLimit = 1024;

/** The text ends in a digit, so no newline at its end is lost. */
function comparing(script: Script, { code, stdout }: { code: number; stdout: string }): Script {
  const wanted = `${stdout}:${code}`;
  const said = joinScripts([sh`exec 2>&1`, sh`trap 'printf :%s $?' EXIT`, script, verbatim("")]);
  if (wanted.length <= comparedLimit) return sh`[ "$(${said})" = ${wanted} ]`;
  return sh`d=$( (${said}) | sha256sum) && [ "\${d%% *}" = ${createHash("sha256").update(wanted).digest("hex")} ]`;
}

/** Input up to so many bytes travels in the frame; more is sent ahead. */
const textLimit = 32 * 1024;
/** Of what is read from a disk at a time. */
const partBytes = 512 * 1024;

export function framed(request: Request): Framed {
  const base = { script: "", timeout: 0, accept: [0], trusted: true, keep: "stop" as const };
  switch (request.kind) {
    case "lock":
      return { ...base, lock: request.label.replaceAll("\n", " ") };
    case "fetch":
      return { ...base, script: fetchScript(request.path, request.limit).text };
    case "put":
      return { ...base, ...framedPut(request) };
    case "script": {
      const exported = Object.entries(request.environment ?? {}).map(([name, value]) => verbatim(`export ${name}=${quote(value)}`));
      return {
        script: joinScripts([...exported, request.expected ? comparing(request.script, request.expected) : request.script]).text,
        timeout: Math.ceil(request.timeout ?? 0),
        accept: request.accept && request.accept.length > 255 ? "any" : (request.accept ?? [0]),
        trusted: request.trusted === true,
        keep: request.onDisconnect ?? "stop",
        ...(request.stdin === undefined ? {} : inputOf(Buffer.from(request.stdin))),
      };
    }
    default:
      return request satisfies never;
  }
}

/** The text of one batch. The controller itself watches the time of the last looks, which costs the host nothing. */
export function frameText(batch: readonly Framed[], nonce: string, cookie: string): string {
  const lines = [`batch ${nonce} ${cookie} ${batch.length} ${keepOf(batch)}`];
  for (const [index, item] of batch.entries()) lines.push(...itemLines(item, watchedHere(batch, index) ? 0 : item.timeout));
  return `${lines.join("\n")}\n`;
}

/** What becomes of a batch that is told to stop: its request is killed, or is let finish and those behind it are not begun. */
export function keepOf(batch: readonly Framed[]): "stop" | "finish" {
  return batch.some((item) => item.keep === "finish") ? "finish" : "stop";
}

/**
 * May the controller watch the time of this request? It stops whatever runs when its word arrives, which may be a later
 * request; so all of those must be trusted looks, which can be sent again. A batch that is let finish does not stop at its word.
 */
export function watchedHere(batch: readonly Framed[], index: number): boolean {
  return keepOf(batch) === "stop" && batch.slice(index).every((item) => item.trusted);
}

/** What opens the file for input that is sent ahead. */
export function openText({ open }: Ahead): string {
  return `open ${open.text.split("\n").length}\n${open.text}\n`;
}

function itemLines(item: Framed, timeout: number): string[] {
  if (item.lock !== undefined) return [`lock ${item.lock}`];
  // A script with a shell of its own comes on descriptor 3, which nothing that it starts may keep.
  const script = `${item.trusted ? "" : "exec 3<&-; "}${item.script}`.split("\n");
  const accept = item.accept === "any" ? "any" : item.accept.join(",");
  const stdin = item.ahead ? "sent" : item.text === undefined ? "none" : "text";
  const head = `script ${timeout} ${accept} ${stdin} ${item.trusted ? "trust" : "watch"} ${script.length}`;
  return [head, ...(item.text === undefined ? [] : [item.text]), ...script];
}

/** Long input lies in a file that has lost its name by the time the script starts; in memory, where the host has such a place. */
function inputOf(bytes: Buffer): Pick<Framed, "text" | "ahead"> {
  if (bytes.length <= textLimit) return { text: escaped(bytes) };
  const name = `bowline-${randomName()}`;
  const open = sh`
    bl_once=1 bl_spool=/tmp/${name}
    [ ! -w /dev/shm ] || bl_spool=/dev/shm/${name}
    (umask 077; set -C; : >"$bl_spool") && command exec 8>"$bl_spool" || bl_opened=1
  `;
  return { ahead: { open, size: bytes.length, bytes: (from) => [bytes.subarray(from)] } };
}

/** One line that `printf %b` turns back into the bytes. */
function escaped(bytes: Buffer): string {
  let text = "";
  for (const byte of bytes) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c;
    text += plain ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, "0")}`;
  }
  return text;
}

type Put = Extract<Request, { kind: "put" }>;

/**
 * Beside its place, mode and owner before the content, then renamed: nobody ever sees half of it. What is short stands in the
 * script, where the shell writes and counts it without a process; what it does not say about a full disk, dd does.
 */
function framedPut(request: Put): Pick<Framed, "script" | "ahead"> {
  const { content, path } = request;
  const temporary = `${path.slice(0, path.lastIndexOf("/"))}/.bowline-${randomName()}`;
  const bytes = "text" in content ? Buffer.from(content.text) : content.file.size <= textLimit ? readSmall(content.file) : undefined;
  if (bytes && bytes.length <= textLimit) {
    const script = sh`
      umask 077
      t=${temporary}
      ${removing}
      set -e
      set -C
      exec 8>"$t"
      { ${accessOf(request)}; } || exit 1
      n=0
      { printf %b ${escaped(bytes)} >&8 && read -r x n </proc/self/fdinfo/8; } 2>/dev/null || dd bs=1 count=1 </dev/zero 2>&1 >&8 | head -n 1 >&2
      ${placed(request, bytes.length)}
    `;
    return { script: script.text };
  }
  const open = sh`
    bl_spool=${temporary}
    (umask 077; set -C; : >"$bl_spool") && command exec 8>"$bl_spool" && (t=$bl_spool; ${accessOf(request)}) || bl_opened=1
  `;
  const size = "text" in content ? bytes!.length : content.file.size;
  const parts = (from: number) => ("text" in content ? [bytes!.subarray(from)] : partsOf(content.file, from));
  const packed = "file" in content ? content.file.packed : undefined;
  const script = sh`
    t=${temporary}
    ${removing}
    set -e
    n=${size}
    [ ! -r "$t" ] || n=$(wc -c <"$t")
    ${placed(request, size)}
  `;
  return { script: script.text, ahead: { open, size, bytes: parts, ...(packed ? { packed } : {}) } };
}

const removing = sh`
  trap 'rm -f "$t"' EXIT
  trap 'exit 143' HUP INT TERM
`;

function accessOf({ mode, owner, group }: Put): Script {
  const ownership = owner === undefined && group === undefined ? verbatim(":") : sh`chown -- ${`${owner ?? ""}${group === undefined ? "" : `:${group}`}`} "$t"`;
  return sh`${ownership} && chmod -- ${mode} "$t"`;
}

/** $n bytes have arrived. Content takes set-user-id and set-group-id away, so a mode with these is set once more. */
function placed({ path, mode }: Put, size: number): Script {
  const again = /^[1-7]...$/.test(mode) ? sh`chmod -- ${mode} "$t"` : verbatim(":");
  return sh`
    if [ "$n" -ne ${size} ]; then echo "only $n of ${size} bytes arrived" >&2; exit 1; fi
    ${again}
    if [ -d ${path} ]; then echo ${`${path} is a directory`} >&2; exit 1; fi
    mv -f -- "$t" ${path}
    trap - EXIT
  `;
}

function readSmall({ path, bytes }: LocalFile): Buffer {
  if (bytes) return bytes;
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** As many bytes as the file had when it was looked at, from memory where they are there. */
async function* partsOf(file: LocalFile, from: number): AsyncIterable<Buffer> {
  if (file.bytes) return yield file.bytes.subarray(from);
  const held = await file.held?.().catch((error: unknown) => Promise.reject(unreadable(file.path, error)));
  if (!held) return yield* partsOnDisk(file, from);
  try {
    yield held.bytes.subarray(from);
  } finally {
    held.release();
  }
}

/** A part counts until the next one is asked for: two buffers do for any file. What was changed meanwhile is not sent to its end. */
async function* partsOnDisk({ path, size, isSame }: LocalFile, from: number): AsyncIterable<Buffer> {
  const file = await open(path).catch((error: unknown) => Promise.reject(unreadable(path, error)));
  let [buffer, other] = [Buffer.allocUnsafe(partBytes), Buffer.allocUnsafe(partBytes)];
  let reading: Promise<{ bytesRead: number }> | undefined;
  // What is no regular file knows no places.
  const place = (left: number) => (from === 0 ? null : size - left);
  try {
    reading = file.read(buffer, 0, partBytes, place(size - from));
    for (let left = size - from; left > 0; ) {
      const { bytesRead } = await reading.catch((error: unknown) => Promise.reject(unreadable(path, error)));
      const part = buffer.subarray(0, Math.min(left, bytesRead));
      left -= part.length;
      if (part.length === 0 || (left === 0 && isSame && !isSame(await file.stat()))) throw changed(path);
      [buffer, other] = [other, buffer];
      if (left > 0) reading = file.read(buffer, 0, partBytes, place(left));
      yield part;
    }
  } finally {
    // Whoever does not want the rest need not know that it could not be read.
    await reading?.catch(() => undefined);
    await file.close();
  }
}

function changed(path: string): BowlineError {
  return new BowlineError({ code: "E_FILE", message: `${path} was changed while it was sent`, hint: "run again when nobody writes it" });
}

function unreadable(path: string, error: unknown): BowlineError {
  if (error instanceof BowlineError) return error;
  return new BowlineError({ code: "E_FILE", message: `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}` });
}

function randomName(): string {
  return randomBytes(8).toString("hex");
}

function fetchScript(path: string, limit: number): Script {
  return sh`
    n=$(wc -c <${path}) || exit 1
    if [ "$n" -gt ${limit} ]; then echo "$n bytes, more than the ${limit} that are wanted" >&2; exit 1; fi
    cat ${path}
  `;
}
