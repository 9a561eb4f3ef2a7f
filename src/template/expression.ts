import { BowlineError, type Problem } from "../core/errors.ts";
import type { Position } from "../core/position.ts";
import { fromCel, identifierOf, looksUnder, parseCel, toCel, typeNamed, type ASTNode, type CelError, type Look, type ParsedCel } from "./cel.ts";
import { undefinedName, type Context } from "./context.ts";
import { namesDefinedBy, namesIn, type NameUse } from "./expression-names.ts";
import { omit } from "./functions/values.ts";
import { lookedUp } from "./lookups.ts";
import { expressionProblem, foreignWord, placeIn, type Source } from "./expression-words.ts";

/** The value of an expression, as plain JSON; null for `omit`. Throws E_EXPRESSION or E_UNDEFINED with its place. */
export function evaluate(expression: Source, context: Context): unknown {
  const value = valueOf(expression, context);
  return value === omit ? null : value;
}

/** The same, and `omit` as it is. */
export function valueOf(expression: Source, context: Context): unknown {
  const parsed = parse(expression);
  try {
    return fromCel(parsed.run(valuesFor(expression, parsed, context)));
  } catch (error) {
    if (error instanceof BowlineError) throw error;
    throw new BowlineError(expressionProblem(error as CelError, expression, (name) => context.get(name)), { cause: error });
  }
}

/** A condition: strictly true or false, nothing that only looks like it. */
export function condition(expression: Source, context: Context): boolean {
  const value = evaluate(expression, context);
  if (typeof value === "boolean") return value;
  throw new BowlineError({
    code: "E_EXPRESSION",
    message: `a condition must be true or false: ${expression.source.trim()}`,
    at: expression.at,
    expected: "true or false",
    seen: JSON.stringify(value)?.slice(0, 80) ?? "nothing",
    hint: comparison(value, expression.source.trim()),
  });
}

/** What is wrong with an expression before any value is known. */
export function checkExpression(expression: Source): Problem[] {
  try {
    const { mistake } = parse(expression);
    return mistake ? [expressionProblem(mistake, expression, () => undefined)] : [];
  } catch (error) {
    if (error instanceof BowlineError) return [...error.problems];
    throw error;
  }
}

/** The same for a condition, which can be known to be neither true nor false: `when: 1`. */
export function checkCondition(expression: Source): Problem[] {
  const problems = checkExpression(expression);
  if (problems.length > 0) return problems;
  const { type, ast } = parse(expression);
  if (type === "bool" || (type.startsWith("dyn") && !isNeverTruth(ast))) return [];
  const seen = wordsOfTypes.find(([name]) => type.startsWith(name))?.[1] ?? (type.startsWith("dyn") ? "a number or text" : type);
  return [{ code: "E_EXPRESSION", message: `a condition must be true or false: ${expression.source.trim()}`, at: expression.at, expected: "true or false", seen, hint: "compare it with something: ==, !=, >" }];
}

/** Whatever its values are: a sum, or a call of a function whose name says what it gives. */
function isNeverTruth({ op, args }: ASTNode): boolean {
  return ["+", "-", "*", "/", "%", "-_"].includes(op) || ((op === "call" || op === "rcall") && neverTruths.includes(args[0]));
}

const neverTruths: readonly string[] = ["length", "count", "size", "int", "float", "string", "join", "lower", "upper", "trim", "replace", "split", "sort", "unique", "keys"];

const wordsOfTypes = [["string", "text"], ["int", "a number"], ["double", "a number"], ["list", "a list"], ["map", "a mapping"]] as const;

/** The variables that an expression names. */
export function expressionNames(expression: Source): NameUse[] {
  return namesIn(parse(expression).ast, (offset) => placeIn(expression.source, expression.at, offset));
}

/** The variables that are certainly defined where the expression holds: `defined(x) && …`. */
export function definedWhereHolds(expression: Source): ReadonlySet<string> {
  return namesDefinedBy(parse(expression).ast);
}

function parse(expression: Source): ParsedCel {
  try {
    return parseCel(expression.source);
  } catch (error) {
    throw new BowlineError(expressionProblem(error as CelError, expression, () => undefined), { cause: error });
  }
}

/** Every variable is read when it is reached, and only then: `defined(x) && x > 1` reads no undefined x. */
function valuesFor({ source, at }: Source, { ast }: ParsedCel, context: Context): object {
  const values = {};
  Object.defineProperty(values, looksUnder, { value: looker(context, (offset) => placeIn(source, at, offset)) });
  const place = (offset: number) => placeIn(source, at, offset);
  for (const { name, at: usedAt } of namesIn(ast, place)) {
    let value: unknown;
    const get = () => {
      if (context.has(name)) return (value ??= toCel(context.get(name)));
      const type = typeNamed(name);
      if (type === undefined) throw undefinedName(name, usedAt, context.names(), foreignWord(name));
      return type;
    };
    Object.defineProperty(values, identifierOf(name), { enumerable: true, get });
  }
  return values;
}

function looker(context: Context, place: (offset: number) => Position): Look {
  return (entry, args, offset) => lookedUp(entry, args, { ...context.around(), at: place(offset) });
}

function comparison(value: unknown, source: string): string {
  if (value === "true" || value === "false") return `text is no truth: write bool(${source}), or give it as -e '{"${source}": ${value}}'`;
  if (typeof value === "string") return `compare it: ${source} != ""`;
  if (typeof value === "number") return `compare it: ${source} != 0`;
  if (Array.isArray(value)) return `ask for its length: length(${source}) > 0`;
  return value === null ? `compare it: ${source} != null` : "compare it with something: ==, !=, >";
}
