import { Environment, type ASTNode, type ParseResult } from "@marcbachmann/cel-js";
import { BowlineError, type Problem } from "../core/errors.ts";
import type { Position } from "../core/position.ts";
import { undefinedName, type Context } from "./context.ts";
import { functions } from "./functions.ts";

/** A CEL expression as somebody wrote it. */
export interface Source {
  readonly source: string;
  readonly at: Position;
}

/** A name that an expression takes from the variables; `lenient`: it may be undefined. */
export interface NameUse {
  readonly name: string;
  readonly at: Position;
  readonly lenient: boolean;
}

/** The value of an expression, as plain JSON. Throws E_EXPRESSION or E_UNDEFINED with its place. */
export function evaluate(expression: Source, context: Context): unknown {
  const parsed = parse(expression);
  const values: Record<string, unknown> = {};
  for (const use of namesIn(expression, parsed)) {
    if (!context.has(use.name) && !use.lenient) throw undefinedName(use.name, use.at, context.names());
    values[use.name] = toCel(context.has(use.name) ? context.get(use.name) : null);
  }
  try {
    return fromCel(parsed(values));
  } catch (error) {
    throw new BowlineError(problemOf(error, expression, values), { cause: error });
  }
}

/** A condition: strictly true or false, nothing that only looks like it. */
export function condition(expression: Source, context: Context): boolean {
  const value = evaluate(expression, context);
  if (typeof value === "boolean") return value;
  throw new BowlineError({
    code: "E_EXPRESSION",
    message: `a condition must be true or false: ${expression.source}`,
    at: expression.at,
    expected: "true or false",
    seen: JSON.stringify(value)?.slice(0, 80) ?? "nothing",
    hint: typeof value === "string" ? `compare it: ${expression.source} != ""` : "compare it with something: ==, !=, >",
  });
}

/** What is wrong with an expression before any value is known. */
export function checkExpression(expression: Source): Problem[] {
  try {
    parse(expression);
    return [];
  } catch (error) {
    if (error instanceof BowlineError) return [...error.problems];
    throw error;
  }
}

/** The variables that an expression names. */
export function expressionNames(expression: Source): NameUse[] {
  return namesIn(expression, parse(expression));
}

const environment = functionsInto(new Environment({ unlistedVariablesAreDyn: true }));
const parsedSources = new Map<string, ParseResult>();

function functionsInto(target: Environment): Environment {
  return Object.entries(functions)
    .filter(([, entry]) => !entry.inCel)
    .reduce((env, [name, entry]) => {
      const call = (...args: unknown[]) => toCel(entry.call(...args.map(fromCel)) ?? null);
      return entry.arity.reduce((each, count) => each.registerFunction(`${name}(${Array(count).fill("dyn").join(", ")}): dyn`, call), env);
    }, target);
}

function parse(expression: Source): ParseResult {
  const cached = parsedSources.get(expression.source);
  if (cached) return cached;
  try {
    const parsed = environment.parse(expression.source);
    parsedSources.set(expression.source, parsed);
    return parsed;
  } catch (error) {
    throw new BowlineError(problemOf(error, expression, {}), { cause: error });
  }
}

interface CelError {
  readonly summary?: string;
  readonly message: string;
  readonly node?: { readonly pos: number };
}

function problemOf(error: unknown, { source, at }: Source, values: Readonly<Record<string, unknown>>): Problem {
  const { summary, message, node } = error as CelError;
  const words = (summary ?? message).split("\n")[0]!;
  const hint = hintFor(source, words);
  return {
    code: /^No such key/.test(words) ? "E_UNDEFINED" : "E_EXPRESSION",
    message: `${celWords(words, values)}: ${source}`,
    at: placeIn(source, at, node?.pos ?? 0),
    ...(hint === undefined ? {} : { hint }),
  };
}

function celWords(words: string, values: Readonly<Record<string, unknown>>): string {
  const key = /^No such key: (.*)$/.exec(words)?.[1];
  if (key !== undefined) return `there is no "${key}" in ${Object.keys(values).join(", ") || "this value"}`;
  const overload = /^no such overload: (.*)$/.exec(words)?.[1];
  if (overload !== undefined) return `cannot do ${overload.replaceAll(/dyn<(\w+)>/g, "$1")}`;
  return words.startsWith("Unexpected token: EOF") ? "the condition ends too early" : words;
}

/** What people bring along from Jinja, and what it is here. */
function hintFor(source: string, words: string): string | undefined {
  if (source.includes("{{")) return "a condition is an expression as it stands: take {{ and }} away";
  if (/\bis (not )?defined\b/.test(source)) return "write defined(name), or has(result.key) for a part of a value";
  if (/\bnot\b/.test(source)) return "write ! for not, && for and, || for or";
  if (/\b(and|or)\b/.test(source)) return "write && for and, || for or";
  if (/\|/.test(source.replaceAll("||", ""))) return "there are no filters: call functions, as in length(list)";
  if (/no such overload: .*(string|int)/.test(words)) return 'text and numbers do not mix: int("5") and string(5) convert';
  return undefined;
}

function placeIn(source: string, at: Position, offset: number): Position {
  const before = source.slice(0, offset).split("\n");
  return before.length === 1 ? { ...at, column: at.column + offset } : { ...at, line: at.line + before.length - 1, column: before.at(-1)!.length + 1 };
}

/** Walks the syntax tree; variables that a macro binds (`list.exists(x, …)`) are its own. */
function namesIn({ source, at }: Source, parsed: ParseResult): NameUse[] {
  const uses = new Map<string, NameUse>();
  const visit = (node: ASTNode, bound: readonly string[], lenient: boolean): void => {
    if (node.op === "id") {
      const name = node.args;
      const known = uses.get(name);
      if (!bound.includes(name) && (!known || (known.lenient && !lenient))) uses.set(name, { name, at: placeIn(source, at, node.start), lenient });
      return;
    }
    if (node.op === "call") {
      const [name, args] = node.args;
      args.forEach((arg, index) => visit(arg, bound, index === 0 && (functions[name]?.lenient ?? false)));
      return;
    }
    const inner = node.op === "rcall" && macros.has(node.args[0]) ? [...bound, ...node.args[2].slice(0, -1).flatMap((arg) => (arg.op === "id" ? [arg.args] : []))] : bound;
    for (const child of childrenOf(node.args)) visit(child, inner, false);
  };
  visit(parsed.ast, [], false);
  return [...uses.values()];
}

const macros = new Set(["all", "exists", "exists_one", "filter", "map"]);

function childrenOf(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  return typeof args === "object" && args !== null && "op" in args ? [args as ASTNode] : [];
}

/** JSON's whole numbers are CEL's ints, so that they compare and add with those that an expression writes. */
function toCel(value: unknown): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCel);
  if (typeof value !== "object" || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toCel(inner)]));
}

function fromCel(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(fromCel);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [String(key), fromCel(inner)]));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fromCel(inner)]));
}
