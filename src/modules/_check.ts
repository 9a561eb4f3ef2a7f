import type * as z from "zod";
import { nearest } from "../core/suggest.ts";

/** One thing that is wrong with a value; `path` leads to it inside the value. */
export interface Finding {
  readonly path: readonly PropertyKey[];
  /** Follows the name of the argument: `must be a whole number`. */
  readonly message: string;
  /** The value as short JSON. */
  readonly seen: string;
  readonly hint?: string;
}

export type Checked = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly findings: readonly Finding[] };

/** A value against its type, with findings in the words of a person. */
export function checkValue(type: z.ZodType, value: unknown): Checked {
  const known = isPlain(value) ? knownOf(type) : undefined;
  const before = known?.get(value);
  if (before) return before;
  const checked = parsedBy(type, value);
  // What a type makes of a value may be another's to keep when it is an object.
  if (known && known.size < mostKnown && checked.ok && isPlain(checked.value)) known.set(value, checked);
  return checked;
}

/** Tasks say the same again and again, and hosts are given the same: `mode: "0644"`, `owner: root`, and nothing at all. */
const checkedBefore = new WeakMap<z.ZodType, Map<unknown, Checked>>();
const mostKnown = 1000;

function knownOf(type: z.ZodType): Map<unknown, Checked> {
  let known = checkedBefore.get(type);
  if (!known) checkedBefore.set(type, (known = new Map()));
  return known;
}

function isPlain(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

function parsedBy(type: z.ZodType, value: unknown): Checked {
  const parsed = type.safeParse(value, { error: wordsFor });
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, findings: parsed.error.issues.map((issue) => findingOf(issue, value)) };
}

function findingOf(issue: z.core.$ZodIssue, value: unknown): Finding {
  const deepest = issue.code === "invalid_union" ? deepestOf(issue) : issue;
  const path = issue === deepest ? issue.path : [...issue.path, ...deepest.path];
  const seen = path.reduce<unknown>((inner, part) => (typeof inner === "object" && inner !== null ? (inner as Record<PropertyKey, unknown>)[part] : undefined), value);
  const hint = hintFor(deepest, seen);
  return { path, message: deepest.message, seen: shortJson(seen), ...(hint === undefined ? {} : { hint }) };
}

/** Of the alternatives of a union, the one that got furthest into the value is the one that was meant. */
function deepestOf(union: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue {
  const depth = (issue: z.core.$ZodIssue) => issue.path.length;
  const inner = union.errors.flat().reduce<z.core.$ZodIssue>((best, issue) => (depth(issue) > depth(best) ? issue : best), { ...union, path: [] });
  return depth(inner) === 0 ? union : inner;
}

/** Our words for what zod says when a type gives no words of its own. */
function wordsFor(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${typeWords[issue.expected] ?? issue.expected}`;
    case "too_small":
      return `must be ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}${sizeWords(issue.origin)}`;
    case "too_big":
      return `must be ${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${sizeWords(issue.origin)}`;
    case "invalid_value":
      return `must be ${issue.values.length === 1 ? "" : "one of "}${issue.values.map(String).join(", ")}`;
    case "unrecognized_keys":
      return `must not have ${issue.keys.map((key) => `"${key}"`).join(", ")}`;
    case "invalid_union":
      return `must be ${unionWords(issue)}`;
    case "custom":
    case "invalid_element":
    case "invalid_format":
    case "invalid_key":
    case "not_multiple_of":
      return undefined;
    default:
      return issue satisfies never;
  }
}

const typeWords: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
  null: "null",
};

function sizeWords(origin: string): string {
  return origin === "string" ? " characters long" : origin === "array" ? " items long" : "";
}

function unionWords(union: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string {
  const words = union.errors.flatMap((issues) => issues.slice(0, 1).map((issue) => issue.message.replace(/^must be /, "")));
  return words.length === 0 ? "another kind of value" : [...new Set(words)].join(" or ");
}

function hintFor(issue: z.core.$ZodIssue, seen: unknown): string | undefined {
  if (issue.code === "invalid_value" && typeof seen === "string") {
    const best = nearest(seen, issue.values.map(String));
    return best === undefined ? undefined : `did you mean "${best}"?`;
  }
  if (issue.code !== "invalid_type") return undefined;
  if (issue.expected === "boolean" && typeof seen === "string" && /^(yes|no|on|off)$/i.test(seen)) {
    return `write ${/^(yes|on)$/i.test(seen)}: YAML 1.2 takes ${seen} for text`;
  }
  if (issue.expected === "string" && (typeof seen === "number" || typeof seen === "boolean")) return `put it in quotes: "${seen}"`;
  return undefined;
}

const longestSeen = 60;

function shortJson(value: unknown): string {
  const text = value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value));
  return text.length <= longestSeen ? text : `${text.slice(0, longestSeen)}…`;
}
