/** A function that both `{{ helper … }}` and CEL expressions can call. */
export interface TemplateFunction {
  readonly summary: string;
  /** How many arguments it takes. */
  readonly arity: readonly number[];
  /** Which of its arguments may be names that nothing defines; they are null then. */
  readonly lenient?: "first" | "all";
  /** An expression has an operator or a function of its own for it. */
  readonly inCel?: boolean;
  readonly call: (...args: readonly unknown[]) => unknown;
}

/** The function of a name; names such as `constructor` are none. */
export function functionNamed(name: string): TemplateFunction | undefined {
  return Object.hasOwn(functions, name) ? functions[name] : undefined;
}

/** The one table of functions; values in and out are plain JSON values. */
export const functions: Readonly<Record<string, TemplateFunction>> = {
  and: { summary: "Whether all are true, in the sense of {{#if}}.", arity: [2, 3, 4], lenient: "all", inCel: true, call: (...values) => values.every(isTruthy) },
  b64decode: { summary: "Text from base64.", arity: [1], call: (value) => Buffer.from(text(value), "base64").toString("utf8") },
  b64encode: { summary: "Text as base64.", arity: [1], call: (value) => Buffer.from(text(value), "utf8").toString("base64") },
  basename: { summary: "The last part of a path.", arity: [1], call: (value) => text(value).replace(/\/+$/, "").split("/").at(-1) ?? "" },
  bool: { summary: "True or false from the texts true and false.", arity: [1], inCel: true, call: (value) => truth(value) },
  default: { summary: "The first value, or the second where the first is not defined or null.", arity: [2], lenient: "first", call: (value, other) => value ?? other },
  defined: { summary: "Whether a variable is defined and not null.", arity: [1], lenient: "first", call: (value) => value !== null && value !== undefined },
  dirname: { summary: "A path without its last part.", arity: [1], call: (value) => text(value).replace(/\/+[^/]*\/*$/, "") || "/" },
  eq: { summary: "Whether two values are equal.", arity: [2], inCel: true, call: (left, right) => isSame(left, right) },
  first: { summary: "The first item of a list.", arity: [1], call: (value) => list(value)[0] },
  flatten: { summary: "A list with the items of the lists in it, all the way down.", arity: [1], call: (value) => list(value).flat(Infinity) },
  from_json: { summary: "The value of a JSON text.", arity: [1], call: (value) => JSON.parse(text(value)) as unknown },
  ge: { summary: "Whether the first number or text is not less than the second.", arity: [2], inCel: true, call: (left, right) => inOrder(left, right) >= 0 },
  gt: { summary: "Whether the first number or text is greater than the second.", arity: [2], inCel: true, call: (left, right) => inOrder(left, right) > 0 },
  in: { summary: "Whether a list holds a value, a mapping a key, or a text a part.", arity: [2], inCel: true, call: (value, within) => holds(within, value) },
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
  le: { summary: "Whether the first number or text is not greater than the second.", arity: [2], inCel: true, call: (left, right) => inOrder(left, right) <= 0 },
  length: { summary: "The number of characters, items or keys.", arity: [1], call: (value) => lengthOf(value) },
  lookup: { summary: "The item of a list at an index (from 0), or the value of a mapping under a key.", arity: [2], inCel: true, call: (value, key) => itemAt(value, key) },
  lower: { summary: "Text in lower case.", arity: [1], call: (value) => text(value).toLowerCase() },
  lt: { summary: "Whether the first number or text is less than the second.", arity: [2], inCel: true, call: (left, right) => inOrder(left, right) < 0 },
  merge: {
    summary: "Two mappings as one; where both have a key, the second wins.",
    arity: [2],
    call: (value, other) => ({ ...mapping(value), ...mapping(other) }),
  },
  ne: { summary: "Whether two values differ.", arity: [2], inCel: true, call: (left, right) => !isSame(left, right) },
  not: { summary: "Whether a value is not true, in the sense of {{#if}}.", arity: [1], lenient: "all", inCel: true, call: (value) => !isTruthy(value) },
  or: { summary: "The first value that is true, in the sense of {{#if}}, or else the last.", arity: [2, 3, 4], lenient: "all", inCel: true, call: (...values) => values.find(isTruthy) ?? values.at(-1) },
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

/** What {{#if}} takes for true: everything but false, null, nothing, 0, "" and an empty list. */
export function isTruthy(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new TypeError(`needs a list, not ${kindOf(value)}`);
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new TypeError(`needs mappings, not ${kindOf(value)}`);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a mapping" : `${typeof value === "string" ? "text" : typeof value} ${JSON.stringify(value)}`;
}

function truth(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  const word = text(value).toLowerCase();
  if (word === "true" || word === "false") return word === "true";
  throw new TypeError(`needs true or false, not ${kindOf(value)}`);
}

function itemAt(value: unknown, key: unknown): unknown {
  const found = typeof value === "object" && value !== null && Object.hasOwn(value, text(key)) ? (value as Record<string, unknown>)[text(key)] : undefined;
  if (found !== undefined) return found;
  throw new TypeError(`finds no ${JSON.stringify(key)} in ${kindOf(value)}`);
}

function holds(within: unknown, value: unknown): boolean {
  if (Array.isArray(within)) return within.some((item) => isSame(item, value));
  if (typeof within === "string") return within.includes(text(value));
  return Object.hasOwn(mapping(within), text(value));
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left ?? null) === JSON.stringify(right ?? null);
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
