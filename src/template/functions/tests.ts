import { suggestion } from "../../core/suggest.ts";
import type { Functions } from "./function.ts";
import { pattern } from "./patterns.ts";
import { inOrder, isMapping, isSame, isTruthy, kindOf, list, mapping, own, text } from "./values.ts";
import { versionHolds } from "./versions.ts";

/** True or false about a value, and what depends on that. */
export const testFunctions: Functions = {
  and: { summary: "Whether all are true, in the sense of {{#if}}.", takes: ["value", "other", "others*"], lenient: "all", inCel: true, examples: [["{{ and 1 'x' }}", true], ["{{ and 1 nobody }}", false]], call: (...values) => values.every(isTruthy) },
  bool: {
    summary: "True or false from the texts true, yes, on, 1 and false, no, off, 0.",
    takes: ["value"],
    examples: [["bool('yes')", true], ["bool('False')", false], ["bool(0)", false]],
    call: (value) => truth(value),
  },
  changed: { summary: "Whether a result says that something was changed.", takes: ["result"], aliases: ["change"], examples: [["changed({'changed': true})", true]], call: (value) => flag(value, "changed") },
  contains: { summary: "Whether a list holds a value, a mapping a key, or a text a part.", takes: ["within", "value"], examples: [["contains([1, 2], 2)", true], ["contains('web1', 'web')", true]], call: (within, value) => holds(within, value) },
  default: {
    summary: "The first value, or the second where the first is not defined or null; with a third that is true, also where it is empty or false.",
    takes: ["value", "otherwise", "boolean?"],
    aliases: ["d"],
    lenient: "first",
    examples: [["default(nobody, 'x')", "x"], ["default('', 'x')", ""], ["default('', 'x', true)", "x"]],
    call: (value, other, boolean) => (boolean === true && !isTruthy(value) ? other : (value ?? other)),
  },
  defined: { summary: "Whether a variable is defined and not null.", takes: ["value"], lenient: "first", examples: [["defined(nobody)", false], ["defined(1)", true]], call: (value) => value !== null && value !== undefined },
  eq: { summary: "Whether two values are equal.", takes: ["value", "other"], inCel: true, examples: [["{{ eq 1 1 }}", true], ["{{ eq 1 '1' }}", false]], call: (left, right) => isSame(left, right) },
  failed: { summary: "Whether a result says that its task failed.", takes: ["result"], examples: [["failed({'failed': true})", true]], call: (value) => flag(value, "failed") },
  falsy: { summary: "Whether a value is not true, in the sense of {{#if}}.", takes: ["value"], lenient: "first", examples: [["falsy('')", true]], call: (value) => !isTruthy(value) },
  ge: { summary: "Whether the first number or text is not less than the second.", takes: ["value", "other"], inCel: true, examples: [["{{ ge 2 2 }}", true]], call: (left, right) => inOrder(left, right) >= 0 },
  gt: { summary: "Whether the first number or text is greater than the second.", takes: ["value", "other"], inCel: true, examples: [["{{ gt 10 9 }}", true]], call: (left, right) => inOrder(left, right) > 0 },
  in: { summary: "Whether a list holds a value, a mapping a key, or a text a part.", takes: ["value", "within"], inCel: true, examples: [["{{ in 'eb' 'web' }}", true]], call: (value, within) => holds(within, value) },
  le: { summary: "Whether the first number or text is not greater than the second.", takes: ["value", "other"], inCel: true, examples: [["{{ le 1 2 }}", true]], call: (left, right) => inOrder(left, right) <= 0 },
  lt: { summary: "Whether the first number or text is less than the second.", takes: ["value", "other"], inCel: true, examples: [["{{ lt 'a' 'b' }}", true]], call: (left, right) => inOrder(left, right) < 0 },
  match: { summary: "Whether a regular expression fits the beginning of a text.", takes: ["text", "pattern"], examples: [["match('web1', 'web')", true], ["match('a web', 'web')", false]], call: (value, source) => pattern(`^(?:${text(source)})`).test(text(value)) },
  ne: { summary: "Whether two values differ.", takes: ["value", "other"], inCel: true, examples: [["{{ ne 1 2 }}", true]], call: (left, right) => !isSame(left, right) },
  none: { summary: "Whether a value is null.", takes: ["value"], examples: [["none(null)", true]], call: (value) => value === null || value === undefined },
  not: { summary: "Whether a value is not true, in the sense of {{#if}}.", takes: ["value"], lenient: "all", inCel: true, examples: [["{{ not nobody }}", true]], call: (value) => !isTruthy(value) },
  or: { summary: "The first value that is true, in the sense of {{#if}}, or else the last.", takes: ["value", "other", "others*"], lenient: "all", inCel: true, examples: [["{{ or nobody 'x' }}", "x"]], call: (...values) => values.find(isTruthy) ?? values.at(-1) },
  search: { summary: "Whether a regular expression fits anywhere in a text.", takes: ["text", "pattern"], examples: [["search('a web', 'w.b')", true]], call: (value, source) => pattern(source).test(text(value)) },
  skipped: { summary: "Whether a result says that its task was skipped.", takes: ["result"], aliases: ["skip"], examples: [["skipped({'skipped': true})", true], ["skipped({})", false]], call: (value) => flag(value, "skipped") },
  string: { summary: "A value as text; lists and mappings as JSON.", takes: ["value"], examples: [["string(5)", "5"], ["string([1])", "[1]"]], call: (value) => text(value) },
  subset: { summary: "Whether a list has nothing that the other has not.", takes: ["list", "other"], aliases: ["issubset"], examples: [["subset([1], [1, 2])", true]], call: (value, other) => list(value).every((item) => holds(list(other), item)) },
  succeeded: { summary: "Whether a result says that its task did not fail.", takes: ["result"], aliases: ["success"], examples: [["succeeded({'failed': false})", true]], call: (value) => !flag(value, "failed") },
  superset: { summary: "Whether a list has everything that the other has.", takes: ["list", "other"], aliases: ["issuperset"], examples: [["superset([1, 2], [1])", true]], call: (value, other) => list(other).every((item) => holds(list(value), item)) },
  ternary: {
    summary: "The first of two values where the condition is true, the second where it is not; a third for null.",
    takes: ["condition", "yes", "no", "unknown?"],
    examples: [["ternary(true, 'a', 'b')", "a"], ["ternary(false, 'a', 'b')", "b"], ["ternary(null, 'a', 'b', 'c')", "c"]],
    call: (value, yes, no, unknown) => (unknown !== undefined && (value === null || value === undefined) ? unknown : isTruthy(value) ? yes : no),
  },
  truthy: { summary: "Whether a value is true, in the sense of {{#if}}.", takes: ["value"], lenient: "first", examples: [["truthy('x')", true], ["truthy(nobody)", false]], call: (value) => isTruthy(value) },
  undefined: { summary: "Whether a variable is not defined, or null; in a template (not (defined x)).", takes: ["value"], lenient: "first", examples: [["undefined(nobody)", true]], call: (value) => value === null || value === undefined },
  version: {
    summary: "Whether a version is equal to another one, or compares with it as an operator says: ==, !=, <, <=, >, >= or eq, ne, lt, le, gt, ge.",
    takes: ["version", "other", "operator?"],
    aliases: ["version_compare"],
    examples: [["version('1.10', '1.9', '>')", true], ["version('2.0', '2.0')", true]],
    call: (value, other, operator) => versionHolds(text(value), text(other), operator ?? "=="),
  },
};

