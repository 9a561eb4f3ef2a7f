import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { joinScripts, quote, sh, verbatim, type Script } from "../core/sh.ts";
import type { Request } from "./transport.ts";

/** One request as session.sh wants it. */
export interface Framed {
  readonly script: string;
  /** Input that travels as text in the frame, escaped for printf %b. */
  readonly text?: string;
  /** Input that follows the frame as it is. */
  readonly raw?: { readonly size: number; readonly open: () => Readable };
  /** Whole seconds; 0: no limit. */
  readonly timeout: number;
  readonly accept: readonly number[] | "any";
  readonly watched: boolean;
  readonly keep: "stop" | "finish";
  readonly lock?: string;
}

/** Input up to so many bytes travels in the frame; more goes raw, in a batch of its own. */
const textLimit = 32 * 1024;

export function framed(request: Request): Framed {
  const base = { script: "", timeout: 0, accept: [0], watched: false, keep: "stop" as const };
  switch (request.kind) {
    case "lock":
      return { ...base, lock: request.label.replaceAll("\n", " ") };
    case "fetch":
      return { ...base, script: fetchScript(request.path, request.limit).text };
    case "put": {
      const { content } = request;
      if ("text" in content) return { ...base, script: putScript(request, Buffer.byteLength(content.text)).text, ...inputOf(Buffer.from(content.text)) };
      const { path, size } = content.file;
      return { ...base, script: putScript(request, size).text, raw: { size, open: () => createReadStream(path) } };
    }
    case "script": {
      const exported = Object.entries(request.environment ?? {}).map(([name, value]) => verbatim(`export ${name}=${quote(value)}`));
      return {
        script: joinScripts([...exported, request.script]).text,
        timeout: Math.ceil(request.timeout ?? 0),
        accept: request.accept && request.accept.length > 255 ? "any" : (request.accept ?? [0]),
        watched: request.trusted !== true,
        keep: request.onDisconnect ?? "stop",
        ...(request.stdin === undefined ? {} : inputOf(Buffer.from(request.stdin))),
      };
    }
    default:
      return request satisfies never;
  }
}

/** The text of one batch; a raw input must stand alone and is sent behind it. */
export function frameText(batch: readonly Framed[], nonce: string, cookie: string): string {
  const keep = batch.some((item) => item.keep === "finish") ? "finish" : "stop";
  const lines = [`batch ${nonce} ${cookie} ${batch.length} ${keep}`];
  for (const item of batch) lines.push(...itemLines(item));
  return `${lines.join("\n")}\n`;
}

function itemLines(item: Framed): string[] {
  if (item.lock !== undefined) return [`lock ${item.lock}`];
  // The first line takes the script's own pipe away from everything that it starts.
  const script = `exec 3<&-\n${item.script}`.split("\n");
  const accept = item.accept === "any" ? "any" : item.accept.join(",");
  const stdin = item.raw ? String(item.raw.size) : item.text === undefined ? "none" : "text";
  const head = `script ${item.timeout} ${accept} ${stdin} ${item.watched ? "watch" : "trust"} ${script.length}`;
  return [head, ...(item.text === undefined ? [] : [item.text]), ...script];
}

function inputOf(bytes: Buffer): Pick<Framed, "text" | "raw"> {
  if (bytes.length <= textLimit) return { text: escaped(bytes) };
  return { raw: { size: bytes.length, open: () => Readable.from([bytes]) } };
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

/** Beside its place, mode and owner before the content, then renamed: nobody ever sees half of it. */
function putScript({ path, mode, owner, group }: Extract<Request, { kind: "put" }>, size: number): Script {
  const ownership = owner === undefined && group === undefined ? verbatim(":") : sh`chown ${`${owner ?? ""}${group === undefined ? "" : `:${group}`}`} "$t"`;
  const slash = path.lastIndexOf("/");
  const temporary = `${path.slice(0, slash)}/.bowline-`;
  return sh`
    umask 077
    t=${temporary}$$
    trap 'rm -f "$t"' EXIT
    trap 'exit 143' HUP INT TERM
    set -e
    (set -C; : >"$t")
    ${ownership}
    chmod ${mode} "$t"
    cat >"$t"
    n=$(wc -c <"$t")
    if [ "$n" -ne ${size} ]; then echo "only $n of ${size} bytes arrived" >&2; exit 1; fi
    if [ -d ${path} ]; then echo ${`${path} is a directory`} >&2; exit 1; fi
    mv -f "$t" ${path}
  `;
}

function fetchScript(path: string, limit: number): Script {
  return sh`
    n=$(wc -c <${path}) || exit 1
    if [ "$n" -gt ${limit} ]; then echo "$n bytes, more than the ${limit} that are wanted" >&2; exit 1; fi
    cat ${path}
  `;
}
