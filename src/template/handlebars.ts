import Handlebars from "handlebars";
import { BowlineError } from "../core/errors.ts";
import type { ScalarNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import { functions } from "./functions.ts";

/** A text as Handlebars understands it, with what it takes to say where in a file something stands. */
export interface Parsed {
  readonly ast: hbs.AST.Program;
  readonly source: string;
  readonly place: Place;
}

/** From a line (from 1) and column (from 0) inside the text to its place in the file. */
export type Place = (line: number, column: number) => Position;

export type Params = readonly hbs.AST.Expression[];

const engine = Handlebars.create();
for (const [name, entry] of Object.entries(functions)) {
  engine.registerHelper(name, (...args: unknown[]) => entry.call(...args.slice(0, -1).map((arg) => arg ?? null)));
}
/** Stands in the place of a name that may be undefined; see {@link lenient}. */
engine.registerHelper("lookupName", function lookupName(this: unknown, path: string) {
  return path.split(".").reduce<unknown>((value, part) => (isObject(value) && Object.hasOwn(value, part) ? value[part] : null), this);
});

const knownHelpers = Object.fromEntries([...Object.keys(functions), "lookupName"].map((name) => [name, true]));
const parsedTexts = new Map<string, hbs.AST.Program>();
const compiledTexts = new Map<string, HandlebarsTemplateDelegate>();

/** Parses a text; E_TEMPLATE with the place of the mistake. */
export function parseText(source: string, place: Place): Parsed {
  const cached = parsedTexts.get(source);
  if (cached) return { ast: cached, source, place };
  try {
    const ast = engine.parse(source);
    parsedTexts.set(source, ast);
    return { ast, source, place };
  } catch (error) {
    throw syntaxError(error, place);
  }
}

/** Renders a parsed text over an object. What the engine throws goes through `failed`. */
export function renderParsed(parsed: Parsed, object: Record<string, unknown>, failed: (error: unknown) => never): string {
  let template = compiledTexts.get(parsed.source);
  if (!template) {
    template = engine.compile(lenient(engine.parse(parsed.source)), { strict: true, noEscape: true, knownHelpers, knownHelpersOnly: true });
    compiledTexts.set(parsed.source, template);
  }
  try {
    return template(object);
  } catch (error) {
    if (error instanceof BowlineError) throw error;
    return failed(error);
  }
}

/** Where a scalar's text stands in its file: behind a quote, or on the lines of a block. */
export function placeOf(node: ScalarNode): Place {
  const { at, block } = node;
  return (line, column) => {
    if (block) return { file: at.file, line: block.firstLine + line - 1, column: block.indent + column + 1 };
    return line === 1 ? { ...at, column: at.column + column } : { ...at, line: at.line + line - 1, column: column + 1 };
  };
}

/** The text of a file: lines and columns are its own. */
export function placeInFile(file: string): Place {
  return (line, column) => ({ file, line, column: column + 1 });
}

/**
 * In strict mode a missing name throws before a helper is called, so `default` and `defined` get the name and look it
 * up themselves.
 */
function lenient(ast: hbs.AST.Program): hbs.AST.Program {
  const visit = (node: { path?: unknown; params?: hbs.AST.Expression[] }) => {
    const name = (node.path as hbs.AST.PathExpression | undefined)?.original;
    const [first] = node.params ?? [];
    if (typeof name !== "string" || !functions[name]?.lenient || first?.type !== "PathExpression") return;
    const path = first as hbs.AST.PathExpression;
    if (path.data || path.depth > 0) return;
    node.params![0] = lookupOf(path);
  };
  const visitor = new Handlebars.Visitor();
  const { MustacheStatement, SubExpression, BlockStatement } = visitor;
  visitor.MustacheStatement = function mustache(node) {
    visit(node);
    MustacheStatement.call(this, node);
  };
  visitor.SubExpression = function subExpression(node) {
    visit(node);
    SubExpression.call(this, node);
  };
  visitor.BlockStatement = function blockStatement(node) {
    visit(node);
    BlockStatement.call(this, node);
  };
  visitor.accept(ast);
  return ast;
}

function lookupOf(path: hbs.AST.PathExpression): hbs.AST.SubExpression {
  const literal = { type: "StringLiteral", value: path.parts.join("."), original: path.parts.join("."), loc: path.loc } as hbs.AST.StringLiteral;
  const name = { type: "PathExpression", data: false, depth: 0, parts: ["lookupName"], original: "lookupName", loc: path.loc } as hbs.AST.PathExpression;
  return { type: "SubExpression", path: name, params: [literal], hash: undefined as never, loc: path.loc };
}

function syntaxError(error: unknown, place: Place): BowlineError {
  const message = error instanceof Error ? error.message : String(error);
  const line = Number(/line (\d+)/.exec(message)?.[1] ?? 1);
  const pointer = /\n(-*)\^/.exec(message)?.[1]?.length;
  const expecting = /Expecting (.*), got '(.*)'/.exec(message);
  const cause = expecting ? `${tokenWords(expecting[2]!)} where the template cannot have it` : message.split("\n").at(-1)!;
  return new BowlineError({
    code: "E_TEMPLATE",
    message: `this is no template: ${cause}`,
    at: place(line, pointer === undefined || line > 1 ? 0 : Math.max(0, pointer - 1)),
    hint: "{{ name }} and {{ helper name }} are templates; operators go into conditions and !expr",
  });
}

function tokenWords(token: string): string {
  if (token === "EOF") return "the end of the text";
  return token === "INVALID" ? "a character" : token.toLowerCase().replaceAll("_", " ");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
