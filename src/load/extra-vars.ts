import { BowlineError } from "../core/errors.ts";
import type { Definition } from "../core/scope.ts";
import { loadYaml } from "./files.ts";
import { definitionsOf } from "./playbook.ts";
import { parseYaml } from "./yaml.ts";

/**
 * What was typed after -e: `key=value` words (values are text, as in Ansible), a YAML or JSON mapping, or `@file`.
 * Later ones win.
 */
export async function extraVariables(typed: readonly string[]): Promise<Definition[]> {
  const lists = await Promise.all(typed.map((word) => oneWord(word)));
  return lists.flat();
}

async function oneWord(word: string): Promise<Definition[]> {
  if (word.startsWith("@")) return definitionsOf(await loadYaml(word.slice(1)), "extra vars");
  if (word.trimStart().startsWith("{")) return definitionsOf(parseYaml(word, "-e"), "extra vars");
  const pairs = [...word.matchAll(/([A-Za-z_][A-Za-z0-9_]*)=("(?:[^"\\]|\\.)*"|'[^']*'|\S*)(?:\s+|$)/g)];
  if (pairs.map((pair) => pair[0]).join("") !== word.trimStart()) {
    throw new BowlineError({ code: "E_OPTIONS", message: `-e cannot read ${JSON.stringify(word)}`, expected: "key=value, a mapping in braces, or @file" });
  }
  return pairs.map((pair) => {
    const at = { file: "-e", line: 1, column: (pair.index ?? 0) + pair[1]!.length + 2 };
    return { name: pair[1]!, value: { kind: "scalar" as const, value: unquoted(pair[2]!), at }, level: "extra vars" as const };
  });
}

function unquoted(text: string): string {
  if (text.startsWith('"')) return text.slice(1, -1).replace(/\\(.)/g, "$1");
  return text.startsWith("'") ? text.slice(1, -1) : text;
}
