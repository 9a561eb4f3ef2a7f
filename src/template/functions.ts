/** A function that both `{{ helper … }}` and CEL expressions can call. */
export interface TemplateFunction {
  readonly summary: string;
  /** How many arguments it takes. */
  readonly arity: readonly number[];
  /** Its first argument may be a name that nothing defines; it is null then. */
  readonly lenient?: boolean;
  /** CEL has one of this name and meaning already. */
  readonly inCel?: boolean;
  readonly call: (...args: readonly unknown[]) => unknown;
}

/** The one table of functions; values in and out are plain JSON values. */
export const functions: Readonly<Record<string, TemplateFunction>> = {
  b64decode: { summary: "Text from base64.", arity: [1], call: (value) => Buffer.from(text(value), "base64").toString("utf8") },
  b64encode: { summary: "Text as base64.", arity: [1], call: (value) => Buffer.from(text(value), "utf8").toString("base64") },
  basename: { summary: "The last part of a path.", arity: [1], call: (value) => text(value).replace(/\/+$/, "").split("/").at(-1) ?? "" },
  default: { summary: "The first value, or the second where the first is not defined or null.", arity: [2], lenient: true, call: (value, other) => value ?? other },
  defined: { summary: "Whether a variable is defined and not null.", arity: [1], lenient: true, call: (value) => value !== null && value !== undefined },
  dirname: { summary: "A path without its last part.", arity: [1], call: (value) => text(value).replace(/\/+[^/]*\/*$/, "") || "/" },
  first: { summary: "The first item of a list.", arity: [1], call: (value) => list(value)[0] },
  from_json: { summary: "The value of a JSON text.", arity: [1], call: (value) => JSON.parse(text(value)) as unknown },
  indent: {
    summary: "Text with its lines after the first moved right by so many blanks.",
    arity: [2],
    call: (value, width) => text(value).replace(/\n(?=[^\n])/g, `\n${" ".repeat(Number(width))}`),
  },
  int: { summary: "A whole number from text or a number.", arity: [1], inCel: true, call: (value) => whole(value) },
  join: { summary: "The items of a list as one text, with a separator between them.", arity: [2], call: (value, separator) => list(value).map(text).join(text(separator)) },
  json: { summary: "A value as JSON on one line.", arity: [1], call: (value) => JSON.stringify(value ?? null) },
  json_pretty: { summary: "A value as indented JSON.", arity: [1], call: (value) => JSON.stringify(value ?? null, null, 2) },
  last: { summary: "The last item of a list.", arity: [1], call: (value) => list(value).at(-1) },
  length: { summary: "The number of characters, items or keys.", arity: [1], call: (value) => lengthOf(value) },
  lower: { summary: "Text in lower case.", arity: [1], call: (value) => text(value).toLowerCase() },
  quote: { summary: "Text as one shell word.", arity: [1], call: (value) => `'${text(value).replaceAll("'", "'\\''")}'` },
  regex_replace: {
    summary: "Text with every match of a regular expression replaced; $1 stands for its first group.",
    arity: [3],
    call: (value, pattern, by) => text(value).replace(new RegExp(text(pattern), "g"), text(by)),
  },
  replace: { summary: "Text with every occurrence of a text replaced by another.", arity: [3], call: (value, from, to) => text(value).replaceAll(text(from), text(to)) },
  sort: { summary: "A list in order: numbers by value, everything else as text.", arity: [1], call: (value) => [...list(value)].sort(inOrder) },
  split: { summary: "The parts of a text between separators.", arity: [2], call: (value, separator) => text(value).split(text(separator)) },
  string: { summary: "A value as text.", arity: [1], inCel: true, call: (value) => text(value) },
  trim: { summary: "Text without blanks and newlines at its ends.", arity: [1], call: (value) => text(value).trim() },
  unique: { summary: "A list without repetitions.", arity: [1], call: (value) => [...new Map(list(value).map((item) => [JSON.stringify(item), item])).values()] },
  upper: { summary: "Text in upper case.", arity: [1], call: (value) => text(value).toUpperCase() },
};

/** A value as it stands in text: lists and mappings as JSON. */
export function text(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new TypeError(`needs a list, not ${value === null || value === undefined ? "nothing" : typeof value}`);
}

function whole(value: unknown): number {
  const number = Math.trunc(Number(value));
  if (Number.isNaN(number)) throw new TypeError(`${JSON.stringify(value)} is not a number`);
  return number;
}

function lengthOf(value: unknown): number {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  if (typeof value === "object" && value !== null) return Object.keys(value).length;
  throw new TypeError(`has no length: ${text(value)}`);
}

function inOrder(left: unknown, right: unknown): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  return text(left) < text(right) ? -1 : text(left) > text(right) ? 1 : 0;
}
