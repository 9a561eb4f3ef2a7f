import { createHash, createHmac } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { BowlineError } from "../core/errors.ts";
import type { Target } from "./transport.ts";

/** One line of a known_hosts file. */
interface Entry {
  readonly file: string;
  readonly line: number;
  readonly marker: string | undefined;
  readonly hosts: string;
  readonly type: string;
  readonly key: string;
}

/** How the key of a host was judged: fine, fine and to be remembered, or refused in words. */
export type Verdict = { readonly ok: true; readonly warning?: string } | { readonly ok: false; readonly error: BowlineError };

/** Key types that known_hosts has for a host, so that the server is asked for one of those. */
export function knownTypes(target: Target): string[] {
  const types = entriesFor(target).filter((entry) => entry.marker === undefined).map((entry) => entry.type);
  return [...new Set(types)];
}

/**
 * Judges a host's key as ssh does (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): plain, hashed and wildcard names, other
 * ports in brackets, @revoked. `accept-new` writes an unknown key into the first file.
 */
export function judgeKey(target: Target, key: Buffer): Verdict {
  const encoded = key.toString("base64");
  const type = typeOf(key);
  const entries = entriesFor(target);
  if (entries.some((entry) => entry.marker === "@revoked" && entry.key === encoded)) return refused(target, `the host key of ${nameOf(target)} is revoked`, fingerprint(key));
  const plain = entries.filter((entry) => entry.marker === undefined);
  if (plain.some((entry) => entry.key === encoded)) return { ok: true };
  if (target.strictHostKeyChecking === "off") return { ok: true, warning: `the host key of ${nameOf(target)} was NOT checked (strict_host_key_checking: off)` };
  const other = plain.find((entry) => entry.type === type) ?? plain[0];
  if (other) return { ok: false, error: changedKey(target, other, key) };
  if (target.strictHostKeyChecking === "accept-new") return remember(target, type, encoded);
  return { ok: false, error: unknownKey(target, key) };
}

/** SHA256:… as ssh-keygen -l prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

function entriesFor(target: Target): readonly Entry[] {
  return target.knownHostsFiles.flatMap((file) => bookOf(file).entriesFor(nameOf(target)));
}

/** A file as it was read, with the entries of each name that was asked for: rollouts ask one file about a thousand hosts. */
class Book {
  readonly stamp: string;
  readonly #byName = new Map<string, Entry[]>();
  /** Hashed names and patterns have to be tried one by one. */
  readonly #others: Entry[] = [];
  readonly #found = new Map<string, readonly Entry[]>();

  constructor(stamp: string, entries: readonly Entry[]) {
    this.stamp = stamp;
    for (const entry of entries) {
      if (/^\||[*?!]/.test(entry.hosts)) this.#others.push(entry);
      else for (const name of new Set(entry.hosts.toLowerCase().split(","))) this.#byName.set(name, [...(this.#byName.get(name) ?? []), entry]);
    }
  }

  /** In the order of the file. */
  entriesFor(name: string): readonly Entry[] {
    let found = this.#found.get(name);
    if (!found) {
      const others = this.#others.filter(({ hosts }) => matches(hosts, name));
      found = [...(this.#byName.get(name) ?? []), ...others].sort((a, b) => a.line - b.line);
      this.#found.set(name, found);
    }
    return found;
  }
}

const books = new Map<string, Book>();

/** Read anew when it was written since, which we may have done ourselves. */
function bookOf(file: string): Book {
  const stamp = stampOf(file);
  let book = books.get(file);
  if (book?.stamp !== stamp) books.set(file, (book = new Book(stamp, readEntries(file))));
  return book;
}

function stampOf(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat ? [stat.dev, stat.ino, stat.size, stat.mtimeNs].join(" ") : "none";
}

function readEntries(file: string): Entry[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const words = line.trim().split(/\s+/);
    const marker = words[0]!.startsWith("@") ? words.shift() : undefined;
    const [hosts, type, key] = words;
    return hosts && type && key ? [{ file, line: index + 1, marker, hosts, type, key }] : [];
  });
}

/** As ssh writes it: in lower case, with a port that is not the usual one in brackets, which an IPv6 address needs then. */
function nameOf(target: Target): string {
  if (target.hostKeyAlias !== undefined) return target.hostKeyAlias.toLowerCase();
  const host = target.host.toLowerCase();
  return target.port === 22 ? host : `[${host}]:${target.port}`;
}

function matches(hosts: string, name: string): boolean {
  if (hosts.startsWith("|1|")) return matchesHash(hosts, name);
  const patterns = hosts.split(",");
  const hit = (pattern: string) => globOf(pattern).test(name);
  if (patterns.some((pattern) => pattern.startsWith("!") && hit(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && hit(pattern));
}

function matchesHash(hashed: string, name: string): boolean {
  const [, , salt = "", hash = ""] = hashed.split("|");
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
}

function globOf(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".")}$`, "i");
}

/** The first field of a key blob is its type. */
function typeOf(key: Buffer): string {
  return key.subarray(4, 4 + key.readUInt32BE(0)).toString("latin1");
}

function remember(target: Target, type: string, encoded: string): Verdict {
  const [file] = target.knownHostsFiles;
  if (file === undefined) return { ok: true };
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const before = existsSync(file) ? readFileSync(file, "utf8") : "";
    const end = before === "" || before.endsWith("\n") ? "" : "\n";
    appendFileSync(file, `${end}${nameOf(target)} ${type} ${encoded}\n`, { mode: 0o600 });
    return { ok: true, warning: `the host key of ${nameOf(target)} was unknown and is now in ${file}` };
  } catch (error) {
    return { ok: true, warning: `the host key of ${nameOf(target)} could not be written to ${file}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function changedKey(target: Target, entry: Entry, key: Buffer): BowlineError {
  return new BowlineError({
    code: "E_HOST_KEY",
    message: `the host key of ${nameOf(target)} has changed`,
    expected: `${fingerprint(Buffer.from(entry.key, "base64"))} (${entry.file}:${entry.line})`,
    seen: `${fingerprint(key)} (${typeOf(key)})`,
    hint: "somebody may be listening; if the host was really made anew, take that line away and check the new fingerprint",
  });
}

function unknownKey(target: Target, key: Buffer): BowlineError {
  return new BowlineError({
    code: "E_HOST_KEY",
    message: `the host key of ${nameOf(target)} is not known`,
    expected: `an entry in ${target.knownHostsFiles.join(" or ")}`,
    seen: `${fingerprint(key)} (${typeOf(key)})`,
    hint: "check the fingerprint and log in once with ssh, or set ssh: { strict_host_key_checking: accept-new }",
  });
}

function refused(target: Target, message: string, seen: string): Verdict {
  return { ok: false, error: new BowlineError({ code: "E_HOST_KEY", message, seen, hint: `do not connect to ${target.name}` }) };
}
