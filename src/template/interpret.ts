import { BowlineError } from "../core/errors.ts";
import { undefinedName, type Context } from "./context.ts";
import { inPlaces, type TemplateFunction } from "./functions/function.ts";
import { isTruthy, text } from "./functions/values.ts";
import { functionHint, functionOf, missingPartial, partialName } from "./calls.ts";
import { parseText, placeInFile, templateError, type Parsed } from "./handlebars.ts";
import { lookedUp } from "./lookups.ts";
import { isThis } from "./paths.ts";

/** A template at work: its text and the variables that it is rendered over. */
export interface Rendering {
  readonly parsed: Parsed;
  readonly context: Context;
  /** The partials that led here, the outermost first. */
  readonly inside?: readonly string[];
}

/**
 * The text of a whole template. Handlebars parses; what a path means is decided here, so that a name is looked up in
 * one way everywhere, an undefined one is an error with its place, and nothing but the data itself can be reached.
 */
export function interpret(rendering: Rendering): string {
  return textOf(rendering.parsed.ast, top, rendering);
}

/** The value, with its type, of a single `{{ … }}`. */
export function interpretCall(call: hbs.AST.MustacheStatement, rendering: Rendering): unknown {
  return valueOfCall(call, top, rendering);
}

/** What a part of a template sees: the variables of the task, or the item of a block that opened a scope. */
interface Frame {
  /** Absent in the outermost frame, whose names are the variables. */
  readonly outer?: Frame;
  readonly value?: unknown;
  /** The names of `as |item index|`. */
  readonly bound: Readonly<Record<string, unknown>>;
  /** `@index`, `@key`, `@first`, `@last`. */
  readonly data: Readonly<Record<string, unknown>>;
}

const top: Frame = { bound: {}, data: {} };

function textOf(program: hbs.AST.Program | undefined, frame: Frame, rendering: Rendering): string {
  return (program?.body ?? []).map((statement) => textOfStatement(statement, frame, rendering)).join("");
}

function textOfStatement(statement: hbs.AST.Statement, frame: Frame, rendering: Rendering): string {
  if (statement.type === "ContentStatement") return (statement as hbs.AST.ContentStatement).value;
  if (statement.type === "MustacheStatement") return textOfCall(statement as hbs.AST.MustacheStatement, frame, rendering);
  if (statement.type === "PartialStatement") return textOfPartial(statement as hbs.AST.PartialStatement, frame, rendering);
  return statement.type === "BlockStatement" ? textOfBlock(statement as hbs.AST.BlockStatement, frame, rendering) : "";
}

function textOfCall(call: hbs.AST.MustacheStatement, frame: Frame, rendering: Rendering): string {
  const value = valueOfCall(call, frame, rendering);
  try {
    return text(value);
  } catch (error) {
    throw templateError(call.path, rendering.parsed, wordsOf(error));
  }
}

/** So deep a partial may name itself: a tree of things may need it, a mistake needs more. */
const deepest = 32;

/** `{{> name }}` sees what stands around it, `{{> name item key=value }}` an item with names of its own. */
function textOfPartial(partial: hbs.AST.PartialStatement, frame: Frame, rendering: Rendering): string {
  const { parsed, context, inside = [] } = rendering;
  const name = partialName(partial);
  if (inside.length >= deepest) throw templateError(partial, parsed, `partials name each other without end: ${[...inside.slice(-3), name].join(" → ")}`);
  if (!context.lookups) throw templateError(partial, parsed, "partials do not work here", "they work in tasks, and in the variables that tasks use");
  const source = context.lookups.partial(name);
  const absent = missingPartial(name);
  if (!source) throw templateError(partial, parsed, absent.message, absent.hint);
  const bound = Object.fromEntries((partial.hash?.pairs ?? []).map(({ key, value }) => [key, valueOf(value, frame, rendering, false)]));
  const [item] = partial.params;
  const within: Frame = item ? { outer: frame, value: valueOf(item, frame, rendering, false), bound, data: {} } : { ...frame, bound: { ...frame.bound, ...bound } };
  const inner = { parsed: parseText(source.text, placeInFile(source.file)), context, inside: [...inside, name] };
  return indented(textOf(inner.parsed.ast, within, inner), partial);
}

