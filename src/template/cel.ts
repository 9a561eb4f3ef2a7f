import { Environment, type ASTNode, type ParseResult } from "@marcbachmann/cel-js";
import { BowlineError } from "../core/errors.ts";
import { arityOf, type TemplateFunction } from "./functions/function.ts";
import { omit } from "./functions/values.ts";
import { functionNamed, functionNames, functions } from "./functions.ts";
import { unknownLookup } from "./lookups.ts";

export type { ASTNode } from "@marcbachmann/cel-js";

/** What the library throws for a mistake in an expression. */
export interface CelError {
  readonly code?: string;
  readonly summary?: string;
  readonly message: string;
  readonly node?: ASTNode;
}

export interface ParsedCel {
  readonly ast: ASTNode;
  /** What is wrong with the types and functions of the expression, as far as literals tell. */
  readonly mistake: CelError | undefined;
  /** The type of the value in CEL's words, as far as it is known before a run; dyn when it is not. */
  readonly type: string;
  readonly run: (values: object) => unknown;
}

/** Parses an expression, once; throws a CelError. */
export function parseCel(source: string): ParsedCel {
  const cached = parsedSources.get(source);
  if (cached) return cached;
  const parsed: ParseResult = environment().parse(source);
  freeTypeNames(parsed.ast);
  const checked = parsed.check();
  const type = checked.type ?? "dyn";
  const known = { ast: parsed.ast, type, mistake: checked.valid ? undefined : (checked.error as CelError), run: (values: object) => parsed(values) as unknown };
  parsedSources.set(source, known);
  return known;
}

/** The name of the variable that an identifier of the syntax tree stands for. */
export function variableOf(identifier: string): string {
  return identifier.endsWith(freed) ? identifier.slice(0, -freed.length) : identifier;
}

/** How the syntax tree calls a variable. */
export function identifierOf(variable: string): string {
  return typeNames.has(variable) ? `${variable}${freed}` : variable;
}

/** The value of `list`, `string` and the like where no variable has that name: `type(x) == string`. */
export function typeNamed(name: string): unknown {
  return typeNames.has(name) ? environment().evaluate(name) : undefined;
}

/** Every function that an expression can call, CEL's own ones too. */
export function celFunctions(): string[] {
  return [...new Set(namesOf((receiver) => receiver === null).map(calledName))];
}

/** The name that somebody wrote, from the one that the library knows a function by. */
export function calledName(name: string): string {
  return name.endsWith(ours) ? name.slice(0, -ours.length) : name;
}

/** What can be called on a value: `text.contains("…")`. */
export function celMethods(): string[] {
  return namesOf((receiver) => receiver !== null && !receiver.includes("Namespace") && !receiver.startsWith("optional"));
}

/** What the functions of an expression that look outside get their finds from, under this name among its values. */
export const looksUnder = "lookups'";

/** A call of `lookup` or `query`: the function, its arguments, and where in the expression it stands. */
export type Look = (entry: TemplateFunction, args: readonly unknown[], offset: number) => unknown;

function namesOf(fits: (receiver: string | null) => boolean): string[] {
  return [...new Set(environment().getDefinitions().functions.filter((each) => fits(each.receiverType)).map((each) => each.name))];
}

/** The names that a macro such as `list.exists(x, …)` binds in all but its first part, when this node is one. */
export function boundNames(node: ASTNode): string[] {
  if (node.op !== "rcall") return [];
  const [name, , args] = node.args;
  if (!macros.has(name)) return [];
  return args.slice(0, -1).flatMap((arg) => (arg.op === "id" ? [arg.args] : []));
}

export function childrenOf(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  return typeof args === "object" && args !== null && "op" in args ? [args as ASTNode] : [];
}

/** JSON's whole numbers are CEL's ints, so that they compare and add with those that an expression writes. */
export function toCel(value: unknown): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCel);
  if (typeof value !== "object" || value === null) return value ?? null;
  if (value === omit) return omit;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toCel(inner)]));
}

export function fromCel(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(fromCel);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [String(key), fromCel(inner)]));
  if (typeof value !== "object" || value === null || value === omit) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fromCel(inner)]));
}

const macros = new Set(["all", "exists", "exists_one", "filter", "map"]);
const parsedSources = new Map<string, ParsedCel>();
/** Functions of ours that CEL has too, where they take less: `bool("yes")`, `string([1])`. The library knows ours by another name. */
const twice: ReadonlySet<string> = new Set(["bool", "int", "string"]);
const ours = "_";

/** Made when the first expression is read: it takes longer than to read many. */
function environment(): Environment {
  return (made ??= operatorsInto(functionsInto(new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false }))));
}

let made: Environment | undefined;

/** In CEL these are constants, and a variable of the same name would silently be a type. */
const typeNames: ReadonlySet<string> = new Set(["list", "map", "type", "int", "uint", "string", "bool", "bytes", "double", "null_type", "cel", "google", "optional"]);
const freed = "'";

