/** Stands for "leave this out": an argument, an item or a key whose whole value it is, is not there. */
export const omit: Readonly<Record<string, never>> = Object.freeze({});

/** A value as it stands in text: lists and mappings as JSON. */
export function text(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value === omit) throw new TypeError("omit leaves out a whole value, it cannot be a part of text");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** What {{#if}} takes for true: everything but false, null, nothing, 0, "" and an empty list. */
export function isTruthy(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

export function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new TypeError(`needs a list, not ${kindOf(value)}`);
}

export function mapping(value: unknown): Readonly<Record<string, unknown>> {
  if (isMapping(value)) return value;
  throw new TypeError(`needs mappings, not ${kindOf(value)}`);
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Text that was text before: a number or a list in its place is a mistake. */
export function string(value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError(`needs text, not ${kindOf(value)}`);
}

export function number(value: unknown): number {
  const found = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof found === "number" && Number.isFinite(found)) return found;
  throw new TypeError(`needs a number, not ${kindOf(value)}`);
}

export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (value === omit) return "omit";
  return typeof value === "object" ? "a mapping" : `${typeof value === "string" ? "text" : typeof value} ${JSON.stringify(value)}`;
}

export function isSame(left: unknown, right: unknown): boolean {
  return left === right || keyOf(left) === keyOf(right);
}

/** The same text for the same values, whatever the order of their keys. */
export function keyOf(value: unknown): string {
  return JSON.stringify(value ?? null, (_, inner: unknown) => (isMapping(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner));
}

export function inOrder(left: unknown, right: unknown): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  return text(left) < text(right) ? -1 : text(left) > text(right) ? 1 : 0;
}

/** The value under a key or an index, or undefined; nothing but the data itself can be reached. */
export function own(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

/** The value at the end of `a.b.0`, or undefined. */
export function attribute(value: unknown, path: unknown): unknown {
  return text(path).split(".").reduce(own, value);
}

/** One of a few words, or a mistake that names them. */
export function oneOf<Word extends string>(value: unknown, words: readonly Word[]): Word {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw new TypeError(`knows ${words.join(", ")}, not ${kindOf(value)}`);
}
