import type { Problem } from "../core/errors.ts";
import type { Position } from "../core/position.ts";
import { suggestion } from "../core/suggest.ts";
import { calledName, celFunctions, celMethods, fromCel, variableOf, type ASTNode, type CelError } from "./cel.ts";
import { wrongCount } from "./functions/function.ts";
import { functionNamed } from "./functions.ts";
import { celForJinja } from "./jinja-to-cel.ts";

/** A CEL expression as somebody wrote it. */
export interface Source {
  readonly source: string;
  readonly at: Position;
}

/** What the library says about an expression, in the words of a person. `value` gives a variable that is at hand. */
export function expressionProblem(error: CelError, { source, at }: Source, value: (name: string) => unknown): Problem {
  const words = (error.summary ?? error.message).split("\n")[0]!;
  const { cause, hint } = wordsFor(words, error, source, value);
  return {
    code: error.code === "no_such_key" ? "E_UNDEFINED" : "E_EXPRESSION",
    message: cause === "" ? "this condition is empty" : `${cause}: ${source.trim()}`,
    at: placeIn(source, at, error.node?.pos ?? 0),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** What a word is here that people bring along from Jinja or Python. */
export function foreignWord(name: string): string | undefined {
  if (name === "True" || name === "False") return `write ${name.toLowerCase()}`;
  return name === "None" || name === "none" ? "write null" : undefined;
}

/** Only a literal block keeps its lines, and all of them begin in the same column. */
export function placeIn(source: string, at: Position, offset: number): Position {
  const before = source.slice(0, offset).split("\n");
  return { ...at, line: at.line + before.length - 1, column: at.column + before.at(-1)!.length };
}

interface Words {
  readonly cause: string;
  readonly hint: string | undefined;
}

function wordsFor(words: string, error: CelError, source: string, value: (name: string) => unknown): Words {
  const key = /^No such key: (.*)$/.exec(words)?.[1];
  if (key !== undefined) return missingKey(key, error.node, value);
  const call = /^found no matching overload for '(?:(.*)\.)?(\w+)\((.*)\)'$/.exec(words);
  if (call) return wrongCall({ receiver: call[1], name: calledName(call[2]!), types: call[3]!, source });
  const overload = /^no such overload: (.*)$/.exec(words)?.[1];
  if (overload !== undefined) return { cause: `cannot do ${plainTypes(overload)}`, hint: foreignHint(source) ?? overloadHint(overload) };
  const reserved = /^Reserved identifier: (.*)$/.exec(words)?.[1];
  if (reserved !== undefined) return { cause: `"${reserved}" is a reserved word`, hint: foreignHint(source) ?? "a variable of this name cannot stand in an expression: give it another name" };
  if (source.trim() === "") return { cause: "", hint: "write what must be true, or take the line out" };
  const early = words.startsWith("Unexpected token: EOF") || /got EOF$/.test(words);
  if (early) return { cause: "the expression ends too early", hint: foreignHint(source) ?? "something must stand behind the last sign" };
  const lookup = /^(there is no lookup "[^"]*"): (.*)$/.exec(words);
  if (lookup) return { cause: lookup[1]!, hint: lookup[2] };
  if (/^logical operator requires bool/i.test(words)) return { cause: "&& and || join only what is true or false", hint: foreignHint(source) ?? "compare the value first: ==, !=, >" };
  return { cause: syntaxWords(words), hint: foreignHint(source) ?? "docs/language.md shows how conditions are written" };
}

function missingKey(key: string, node: ASTNode | undefined, value: (name: string) => unknown): Words {
  const beyond = /^index out of bounds, index (.*) >= size (.*)$/.exec(key);
  if (beyond) return { cause: `there is no item ${beyond[1]} in a list of ${beyond[2]}`, hint: "the first item is [0]" };
  const receiver = node && (node.op === "." || node.op === "[]") ? node.args[0] : undefined;
  const where = receiver ? receiver.input.slice(receiver.start, receiver.end) : undefined;
  const known = receiver ? fromCel(valueAt(receiver, value)) : undefined;
  const keys = typeof known === "object" && known !== null && !Array.isArray(known) ? Object.keys(known) : [];
  return { cause: `there is no "${key}"${where === undefined ? "" : ` in ${where}`}`, hint: suggestion(key, keys) };
}

/** The value of a path such as `result.item`, for the hint; anything else is not worth the trouble. */
function valueAt(node: ASTNode, value: (name: string) => unknown): unknown {
  if (node.op === "id") return value(variableOf(node.args));
  if (node.op !== ".") return undefined;
  const inner = valueAt(node.args[0], value);
  return typeof inner === "object" && inner !== null && Object.hasOwn(inner, node.args[1]) ? (inner as Record<string, unknown>)[node.args[1]] : undefined;
}

function wrongCall({ receiver, name, types, source }: { receiver: string | undefined; name: string; types: string; source: string }): Words {
  const ours = functionNamed(name);
  const count = types === "" ? 0 : types.split(", ").length;
  if (receiver !== undefined) {
    const hint = translated(source) ?? (ours && !ours.inCel ? `write ${name}(value${count > 0 ? ", …" : ""})` : (methodHints[name] ?? suggestion(name, celMethods())));
    return { cause: `${plainTypes(receiver)} has no .${name}(${plainTypes(types)})`, hint };
  }
  const wrong = ours && wrongCount(name, ours, count);
  if (wrong !== undefined) return { cause: wrong, hint: ours!.summary };
  const known = celFunctions();
  if (known.includes(name)) return { cause: `${name} cannot take ${plainTypes(types)}`, hint: undefined };
  return { cause: `there is no function "${name}"`, hint: callHints[name] ?? suggestion(name, known) };
}

const methodHints: Readonly<Record<string, string>> = {
  find: "write text.contains(\"…\")",
  get: "write default(value.key, other)",
  keys: "write has(value.key), or \"key\" in value",
  strip: "write trim(value)",
};

const callHints: Readonly<Record<string, string>> = {
  len: "write length(value)",
  str: "write string(value)",
};

function syntaxWords(words: string): string {
  return /^(Unexpected|Expected) /.test(words) ? "this is no expression" : words.charAt(0).toLowerCase() + words.slice(1);
}

/** What people bring along from Jinja, and what it is here. */
function foreignHint(source: string): string | undefined {
  const write = translated(source);
  if (write !== undefined) return write;
  const code = source.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""');
  return foreign.find(({ when }) => when.test(code))?.hint;
}

/** The whole expression in the words of CEL, where it is Jinja that says the same. */
function translated(source: string): string | undefined {
  const bare = /^\s*\{\{(.*)\}\}\s*$/s.exec(source)?.[1] ?? source;
  const cel = celForJinja(bare);
  const alike = (text: string) => text.replaceAll('"', "'").replace(/\s+/g, "");
  return cel === undefined || alike(cel) === alike(source) ? undefined : `${bare === source ? "" : "an expression stands without {{ }}: "}write ${cel}`;
}

const foreign: readonly { when: RegExp; hint: string }[] = [
  { when: /\{\{|\{%/, hint: "an expression stands as it is: take {{ and }} away" },
  { when: /\bis\s+(not\s+)?(un)?defined\b/, hint: "write defined(name) or !defined(name)" },
  { when: /\bis\s+(not\s+)?(failed|changed|skipped|unreachable|success|succeeded)\b/, hint: "write result.failed, result.changed, result.skipped" },
  { when: /\bis\s+(not\s+)?(match|search|regex)\b/, hint: 'write text.matches("regular expression")' },
  { when: /\bis\s+(not\s+)?(none|None)\b/, hint: "write name == null" },
  { when: /\bis\b/, hint: "there are no tests: compare with == and !=" },
  { when: /\bnot\s+in\b/, hint: "write !(item in list)" },
  { when: /\bnot\b/, hint: "write ! for not, && for and, || for or" },
  { when: /\b(and|or)\b/, hint: "write && for and, || for or" },
  { when: /(?<!\|)\|(?!\|)/, hint: "there are no filters: call functions, as in length(list) and default(name, 1)" },
  { when: /\bif\b.*\belse\b/, hint: "write condition ? one : other" },
  { when: /[^=!<>]=(?!=)/, hint: "write == to compare" },
  { when: /~/, hint: "write + to join texts" },
];

function overloadHint(overload: string): string | undefined {
  const types = plainTypes(overload);
  if (/ in string$/.test(types)) return 'write text.contains("part")';
  if (/null/.test(types)) return "compare with null first, or write default(value, other)";
  if (/string/.test(types) && /int|double/.test(types)) return 'text and numbers do not mix: int("5") and string(5) convert';
  return /bool/.test(types) || /^!/.test(types) ? "only true and false can be combined: compare the value first" : undefined;
}

function plainTypes(types: string): string {
  return types.replaceAll(/dyn<(\w+)>/g, "$1").replaceAll(/\bdyn\b/g, "value").replaceAll("double", "number");
}