/** Renames such identifiers to what no source can write, so that they are looked up like any other variable. */
function freeTypeNames(node: ASTNode, bound: readonly string[] = []): void {
  if (node.op === "id" && !bound.includes(node.args)) (node as { args: string }).args = identifierOf(node.args);
  if (node.op === "call" && twice.has(node.args[0])) (node.args as unknown[])[0] = node.args[0] + ours;
  const [first, ...rest] = childrenOf(node.args);
  if (first) freeTypeNames(first, bound);
  for (const child of rest) freeTypeNames(child, [...bound, ...boundNames(node)]);
}

function functionsInto(target: Environment): Environment {
  const methods = new Set(target.getDefinitions().functions.filter((each) => each.receiverType !== null).map((each) => each.name));
  for (const name of functionNames()) {
    const entry = functionNamed(name)!;
    if (entry.inCel) continue;
    const { least, most } = arityOf(entry);
    for (let count = least; count <= most; count += 1) {
      register(target, twice.has(name) ? name + ours : name, { entry, count, receiver: "" });
      if (isMethod(entry, count) && !methods.has(name) && functions[name] === entry) register(target, name, { entry, count: count - 1, receiver: "dyn." });
    }
  }
  return target;
}

/** A macro must have an argument besides its receiver: `x.defined()` is none. */
function isMethod(entry: TemplateFunction, count: number): boolean {
  return count > (isPlain(entry) ? 0 : 1);
}

function isPlain({ lenient, looks }: TemplateFunction): boolean {
  return lenient === undefined && looks === undefined;
}

/** `default(x, 1)` and `x.default(1)`. */
function register(target: Environment, name: string, { entry, count, receiver }: { entry: TemplateFunction; count: number; receiver: string }): void {
  const plain = isPlain(entry);
  const types = Array<string>(count).fill(plain ? "dyn" : "ast");
  const written = calledName(name);
  const handler = plain ? (...args: unknown[]) => called(written, entry.call, args) : macroOf(written, entry);
  target.registerFunction(`${receiver}${name}(${types.join(", ")}): dyn`, handler, { async: false });
}

type Call = (...args: readonly unknown[]) => unknown;

function called(name: string, call: Call, args: readonly unknown[]): unknown {
  try {
    return toCel(call(...args.map(fromCel)) ?? null);
  } catch (error) {
    throw new Error(`${name} ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Numbers are numbers, whole or not. */
function operatorsInto(target: Environment): Environment {
  const operators: Readonly<Record<string, (left: number, right: number) => number>> = {
    "+": (left, right) => left + right,
    "-": (left, right) => left - right,
    "*": (left, right) => left * right,
    "/": (left, right) => left / right,
  };
  for (const [sign, call] of Object.entries(operators)) {
    const apply = (left: unknown, right: unknown) => call(Number(left), Number(right));
    target.registerOperator(`int ${sign} double: double`, apply).registerOperator(`double ${sign} int: double`, apply);
  }
  return target.registerOperator("int == double", (left: unknown, right: unknown) => Number(left) === Number(right));
}

interface Evaluator {
  run(node: ASTNode, context: unknown): unknown;
}

interface Checker {
  check(node: ASTNode, context: unknown): unknown;
  getType(name: string): unknown;
}

interface Macro {
  readonly args: readonly ASTNode[];
  readonly receiver?: ASTNode | null;
  readonly ast: ASTNode;
}

/** A call whose first argument may be missing, or that looks outside: a macro gets its arguments unevaluated. */
function macroOf(name: string, entry: TemplateFunction) {
  return ({ args, receiver, ast }: Macro) => {
    const all = receiver ? [receiver, ...args] : args;
    return {
      args: all,
      typeCheck(checker: Checker, _: unknown, context: unknown) {
        for (const arg of all) checker.check(arg, context);
        if (entry.looks) checkLookup(ast, all[0]);
        return checker.getType("dyn");
      },
      evaluate(evaluator: Evaluator, _: unknown, context: { getValue(key: string): unknown }) {
        const values = all.map((arg, index) => {
          const value = () => evaluator.run(arg, context);
          return index === 0 && entry.lenient ? presentOrNull(value) : value();
        });
        if (!entry.looks) return called(name, entry.call, values);
        return toCel((context.getValue(looksUnder) as Look)(entry, values.map(fromCel), ast.start));
      },
    };
  };
}

function checkLookup(call: ASTNode, name: ASTNode | undefined): void {
  const wrong = name?.op === "value" && typeof name.args === "string" ? unknownLookup(name.args) : undefined;
  if (wrong) throw Object.assign(new Error(wrong.hint === undefined ? wrong.message : `${wrong.message}: ${wrong.hint}`), { node: call });
}

const missing = ["no_such_key", "index_out_of_bounds", "index_out_of_range"];

function presentOrNull(value: () => unknown): unknown {
  try {
    return value();
  } catch (error) {
    const { code, message } = error as CelError;
    // `a.b` of a null or an undefined `a` is as absent as `b` itself.
    if (missing.includes(code ?? "") || (error instanceof BowlineError && code === "E_UNDEFINED") || /null/.test(message)) return null;
    throw error;
  }
}