/** A partial alone on its line is moved right as far as its tag was, as the language has it. */
function indented(body: string, partial: hbs.AST.PartialStatement): string {
  const { indent } = partial as { indent?: string };
  return indent ? body.replace(/^(?=.)/gm, indent) : body;
}

function textOfBlock(block: hbs.AST.BlockStatement, frame: Frame, rendering: Rendering): string {
  const name = block.path.original as string;
  const value = (lenient: boolean) => valueOf(block.params[0] ?? (block.path as hbs.AST.Expression), frame, rendering, lenient);
  const branch = (holds: boolean) => textOf(holds ? block.program : block.inverse, frame, rendering);
  switch (name) {
    case "raw":
      return textOf(block.program, frame, rendering);
    case "if":
      return branch(isTruthy(value(true)));
    case "unless":
      return branch(!isTruthy(value(true)));
    case "each":
      return textOfEach(block, value(false), frame, rendering);
    case "with":
      return textOfWith(block, value(false), frame, rendering);
    default:
      return textOfSection(block, value(false), frame, rendering);
  }
}

function textOfEach(block: hbs.AST.BlockStatement, value: unknown, frame: Frame, rendering: Rendering): string {
  if (value !== null && typeof value !== "object") throw templateError(block, rendering.parsed, `{{#each}} needs a list or a mapping, not ${typeof value} ${JSON.stringify(value)}`);
  const entries = Object.entries(value ?? {});
  if (entries.length === 0) return textOf(block.inverse, frame, rendering);
  const [itemName, keyName] = block.program.blockParams ?? [];
  const texts = entries.map(([name, item], index) => {
    const key = Array.isArray(value) ? index : name;
    const bound = { ...(itemName === undefined ? {} : { [itemName]: item }), ...(keyName === undefined ? {} : { [keyName]: key }) };
    const data = { index, key, first: index === 0, last: index === entries.length - 1 };
    return textOf(block.program, { outer: frame, value: item, bound, data }, rendering);
  });
  return texts.join("");
}

function textOfWith(block: hbs.AST.BlockStatement, value: unknown, frame: Frame, rendering: Rendering): string {
  if (!isTruthy(value)) return textOf(block.inverse, frame, rendering);
  const [name] = block.program.blockParams ?? [];
  return textOf(block.program, { outer: frame, value, bound: name === undefined ? {} : { [name]: value }, data: {} }, rendering);
}

/** `{{#name}} … {{/name}}`, Mustache's way: over a list like `each`, over a mapping like `with`, over true like `if`. */
function textOfSection(block: hbs.AST.BlockStatement, value: unknown, frame: Frame, rendering: Rendering): string {
  if (Array.isArray(value) && block.program) return textOfEach(block, value, frame, rendering);
  if (!isTruthy(value)) return textOf(block.inverse, frame, rendering);
  return textOf(block.program, value === true ? frame : { outer: frame, value, bound: {}, data: {} }, rendering);
}

function valueOfCall(call: hbs.AST.MustacheStatement | hbs.AST.SubExpression, frame: Frame, rendering: Rendering, lenient = false): unknown {
  const path = call.path as hbs.AST.PathExpression;
  const helper = functionOf(call, (name) => isBound(name, frame, rendering));
  if (!helper) return valueOf(path, frame, rendering, lenient);
  const args = argumentsOf(call, helper, { frame, rendering });
  try {
    return helper.looks ? lookedUp(helper, args, { ...rendering.context.around(), at: rendering.parsed.place(path.loc.start.line, path.loc.start.column) }) : (helper.call(...args) ?? null);
  } catch (error) {
    if (error instanceof BowlineError) throw error;
    throw templateError(path, rendering.parsed, `${path.original} ${wordsOf(error)}`);
  }
}

