import { Secret } from "./secret.ts";

/** POSIX sh made by {@link sh}: the only kind of text that a session runs. */
export interface Script {
  readonly kind: "script";
  readonly text: string;
}

/** What may stand in `${…}`: words are quoted, a list becomes one quoted word for each item, a script is spliced as it is. */
export type ShellValue = string | number | Secret | Script | readonly (string | number | Secret)[];

/**
 * A script from a template: what is written in it is shell, what is put into it is data.
 *
 *     sh`mount -t ${type} ${device} ${path}`
 *
 * Common leading blanks are taken off, so that scripts can be indented like the code around them. Throws a TypeError
 * for a NUL character, which no shell word can hold. The values may be secret: script text travels inside the
 * session, never in argv, and is never printed.
 */
export function sh(strings: TemplateStringsArray, ...values: readonly ShellValue[]): Script {
  return script(literalsOf(strings).reduce((text, literal, index) => text + shellText(values[index - 1]) + literal));
}

/** One script that runs the given ones in order. */
export function joinScripts(scripts: readonly Script[]): Script {
  return script(scripts.map((part) => part.text).join("\n"));
}

/** One shell word that stands for exactly this text. */
export function quote(text: string): string {
  if (text.includes("\0")) throw new TypeError("a shell word cannot hold a NUL character");
  return /^[A-Za-z0-9_@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A person's own shell text (`shell:` tasks), taken as a script without quoting. */
export function verbatim(text: string): Script {
  if (text.includes("\0")) throw new TypeError("a script cannot hold a NUL character");
  return script(text);
}

function script(text: string): Script {
  return { kind: "script", text };
}

function shellText(value: ShellValue | undefined): string {
  if (value === undefined) throw new TypeError("undefined in a shell script");
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") return String(value);
  if (value instanceof Secret) return quote(value.reveal());
  if ("kind" in value) return value.text;
  return value.map(shellText).join(" ");
}

/** What a template says around its values is always the same for one place in a source file, and made once. */
const knownLiterals = new WeakMap<TemplateStringsArray, readonly string[]>();

function literalsOf(strings: TemplateStringsArray): readonly string[] {
  let literals = knownLiterals.get(strings);
  if (!literals) knownLiterals.set(strings, (literals = dedent(strings.raw.map(unescape))));
  return literals;
}

/** In a script only the backquote and `${` need escaping; every other backslash is the shell's own. */
function unescape(raw: string): string {
  return raw.replaceAll("\\`", "`").replaceAll("\\${", "${");
}

function dedent(literals: readonly string[]): string[] {
  const lines = literals.join("\u0000").split("\n").slice(1);
  const indents = lines.filter((line) => line.trim() !== "").map((line) => /^[ \t]*/.exec(line)![0].length);
  const indent = indents.length === 0 ? 0 : Math.min(...indents);
  const cut = literals.map((literal) => literal.replace(new RegExp(`\\n[ \\t]{0,${indent}}`, "g"), "\n"));
  const last = cut.length - 1;
  cut[0] = cut[0]!.replace(/^\n/, "");
  cut[last] = cut[last]!.replace(/\n[ \t]*$/, "");
  return cut;
}