/** A test by the name that select and selectattr take; `other` is what it compares with. */
export type Test = (value: unknown, other: unknown) => boolean;

const words: Readonly<Record<string, Test>> = {
  "==": isSame,
  equalto: isSame,
  "!=": (value, other) => !isSame(value, other),
  ">": (value, other) => inOrder(value, other) > 0,
  ">=": (value, other) => inOrder(value, other) >= 0,
  "<": (value, other) => inOrder(value, other) < 0,
  "<=": (value, other) => inOrder(value, other) <= 0,
  boolean: (value) => typeof value === "boolean",
  even: (value) => Number(value) % 2 === 0,
  odd: (value) => Math.abs(Number(value) % 2) === 1,
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === "number",
  mapping: isMapping,
  sequence: (value) => Array.isArray(value),
  string: (value) => typeof value === "string",
  regex: (value, other) => pattern(other).test(text(value)),
  greaterthan: (value, other) => inOrder(value, other) > 0,
  lessthan: (value, other) => inOrder(value, other) < 0,
  true: (value) => value === true,
  false: (value) => value === false,
};

const testsOfTable = ["changed", "contains", "defined", "eq", "failed", "falsy", "ge", "gt", "in", "le", "lt", "match", "ne", "none", "search", "skipped", "subset", "succeeded", "superset", "truthy", "undefined", "version"];

export function testNamed(name: string): Test {
  if (Object.hasOwn(words, name)) return words[name]!;
  const entry = testsOfTable.map((each) => [each, testFunctions[each]!] as const).find(([each, { aliases }]) => each === name || aliases?.includes(name))?.[1];
  if (entry) return (value, other) => entry.call(value, other) === true;
  const hint = suggestion(name, [...Object.keys(words), ...testsOfTable]);
  throw new TypeError(`knows no test "${name}"${hint === undefined ? "" : `: ${hint}`}`);
}

const truths: Readonly<Record<string, boolean>> = { true: true, yes: true, on: true, "1": true, t: true, y: true, false: false, no: false, off: false, "0": false, f: false, n: false };

function truth(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  const word = text(value).toLowerCase();
  if (Object.hasOwn(truths, word)) return truths[word]!;
  throw new TypeError(`needs true or false, not ${kindOf(value)}`);
}

function flag(value: unknown, name: string): boolean {
  return own(mapping(value), name) === true;
}

function holds(within: unknown, value: unknown): boolean {
  if (Array.isArray(within)) return within.some((item) => isSame(item, value));
  if (typeof within === "string") return within.includes(text(value));
  return Object.hasOwn(mapping(within), text(value));
}