/** Values in the order of the parameters; what a lookup is given by name is its options. */
function argumentsOf(call: hbs.AST.MustacheStatement | hbs.AST.SubExpression, helper: TemplateFunction, { frame, rendering }: { frame: Frame; rendering: Rendering }): readonly unknown[] {
  const values = call.params.map((param, index) => valueOf(param, frame, rendering, helper.lenient === "all" || (helper.lenient === "first" && index === 0)));
  const pairs = call.hash?.pairs ?? [];
  if (pairs.length === 0) return values;
  const named = Object.fromEntries(pairs.map(({ key, value }) => [key, valueOf(value, frame, rendering, false)]));
  return helper.looks ? [...values, named] : inPlaces(helper, values, named);
}

function isBound(name: string, frame: Frame, { context }: Rendering): boolean {
  return context.has(name) || upwards(frame, (each) => Object.hasOwn(each.bound, name) || ownValue(each.value, name) !== undefined, 0) !== undefined;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function valueOf(expression: hbs.AST.Expression, frame: Frame, rendering: Rendering, lenient: boolean): unknown {
  if (expression.type === "SubExpression") return valueOfCall(expression as hbs.AST.SubExpression, frame, rendering, lenient);
  if (expression.type === "PathExpression") return valueOfPath(expression as hbs.AST.PathExpression, frame, rendering, lenient);
  return (expression as hbs.AST.StringLiteral).value ?? null;
}

function valueOfPath(path: hbs.AST.PathExpression, frame: Frame, rendering: Rendering, lenient: boolean): unknown {
  const { start, used } = startOf(path, frame, rendering);
  let value = start;
  for (const [index, part] of path.parts.entries()) {
    if (index < used) continue;
    const inner = ownValue(value, part);
    if (inner === undefined && lenient) return null;
    if (inner === undefined) throw missing(path, index, value, { frame, rendering });
    value = inner;
  }
  return value ?? null;
}

/** Where a path begins, and how many of its parts that took. Variables are asked for one by one: each is rendered when used. */
function startOf(path: hbs.AST.PathExpression, frame: Frame, { context }: Rendering): { start: unknown; used: number } {
  const [first] = path.parts;
  if (path.data) {
    if (first === "root") return variable(context, path.parts[1], 2);
    return { start: upwards(frame, (each) => Object.hasOwn(each.data, first!), path.depth)?.data[first!], used: 1 };
  }
  const owner = path.depth === 0 && first !== undefined && !isThis(path) ? upwards(frame, (each) => Object.hasOwn(each.bound, first), 0) : undefined;
  if (owner) return { start: owner.bound[first!], used: 1 };
  let base: Frame | undefined = frame;
  for (let level = 0; level < path.depth; level += 1) base = base?.outer;
  return !base?.outer ? variable(context, first, 1) : { start: base.value, used: 0 };
}

function variable(context: Context, name: string | undefined, used: number): { start: unknown; used: number } {
  if (name === undefined) return { start: context.asObject(), used };
  return context.has(name) ? { start: context.get(name), used } : { start: {}, used: used - 1 };
}

function upwards(frame: Frame, has: (frame: Frame) => boolean, skip: number): Frame | undefined {
  const found = has(frame);
  if (found && skip === 0) return frame;
  return frame.outer && upwards(frame.outer, has, found ? skip - 1 : skip);
}

function ownValue(value: unknown, part: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, part) ? (value as Record<string, unknown>)[part] : undefined;
}

function missing(path: hbs.AST.PathExpression, index: number, value: unknown, { frame, rendering }: { frame: Frame; rendering: Rendering }) {
  const { parsed, context } = rendering;
  const name = path.parts.slice(0, index + 1).join(".");
  const at = parsed.place(path.loc.start.line, path.loc.start.column);
  const outside = frame.outer && index === 0 && path.depth === 0 && context.has(path.parts[0]!);
  if (outside) return undefinedName(name, at, [], `inside a block the variables of the task are further out: {{ @root.${path.original} }}`);
  const known = !frame.outer && index === 0 ? context.names() : keysOf(value, path.parts.slice(0, index));
  return undefinedName(name, at, known, index === 0 && path.parts.length === 1 ? functionHint(name) : undefined);
}

function keysOf(value: unknown, path: readonly string[]): string[] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value).map((key) => [...path, key].join(".")) : [];
}
