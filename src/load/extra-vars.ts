import { BowlineError } from "../core/errors.ts";
import type { Definition } from "../core/scope.ts";
import { loadYaml } from "./files.ts";
import { Keyring } from "./secrets/keyring.ts";
import { revealed } from "./secrets/reveal.ts";
import { definitionsOf } from "./variables.ts";
import { parseYaml } from "./yaml.ts";

/**
 * What was typed after -e: `key=value` words (values are text, as in Ansible), a YAML or JSON mapping, or `@file`.
 * Later ones win.
 */
export async function extraVariables(typed: readonly string[], keyring = new Keyring()): Promise<Definition[]> {
  const lists = await Promise.all(typed.map((word) => oneWord(word, keyring)));
  return lists.flat();
}

async function oneWord(word: string, keyring: Keyring): Promise<Definition[]> {
  if (word.startsWith("@")) return definitionsOf(await loadYaml(word.slice(1), keyring), "extra vars");
  if (word.trimStart().startsWith("{")) return definitionsOf(await revealed(parseYaml(word, "-e"), keyring), "extra vars");
  const pairs = [...word.matchAll(/([A-Za-z_][A-Za-z0-9_]*)=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'][^\s]*|)(?:\s+|$)/g)];
  if (pairs.map((pair) => pair[0]).join("") === word.trimStart() && pairs.length > 0) return pairs.map((pair) => definitionOf(pair));
  throw new BowlineError({ code: "E_OPTIONS", message: `-e cannot read ${JSON.stringify(word)}`, expected: "key=value, a mapping in braces, or @file", ...hintFor(word) });
}

function definitionOf({ 1: name = "", 2: value = "", index = 0 }: RegExpMatchArray): Definition {
  const at = { file: "-e", line: 1, column: index + name.length + 2 };
  return { name, value: { kind: "scalar", value: unquoted(value), at }, level: "extra vars" };
}

function hintFor(word: string): { hint?: string } {
  const [, name, value] = /^([^=\s]+)=(.*\s.*)$/.exec(word) ?? [];
  if (name !== undefined && /^[A-Za-z_]\w*$/.test(name) && !/["']/.test(value!)) return { hint: `quote a value with blanks: -e '${name}="${value}"'` };
  if (/["']/.test(word)) return { hint: "a quote is not closed, or text stands behind it" };
  if (/^[A-Za-z_]\w*$/.test(word)) return { hint: `-e ${word}=…, or -e @${word} for a file` };
  return name === undefined ? {} : { hint: "a name has letters, digits and _, and does not begin with a digit" };
}

function unquoted(text: string): string {
  if (text.startsWith('"')) return text.slice(1, -1).replace(/\\(.)/g, "$1");
  return text.startsWith("'") ? text.slice(1, -1) : text;
}
