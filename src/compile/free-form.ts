import type { Module } from "../modules/contract.ts";

/**
 * Ansible's old way of writing arguments, `copy: src=a dest=/b` and `command: touch /x creates=/x`. It is refused with
 * the mapping that says the same: taken as text it would do something else without a word.
 */
export function freeFormWords(text: string, module: Module): { seen: string; hint: string } | undefined {
  const words = text.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  const isArgument = (word: string | undefined) => word !== undefined && Object.hasOwn(module.args, /^([a-z_]+)=/.exec(word)?.[1] ?? "");
  const found = words.filter(isArgument);
  const first = found[0];
  if (first === undefined || !(isArgument(words[0]) || isArgument(words.at(-1)))) return undefined;
  const rest = words.filter((word) => !isArgument(word)).join(" ");
  const entries = [...(rest === "" || module.freeForm === undefined ? [] : [`${module.freeForm}: ${quoted(rest)}`]), ...found.map(entryOf)];
  return { seen: first, hint: `write ${module.name}: { ${entries.join(", ")} }` };
}

function entryOf(word: string): string {
  const index = word.indexOf("=");
  return `${word.slice(0, index)}: ${quoted(word.slice(index + 1).replace(/^(["'])(.*)\1$/, "$2"))}`;
}

function quoted(text: string): string {
  return /^[A-Za-z/][\w./-]*$/.test(text) ? text : JSON.stringify(text);
}
