import type { Functions } from "./function.ts";
import { attribute, inOrder, list, number, oneOf, text } from "./values.ts";

/** Numbers in or out. */
export const numberFunctions: Functions = {
  abs: { summary: "A number without its sign.", takes: ["number"], examples: [["abs(-3)", 3]], call: (value) => Math.abs(number(value)) },
  float: { summary: "A number from text or a number; the other value for text that is none.", takes: ["value", "otherwise?"], examples: [["float('1.5')", 1.5], ["float('x', 0)", 0]], call: (value, otherwise) => numberOr(value, otherwise) },
  human_readable: {
    summary: "A number of bytes as people read it; of bits, or in a unit, if that is said.",
    takes: ["bytes", "isbits?", "unit?"],
    examples: [["human_readable(1536)", "1.50 KB"], ["human_readable(10)", "10.00 Bytes"], ["human_readable(1048576, false, 'K')", "1024.00 KB"]],
    call: (value, isBits, unit) => readable(number(value), isBits === true, unit),
  },
  human_to_bytes: {
    summary: "The number of bytes (or bits) in a text such as 1.5 GB; a number without a unit counts in the default unit.",
    takes: ["text", "default_unit?", "isbits?"],
    examples: [["human_to_bytes('1.5 KB')", 1536], ["human_to_bytes('10', 'M')", 10485760], ["human_to_bytes('2G')", 2147483648]],
    call: (value, unit) => bytes(text(value), unit),
  },
  int: {
    summary: "A whole number from text or a number; the other value for text that is none.",
    takes: ["value", "otherwise?", "base?"],
    examples: [["int('42')", 42], ["int(4.9)", 4], ["int('x', 7)", 7], ["int('ff', 0, 16)", 255]],
    call: (value, otherwise, base) => whole(value, otherwise, base),
  },
  max: { summary: "The greatest item of a list, by an attribute if one is said.", takes: ["list", "attribute?"], examples: [["max([3, 20, 1])", 20]], call: (value, path) => extreme(value, path, 1) },
  min: { summary: "The least item of a list, by an attribute if one is said.", takes: ["list", "attribute?"], examples: [["min([3, 20, 1])", 1], ["min([{'n': 2}, {'n': 1}], 'n')", { n: 1 }]], call: (value, path) => extreme(value, path, -1) },
  round: {
    summary: "A number to so many places (0); always up or down with the method ceil or floor.",
    takes: ["number", "places?", "method?"],
    examples: [["round(2.567, 1)", 2.6], ["round(2.1, 0, 'ceil')", 3], ["round(2.5)", 3]],
    call: (value, places, method) => rounded(number(value), number(places ?? 0), method ?? "common"),
  },
  sum: {
    summary: "All numbers of a list together, or an attribute of all its items.",
    takes: ["list", "attribute?"],
    examples: [["sum([1, 2, 3])", 6], ["sum([{'n': 1}, {'n': 2}], 'n')", 3]],
    call: (value, path) => list(value).reduce<number>((total, item) => total + number(path === undefined ? item : attribute(item, path)), 0),
  },
};

function numberOr(value: unknown, otherwise: unknown): unknown {
  const found = typeof value === "boolean" || text(value).trim() === "" ? NaN : Number(value);
  if (Number.isFinite(found)) return found;
  if (otherwise !== undefined) return otherwise;
  throw new TypeError(`${JSON.stringify(value ?? null)} is not a number`);
}

function whole(value: unknown, otherwise: unknown, base: unknown): unknown {
  if (typeof value === "boolean") return Number(value);
  const digits = text(value).trim().replace(/^0[xob]/i, "");
  const parsed = base === undefined ? value : new RegExp(`^[0-9a-z]+$`, "i").test(digits) ? parseInt(digits, number(base)) : NaN;
  const found = numberOr(parsed, otherwise);
  return typeof found === "number" ? Math.trunc(found) : found;
}

function extreme(value: unknown, path: unknown, sign: 1 | -1): unknown {
  const by = (item: unknown) => (path === undefined ? item : attribute(item, path));
  const items = list(value);
  if (items.length === 0) throw new TypeError("needs a list that is not empty");
  return items.reduce((best, item) => (inOrder(by(item), by(best)) * sign > 0 ? item : best));
}

const methods = { common: Math.round, ceil: Math.ceil, floor: Math.floor } as const;

function rounded(value: number, places: number, method: unknown): number {
  const apply = methods[oneOf(method, Object.keys(methods) as (keyof typeof methods)[])];
  // By its digits: 1.005 * 100 is less than 100.5.
  return Number(`${apply(Number(`${value}e${places}`))}e${-places}`);
}

const units = ["", "K", "M", "G", "T", "P", "E", "Z", "Y"];

function readable(value: number, isBits: boolean, unit: unknown): string {
  const wanted = unit === undefined || unit === null ? undefined : units.indexOf(text(unit).toUpperCase().replace(/B$/, ""));
  if (wanted === -1) throw new TypeError(`knows the units ${units.slice(1).join(", ")}, not ${JSON.stringify(unit)}`);
  const power = wanted ?? Math.max(0, units.findLastIndex((_, index) => Math.abs(value) >= 1024 ** index));
  const word = power === 0 ? (isBits ? "bits" : "Bytes") : `${units[power]}${isBits ? "b" : "B"}`;
  return `${(value / 1024 ** power).toFixed(2)} ${word}`;
}

function bytes(value: string, unit: unknown): number {
  const parts = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(value);
  const written = (parts?.[2] === "" || parts === null ? text(unit) : parts[2]!).toUpperCase().replace(/^(BYTES?|BITS?)$/, "").replace(/I?B$/, "");
  const power = units.indexOf(written);
  if (!parts || power < 0) throw new TypeError(`needs a size such as 1.5 GB, not ${JSON.stringify(value)}`);
  return Math.round(Number(parts[1]) * 1024 ** power);
}
