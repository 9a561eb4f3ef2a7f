import { BowlineError } from "../core/errors.ts";
import { suggestion } from "../core/suggest.ts";
import type { Inventory } from "./inventory-model.ts";
import { readText } from "./files.ts";

/** The hosts of a pattern, in inventory order, and the words of it that matched nothing. */
export interface Selection {
  readonly hosts: readonly string[];
  readonly unmatched: readonly string[];
  readonly hint?: string;
}

/**
 * Ansible's patterns: `all`, `*`, names, globs, `~regex`, `a,b` or `a:b` (union), `:&b` (only those also in b), `:!b`
 * (not those in b), `group[0]`, `group[-1]`, `group[1:3]`. Order does not matter: unions first, then &, then !.
 */
export function selectHosts(inventory: Inventory, pattern: string): Selection {
  const words = splitPattern(pattern);
  const unmatched: string[] = [];
  const resolve = (word: string): Set<string> => {
    const hosts = hostsOf(inventory, word);
    if (!hosts) unmatched.push(word);
    return new Set(hosts ?? []);
  };
  const plain = words.filter((word) => !/^[&!]/.test(word));
  // `!web` means all but web; an empty pattern means nobody: it comes from a variable that was left empty.
  const start = words.length === 0 ? [pattern] : plain.length > 0 ? plain : ["all"];
  let chosen = new Set(start.flatMap((word) => [...resolve(word)]));
  for (const word of words.filter((each) => each.startsWith("&"))) {
    const also = resolve(word.slice(1));
    chosen = new Set([...chosen].filter((host) => also.has(host)));
  }
  for (const word of words.filter((each) => each.startsWith("!"))) for (const host of resolve(word.slice(1))) chosen.delete(host);
  const hosts = [...inventory.hosts.keys()].filter((host) => chosen.has(host));
  const hint = unmatched[0] === undefined || words.length === 0 ? undefined : suggestion(unmatched[0], [...inventory.groups.keys(), ...inventory.hosts.keys()]);
  return { hosts, unmatched, ...(hint === undefined ? {} : { hint }) };
}

/** What --limit allows. */
export interface Limit {
  readonly allows: (host: string) => boolean;
  readonly warnings: readonly string[];
}

/** --limit: a pattern, or `@file` with one pattern on each line. One that allows no host at all is an error. */
export async function limitOf(inventory: Inventory, limit: string | undefined): Promise<Limit> {
  if (limit === undefined) return { allows: () => true, warnings: [] };
  const { hosts, unmatched, hint } = selectHosts(inventory, await limitPattern(limit));
  const warnings = unmatched.map((word) => `--limit: no host matches "${word}"${hint === undefined ? "" : `: ${hint}`}`);
  if (hosts.length > 0) return { allows: (host) => hosts.includes(host), warnings };
  throw new BowlineError({ code: "E_NO_HOSTS", message: `--limit ${limit}: no host matched`, ...(hint === undefined ? {} : { hint }) });
}

async function limitPattern(limit: string): Promise<string> {
  if (!limit.startsWith("@")) return limit;
  return (await readText(limit.slice(1))).split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#")).join(",");
}

/** Commas separate; so do colons outside brackets, but not those of an IPv6 address. A regular expression is one word. */
function splitPattern(pattern: string): string[] {
  return pattern
    .split(/,(?![^[({]*[\])}])/)
    .flatMap((part) => (/^[0-9a-fA-F:]+$/.test(part) && part.split(":").length > 2 ? [part] : part.split(/:(?![^[(]*[\])])/)))
    .map((word) => word.trim())
    .filter(Boolean);
}

function hostsOf(inventory: Inventory, word: string): readonly string[] | undefined {
  if (word.startsWith("~")) return matching(inventory, regularExpression(word.slice(1)));
  const group = word === "*" ? inventory.groups.get("all") : inventory.groups.get(word);
  if (group) return group;
  if (inventory.hosts.has(word)) return [word];
  const subscript = /^(.+)\[(-?\d+)?(?:(:)(-?\d+)?)?\]$/.exec(word);
  if (subscript && (subscript[2] !== undefined || subscript[3] !== undefined)) return part(hostsOf(inventory, subscript[1]!), subscript);
  return /[*?[]/.test(word) ? matching(inventory, globExpression(word)) : undefined;
}

/** `[0]`, `[-1]`, `[1:3]`, `[1:]`, `[:3]`; both ends are in. */
function part(hosts: readonly string[] | undefined, [, , from = "0", colon, to]: RegExpExecArray): readonly string[] | undefined {
  if (!hosts) return undefined;
  const single = hosts.at(Number(from));
  if (colon === undefined) return single === undefined ? undefined : [single];
  return hosts.slice(Number(from), to === undefined ? undefined : Number(to) + 1 || undefined);
}

function matching(inventory: Inventory, expression: RegExp): readonly string[] | undefined {
  const groups = [...inventory.groups].filter(([name]) => expression.test(name)).flatMap(([, hosts]) => hosts);
  const hosts = (inventory.groups.get("all") ?? []).filter((name) => expression.test(name));
  const found = [...new Set([...groups, ...hosts])];
  return found.length > 0 ? found : undefined;
}

/** As in Ansible, it must match from the beginning of a name. */
function regularExpression(source: string): RegExp {
  return expressionFrom(`^(?:${source})`, `~${source} is not a regular expression`);
}

function globExpression(glob: string): RegExp {
  const source = glob.replace(/[.+^${}()|\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".").replaceAll("[!", "[^");
  return expressionFrom(`^${source}$`, `${glob} is not a pattern of hosts`);
}

function expressionFrom(source: string, otherwise: string): RegExp {
  try {
    return new RegExp(source);
  } catch (error) {
    throw new BowlineError({ code: "E_OPTIONS", message: otherwise, seen: error instanceof Error ? error.message : String(error) });
  }
}
