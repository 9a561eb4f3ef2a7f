import type { Mistake } from "./calls.ts";
import { templateHint } from "./jinja-hints.ts";

export interface SyntaxMistake extends Mistake {
  /** The whole of the `{{ … }}` that is wrong, where the text around it can be read without it. */
  readonly span?: readonly [start: number, end: number];
  /** What is lacking at the end of the text. */
  readonly closing?: string;
}

/** What the Handlebars parser says about a text, in the words of a person. */
export function syntaxMistake(error: unknown, source: string): SyntaxMistake {
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
  // A block's tag cannot go without its other one.
  const span = open >= 0 && /^\s*(?:[\w.'"(]|$)/.test(inside) && !/^\s*else\b/.test(inside) ? { span: [open, end + 2] as const } : {};
  return { ...placeAt(source, offset), ...wordsFor(inside.trim(), token, source.slice(open, end + 2)), ...span };
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

function unclosedBlock(source: string): SyntaxMistake {
  const open: { name: string; index: number }[] = [];
  for (const tag of source.matchAll(/\{\{([#^/])\s*([\w.-]+)/g)) {
    if (tag[1] === "/") open.pop();
    else open.push({ name: tag[2]!, index: tag.index });
  }
  const last = open.at(-1);
  if (!last) return { ...placeAt(source, source.length), message: "the template ends too early" };
  return { ...placeAt(source, last.index), message: `{{#${last.name}}} is not closed`, hint: `end it with {{/${last.name}}}`, closing: `{{/${last.name}}}` };
}

function wordsFor(inside: string, token: string, whole: string): { message: string; hint?: string } {
  if (inside === "") return { message: "{{ }} names nothing", hint: "write {{ name }}; a literal {{ is written \\{{" };
  if (token === "OPEN_ENDBLOCK") return { message: `${whole} closes a block that is not open` };
  if (token === "INVERSE" || token === "OPEN_INVERSE_CHAIN") return { message: `${whole} stands outside a block` };
  return { message: `this is no template: ${whole}`, hint: templateHint(inside) };
}
