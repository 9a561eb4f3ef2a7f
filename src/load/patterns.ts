import { isIPv6 } from "node:net";
import { BowlineError } from "../core/errors.ts";
import { suggestion } from "../core/suggest.ts";
import type { Inventory } from "./inventory-model.ts";
import { readText } from "./files.ts";

/** The hosts of a pattern, in its order, and the words of it that matched nothing. */
export interface Selection {
  readonly hosts: readonly string[];
  readonly unmatched: readonly string[];
  readonly hint?: string;
}

/**
 * Ansible's patterns: `all`, `*`, names, globs, `~regex`, `a,b` or `a:b` (union), `:&b` (only those also in b), `:!b`
 * (not those in b), `group[0]`, `group[-1]`, `group[1:3]`. Operators may stand anywhere: unions first, then &, then !.
 * Hosts come in the order of the unions, and in each in that of its group.
 */
export function selectHosts(inventory: Inventory, pattern: string): Selection {
  const words = splitPattern(inventory, pattern);
  const unmatched: string[] = [];
  const resolve = (word: string): readonly string[] => {
    const hosts = hostsOf(inventory, word);
    if (!hosts) unmatched.push(word);
    return hosts ?? [];
  };
  const plain = words.filter((word) => !/^[&!]/.test(word));
  // `!web` means all but web; an empty pattern means nobody: it comes from a variable that was left empty.
  const start = words.length === 0 ? [pattern] : plain.length > 0 ? plain : ["all"];
  let chosen = new Set(start.flatMap(resolve));
  for (const word of words.filter((each) => each.startsWith("&"))) {
    const also = new Set(resolve(word.slice(1)));
    chosen = new Set([...chosen].filter((host) => also.has(host)));
  }
  for (const word of words.filter((each) => each.startsWith("!"))) for (const host of resolve(word.slice(1))) chosen.delete(host);
  const hint = unmatched[0] === undefined || words.length === 0 ? undefined : suggestion(unmatched[0], [...inventory.groups.keys(), ...inventory.hosts.keys()]);
  return { hosts: [...chosen], unmatched, ...(hint === undefined ? {} : { hint }) };
}

/** What --limit allows. */
export interface Limit {
  readonly allows: (host: string) => boolean;
  readonly warnings: readonly string[];
}

/** --limit: a pattern, in which `@file` stands for one pattern on each line. One that allows no host at all is an error. */
export async function limitOf(inventory: Inventory, limit: string | undefined): Promise<Limit> {
  if (limit === undefined) return { allows: () => true, warnings: [] };
  const { hosts, unmatched, hint } = selectHosts(inventory, await limitPattern(limit));
  const warnings = unmatched.map((word) => `--limit: no host matches "${word}"${hint === undefined ? "" : `: ${hint}`}`);
  const allowed = new Set(hosts);
  if (allowed.size > 0) return { allows: (host) => allowed.has(host), warnings };
  throw new BowlineError({ code: "E_NO_HOSTS", message: `--limit ${limit}: no host matched`, ...(hint === undefined ? {} : { hint }) });
}

async function limitPattern(limit: string): Promise<string> {
  if (!limit.includes("@")) return limit;
  const words = await Promise.all(limit.split(",").map(async (word) => (word.trim().startsWith("@") ? patternsOf(word.trim().slice(1)) : [word])));
  return words.flat().join(",");
}

async function patternsOf(file: string): Promise<string[]> {
  try {
    return (await readText(file)).split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    // As ansible-playbook, which ends with 1: it is the option that is wrong, and not the input.
    throw new BowlineError({ ...error.problems[0], code: "E_NO_HOSTS", message: `--limit: ${error.problems[0].message}` }, { cause: error });
  }
}

/** Commas separate; so do colons, but not those of an IPv6 address. What stands in brackets is one word. */
function splitPattern(inventory: Inventory, pattern: string): string[] {
  return splitOutside(pattern, ",")
    .flatMap((part) => (isOneName(inventory, part.trim().replace(/^[&!]/, "")) ? [part] : splitOutside(part, ":")))
    .map((word) => word.trim())
    .filter(Boolean);
}

function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let begin = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]!;
    if ("[({".includes(character)) depth += 1;
    else if ("])}".includes(character)) depth = Math.max(0, depth - 1);
    else if (character === separator && depth === 0) {
      parts.push(text.slice(begin, index));
      begin = index + 1;
    }
  }
  return [...parts, text.slice(begin)];
}

function isOneName(inventory: Inventory, text: string): boolean {
  return isIPv6(text) || inventory.hosts.has(text) || inventory.groups.has(text);
}

function hostsOf(inventory: Inventory, word: string): readonly string[] | undefined {
  if (word.startsWith("~")) return matching(inventory, regularExpression(word.slice(1)));
  const group = word === "*" ? inventory.groups.get("all") : inventory.groups.get(word);
  if (group) return group;
  if (inventory.host(word)) return [word];
  const subscript = /^(.+)\[(-?\d+)?(?:(:)(-?\d+)?)?\]$/.exec(word);
  if (subscript && (subscript[2] !== undefined || subscript[3] !== undefined)) return part(hostsOf(inventory, subscript[1]!), subscript);
  return /[*?[]/.test(word) ? matching(inventory, globExpression(word)) : undefined;
}

/** `[0]`, `[-1]`, `[1:3]`, `[1:]`, `[:3]`; both ends are in. */
function part(hosts: readonly string[] | undefined, [, , from = "0", colon, to]: RegExpExecArray): readonly string[] | undefined {
  if (!hosts || hosts.length === 0) return hosts;
  const single = hosts.at(Number(from));
  if (colon === undefined) return single === undefined ? undefined : [single];
  return hosts.slice(Number(from), to === undefined ? undefined : Number(to) + 1 || undefined);
}

function matching(inventory: Inventory, expression: RegExp): readonly string[] | undefined {
  const groups = [...inventory.groups].filter(([name]) => expression.test(name));
  const hosts = [...inventory.hosts.keys()].filter((name) => expression.test(name));
  return groups.length + hosts.length === 0 ? undefined : [...new Set([...groups.flatMap(([, members]) => members), ...hosts])];
}

/** As in Ansible, it must match from the beginning of a name; Python says with (?i) that capitals do not matter. */
function regularExpression(source: string): RegExp {
  const [, flag, rest = ""] = /^(\(\?i\))?([^]*)$/.exec(source) ?? [];
  return expressionFrom(`^(?:${rest})`, `~${source} is not a regular expression`, flag === undefined ? "" : "i");
}

function globExpression(glob: string): RegExp {
  const source = glob.replace(/[.+^${}()|\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".").replaceAll("[!", "[^");
  return expressionFrom(`^${source}$`, `${glob} is not a pattern of hosts`);
}

function expressionFrom(source: string, otherwise: string, flags = ""): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new BowlineError({ code: "E_OPTIONS", message: otherwise, seen: error instanceof Error ? error.message : String(error) });
  }
}
