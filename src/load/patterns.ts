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
  const start = plain.length > 0 ? plain : ["all"];
  let chosen = new Set(start.flatMap((word) => [...resolve(word)]));
  for (const word of words.filter((each) => each.startsWith("&"))) {
    const also = resolve(word.slice(1));
    chosen = new Set([...chosen].filter((host) => also.has(host)));
  }
  for (const word of words.filter((each) => each.startsWith("!"))) for (const host of resolve(word.slice(1))) chosen.delete(host);
  const hosts = [...inventory.hosts.keys()].filter((host) => chosen.has(host));
  const hint = unmatched[0] === undefined ? undefined : suggestion(unmatched[0], [...inventory.groups.keys(), ...inventory.hosts.keys()]);
  return { hosts, unmatched, ...(hint === undefined ? {} : { hint }) };
}

/** --limit: a pattern, or `@file` with one pattern on each line. */
export async function limitPattern(limit: string): Promise<string> {
  if (!limit.startsWith("@")) return limit;
  return (await readText(limit.slice(1))).split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#")).join(",");
}

/** Commas separate; so do colons outside brackets, but not those of an IPv6 address. */
function splitPattern(pattern: string): string[] {
  return pattern
    .split(",")
    .flatMap((part) => (/^[0-9a-fA-F:]+$/.test(part) && part.split(":").length > 2 ? [part] : part.split(/:(?![^[]*\])/)))
    .map((word) => word.trim())
    .filter(Boolean);
}

function hostsOf(inventory: Inventory, word: string): readonly string[] | undefined {
  const subscript = /^(.+)\[(-?\d+)(?:(:)(-?\d+)?)?\]$/.exec(word);
  if (subscript) {
    const [, name, from, colon, to] = subscript;
    const hosts = hostsOf(inventory, name!);
    if (!hosts) return undefined;
    const single = hosts.at(Number(from));
    if (colon === undefined) return single === undefined ? [] : [single];
    return hosts.slice(Number(from), to === undefined ? undefined : Number(to) + 1 || undefined);
  }
  if (word === "*") return inventory.groups.get("all");
  const group = inventory.groups.get(word);
  if (group) return group;
  if (inventory.hosts.has(word)) return [word];
  return matching(inventory, word);
}

function matching(inventory: Inventory, word: string): readonly string[] | undefined {
  const expression = word.startsWith("~") ? new RegExp(word.slice(1)) : /[*?]/.test(word) ? globExpression(word) : undefined;
  if (!expression) return undefined;
  const groups = [...inventory.groups].filter(([name]) => expression.test(name)).flatMap(([, hosts]) => hosts);
  const hosts = (inventory.groups.get("all") ?? []).filter((name) => expression.test(name));
  const found = [...new Set([...groups, ...hosts])];
  return found.length > 0 ? found : undefined;
}

function globExpression(glob: string): RegExp {
  const source = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${source}$`);
}
