import type { Mistake } from "./calls.ts";
import { functionNamed } from "./functions.ts";

/** What the Handlebars parser says about a text, in the words of a person. */
export function syntaxMistake(error: unknown, source: string): Mistake {
  const { message, lineNumber, column } = error as { message: string; lineNumber?: number; column?: number };
  const mismatch = /^(\S+) doesn't match (\S+)/.exec(message);
  if (mismatch) return { line: lineNumber ?? 1, column: column ?? 0, message: `{{#${mismatch[1]}}} is closed by {{/${mismatch[2]}}}` };
  const offset = offsetOf(message, source);
  const token = /, got '(.*)'$/.exec(message)?.[1] ?? "";
  if (token === "EOF") return unclosedBlock(source);
  const open = source.lastIndexOf("{{", offset);
  const end = source.indexOf("}}", Math.max(open, 0));
  const inside = source.slice(open + 2, end < 0 ? undefined : end);
  if (open >= 0 && (end < 0 || inside.includes("{{"))) return { ...placeAt(source, open), message: "{{ is not closed", hint: "end it with }}; a literal {{ is written \\{{" };
  return { ...placeAt(source, offset), ...wordsFor(inside.trim(), token, source.slice(open, end + 2)) };
}

/** The parser shows up to twenty characters before and after the place, without line breaks; they say where it is. */
function offsetOf(message: string, source: string): number {
  const [, shown = "", pointer = ""] = message.split("\n");
  const line = Number(/line (\d+)/.exec(message)?.[1] ?? 1);
  const dots = shown.startsWith("...") ? 3 : 0;
  const excerpt = shown.slice(dots).replace(/\.\.\.$/, "");
  const starts = [...source].flatMap((character, index) => (character === "\n" ? [] : [index]));
  const flat = source.replaceAll("\n", "");
  const lineStart = source.split("\n").slice(0, line - 1).join("").length;
  const found = flat.indexOf(excerpt, Math.max(0, lineStart - excerpt.length));
  const index = found < 0 ? lineStart : found + Math.max(0, pointer.indexOf("^") - dots);
  return starts[index] ?? source.length;
}

function placeAt(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset).split("\n");
  return { line: before.length, column: before.at(-1)!.length };
}

function unclosedBlock(source: string): Mistake {
  const open: { name: string; index: number }[] = [];
  for (const tag of source.matchAll(/\{\{([#^/])\s*([\w.-]+)/g)) {
    if (tag[1] === "/") open.pop();
    else open.push({ name: tag[2]!, index: tag.index });
  }
  const last = open.at(-1);
  if (!last) return { ...placeAt(source, source.length), message: "the template ends too early" };
  return { ...placeAt(source, last.index), message: `{{#${last.name}}} is not closed`, hint: `end it with {{/${last.name}}}` };
}

function wordsFor(inside: string, token: string, whole: string): { message: string; hint?: string } {
  if (inside === "") return { message: "{{ }} names nothing" };
  if (token === "OPEN_ENDBLOCK") return { message: `${whole} closes a block that is not open` };
  if (token === "INVERSE" || token === "OPEN_INVERSE_CHAIN") return { message: `${whole} stands outside a block` };
  const hint = foreign.flatMap(({ when, hint: write }) => (when.test(inside) ? [write(when.exec(inside)!)] : []))[0];
  return { message: `this is no template: ${whole}`, hint: hint ?? "{{ name }} and {{ helper name }} are templates; operators go into conditions and !expr" };
}

/** What people bring along from Jinja, and what it is here. */
const foreign: readonly { when: RegExp; hint: (match: RegExpExecArray) => string }[] = [
  { when: /^([\w.]+)\s*\|\s*(\w+)(?:\(([^()]*)\))?$/, hint: ([, value, filter, args]) => filterHint(value!, filter!, args) },
  { when: /\|/, hint: () => "there are no filters: write {{ helper value }}, and {{ helper (other value) }} for two" },
  { when: /^(\w+)\(([^()]*)\)$/, hint: ([, name, args]) => `write {{ ${[name, ...argumentsOf(args)].join(" ")} }}` },
  { when: /^([\w.]+)\[(\d+)\]$/, hint: ([, value, index]) => `write {{ ${value}.[${index}] }}` },
  { when: /^([\w.]+)\.(\d+)$/, hint: ([, value, index]) => `write {{ ${value}.[${index}] }}` },
  { when: /^([\w.]+)\[["']([\w-]+)["']\]$/, hint: ([, value, key]) => `write {{ ${value}.${key} }}` },
  { when: /^([\w.]+)\[(\w+)\]$/, hint: ([, value, key]) => `write {{ lookup ${value} ${key} }}` },
  { when: /[+*/~<>=%-]|\b(and|or|not|if|is)\b/, hint: () => "operators go into conditions and !expr:  key: !expr port + 1" },
];

const filterNames: Readonly<Record<string, string>> = { d: "default", to_json: "json", to_nice_json: "json_pretty", count: "length", combine: "merge", str: "string" };

function filterHint(value: string, filter: string, args: string | undefined): string {
  const name = filterNames[filter] ?? filter;
  const call = `{{ ${[name, value, ...argumentsOf(args)].join(" ")} }}`;
  return functionNamed(name) ? `there are no filters: write ${call}` : `there are no filters, and no helper "${filter}"`;
}

function argumentsOf(args: string | undefined): string[] {
  return (args?.match(/"[^"]*"|'[^']*'|[^,\s]+/g) ?? []).map((arg) => (arg === "omit" ? "null" : arg));
}
