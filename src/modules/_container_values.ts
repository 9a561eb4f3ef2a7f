/** Values in the one form in which what is wanted and what docker shows can be compared. */

/**
 * What `--publish` takes, as `[ADDRESS:]HOSTPORT:PORT/PROTOCOL`, a range as one entry for each port. An empty host port
 * means any. Undefined when it cannot be read.
 */
export function portsOf(text: string): string[] | undefined {
  const match = /^(?:(\[[0-9a-fA-F:.]+\]|[0-9.]*):)?(?:(\d+(?:-\d+)?)?:)?(\d+(?:-\d+)?)(?:\/(tcp|udp|sctp))?$/.exec(text.trim());
  if (!match) return undefined;
  const [, before = "", middle, inside = "", protocol = "tcp"] = match;
  // "5000:5000" has its host port where an address could stand.
  const [address, outside] = middle === undefined && /^\d+(-\d+)?$/.test(before) ? ["", before] : [before.replace(/^\[|\]$/g, ""), middle ?? ""];
  const targets = range(inside);
  const sources = outside === "" ? targets.map(() => "") : range(outside);
  if (sources.length !== targets.length || [...sources, ...targets].some((port) => Number(port) > 65535)) return undefined;
  return targets.map((target, index) => portText(address, sources[index]!, target, protocol));
}

export function portText(address: string, outside: string, inside: string, protocol: string): string {
  return `${address === "" || address === "0.0.0.0" ? "" : `${address}:`}${outside}:${inside}/${protocol}`;
}

function range(text: string): string[] {
  const [first, last = first] = text.split("-").map(Number);
  return Array.from({ length: Math.min(Math.max(last! - first! + 1, 0), 65536) }, (_, index) => String(first! + index));
}

export interface Volume {
  /** An absolute path on the host, or the name of a volume. */
  readonly source: string;
  readonly target: string;
  /** Sorted; "rw" is what is meant without any. */
  readonly options: readonly string[];
}

/** `SOURCE:TARGET[:OPTIONS]`; undefined when it cannot be read. */
export function volumeOf(text: string): Volume | undefined {
  const [source = "", target = "", options = "", ...rest] = text.split(":");
  if (rest.length > 0 || !/^(\/|[A-Za-z0-9][A-Za-z0-9_.-]+$)/.test(source) || !target.startsWith("/")) return undefined;
  return { source: trimmed(source), target: trimmed(target), options: options.split(",").filter((option) => option !== "" && option !== "rw").sort() };
}

export function volumeText({ source, target, options }: Volume): string {
  return [source, target, ...(options.length > 0 ? [options.join(",")] : [])].join(":");
}

/** Docker gives a volume without a name 64 hex digits. */
export function isAnonymous(source: string): boolean {
  return /^[0-9a-f]{64}$/.test(source);
}

export function trimmed(path: string): string {
  return path.replace(/\/+/g, "/").replace(/(.)\/$/, "$1");
}

const units: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Bytes behind `512m`, `1.5g`, `100000`; undefined when it cannot be read. */
export function bytesOf(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) *([bkmgt])?(?:i?b)?$/i.exec(text);
  return match ? Math.floor(Number(match[1]) * units[(match[2] ?? "b").toLowerCase()]!) : undefined;
}

export function capabilityOf(text: string): string {
  return text.toUpperCase().replace(/^CAP_/, "");
}

/** `HOST[:INSIDE[:PERMISSIONS]]` with nothing left out. */
export function deviceOf(text: string): string {
  const [host = "", inside, permissions] = text.split(":");
  const second = inside === undefined || /^[rwm]+$/.test(inside) ? host : inside;
  return `${host}:${second}:${permissions ?? (inside !== undefined && second === host && inside !== host ? inside : "rwm")}`;
}

/** `NAME=SOFT[:HARD]` with both. */
export function ulimitOf(text: string): string {
  const [, name = text, soft = "", hard = soft] = /^([^=]+)=([^:]+)(?::(.+))?$/.exec(text) ?? [];
  return `${name}=${soft}:${hard}`;
}

/** `PATH[:OPTIONS]` with the options sorted. */
export function tmpfsOf(text: string): string {
  const [path = "", options = ""] = text.split(":");
  return `${path}:${options.split(",").sort().join(",")}`;
}
