import { BowlineError } from "../core/errors.ts";
import type { ScalarNode, SourceNode } from "../core/node.ts";
import type { Scope } from "../core/scope.ts";
import { Context, undefinedName } from "./context.ts";
import { evaluate } from "./expression.ts";
import { functions, text } from "./functions.ts";
import { parseText, placeInFile, placeOf, renderParsed, type Parsed } from "./handlebars.ts";
import { pathsOf } from "./paths.ts";

/** The variables of a scope, with `extras` (raw values, never templates) over them. */
export function makeContext(scope: Scope, extras: Readonly<Record<string, unknown>>): Context {
  return new Context(scope, extras, render);
}

/**
 * The value of a node with its templates rendered, all the way down. A text that is nothing but one `{{ … }}` keeps
 * the type of what it names. Throws E_UNDEFINED, E_TEMPLATE or E_EXPRESSION with the place of the expression.
 */
export function render(node: SourceNode, context: Context): unknown {
  switch (node.kind) {
    case "scalar":
      return typeof node.value === "string" && node.value.includes("{{") ? renderScalar(node, node.value, context) : node.value;
    case "expression":
      return evaluate(node, context);
    case "sequence":
      return node.items.map((item) => render(item, context));
    case "mapping":
      return Object.fromEntries(node.entries.map((entry) => [entry.key, render(entry.value, context)]));
    default:
      return node satisfies never;
  }
}

/** The text of a template file with everything in it rendered; errors name `file`. */
export function renderText(source: string, file: string, context: Context): string {
  return renderWhole(parseText(source, placeInFile(file)), context);
}

function renderScalar(node: ScalarNode, source: string, context: Context): unknown {
  const parsed = parseText(source, placeOf(node));
  const [only, second] = parsed.ast.body;
  if (only?.type !== "MustacheStatement" || second) return renderWhole(parsed, context);
  return valueOfCall(only as hbs.AST.MustacheStatement, parsed, context);
}

function renderWhole(parsed: Parsed, context: Context): string {
  for (const use of pathsOf(parsed)) if (!use.lenient && !context.has(use.name)) throw undefinedName(use.name, use.at, context.names());
  return renderParsed(parsed, context.asObject(), (error) => fail(error, parsed));
}

function valueOfCall(call: hbs.AST.MustacheStatement | hbs.AST.SubExpression, parsed: Parsed, context: Context): unknown {
  const path = call.path as hbs.AST.PathExpression;
  const helper = functions[path.original];
  if (!helper) return call.params.length > 0 ? noHelper(path, parsed) : valueOf(path, parsed, context, false);
  const args = call.params.map((param, index) => valueOf(param, parsed, context, (helper.lenient ?? false) && index === 0));
  if (!helper.arity.includes(args.length)) throw problem(path, parsed, `${path.original} takes ${helper.arity.join(" or ")} arguments, not ${args.length}`);
  try {
    return helper.call(...args) ?? null;
  } catch (error) {
    throw problem(path, parsed, `${path.original} ${error instanceof Error ? error.message : String(error)}`);
  }
}

function valueOf(expression: hbs.AST.Expression, parsed: Parsed, context: Context, lenient: boolean): unknown {
  if (expression.type === "SubExpression") return valueOfCall(expression as hbs.AST.SubExpression, parsed, context);
  if (expression.type === "NullLiteral" || expression.type === "UndefinedLiteral") return null;
  if (expression.type !== "PathExpression") return (expression as hbs.AST.StringLiteral).value;
  const path = expression as hbs.AST.PathExpression;
  const [root, ...rest] = path.parts;
  const at = parsed.place(path.loc.start.line, path.loc.start.column);
  if (root === undefined || (!context.has(root) && !lenient)) throw undefinedName(root ?? path.original, at, context.names());
  let value = context.get(root);
  for (const [index, part] of rest.entries()) {
    const inner = typeof value === "object" && value !== null && Object.hasOwn(value, part) ? (value as Record<string, unknown>)[part] : undefined;
    if (inner === undefined && lenient) return null;
    if (inner === undefined) throw undefinedName([root, ...rest.slice(0, index + 1)].join("."), at, keysUnder(value, [root, ...rest.slice(0, index)]));
    value = inner;
  }
  return value ?? null;
}

function keysUnder(value: unknown, path: readonly string[]): string[] {
  return typeof value === "object" && value !== null ? Object.keys(value).map((key) => [...path, key].join(".")) : [];
}

function noHelper(path: hbs.AST.PathExpression, parsed: Parsed): never {
  throw problem(path, parsed, `there is no helper "${path.original}"`, `known: ${Object.keys(functions).join(", ")}`);
}

function problem(node: hbs.AST.Node, parsed: Parsed, message: string, hint?: string): BowlineError {
  const at = parsed.place(node.loc.start.line, node.loc.start.column);
  return new BowlineError({ code: "E_TEMPLATE", message, at, ...(hint === undefined ? {} : { hint }) });
}

/** Handlebars names the last part of a missing path and where it stands. */
function fail(error: unknown, parsed: Parsed): never {
  const { message, lineNumber, column } = error as { message: string; lineNumber?: number; column?: number };
  const at = parsed.place(lineNumber ?? 1, column ?? 0);
  const missing = /^"(.*)" not defined in/.exec(message)?.[1];
  if (missing !== undefined) {
    const path = pathsOf(parsed).find((use) => use.loc.line === lineNumber && use.loc.column === column)?.path;
    throw undefinedName(path ?? missing, at, []);
  }
  const helper = /^You specified knownHelpersOnly, but used the unknown helper (.*?)(?: - .*)?$/.exec(message)?.[1];
  if (helper !== undefined) throw new BowlineError({ code: "E_TEMPLATE", message: `there is no helper "${helper}"`, at, hint: `known: ${Object.keys(functions).join(", ")}` });
  throw new BowlineError({ code: "E_TEMPLATE", message: text(message).replace(/ - \d+:\d+$/, ""), at });
}
