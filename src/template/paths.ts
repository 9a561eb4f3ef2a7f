import type { Position } from "../core/position.ts";
import { functions } from "./functions.ts";
import type { Parsed } from "./handlebars.ts";

/** A variable that a template names: its root, the whole path, and where. */
export interface PathUse {
  readonly name: string;
  readonly path: string;
  readonly at: Position;
  /** Line from 1 and column from 0, inside the text. */
  readonly loc: { readonly line: number; readonly column: number };
  /** May be undefined: the argument of `default` or `defined`. */
  readonly lenient: boolean;
}

/** Every path of a template that begins at the variables of the task, not at the item of an `{{#each}}`. */
export function pathsOf(parsed: Parsed): PathUse[] {
  const uses: PathUse[] = [];
  walkProgram(parsed.ast, 0, (path, depth, lenient) => {
    const [name] = path.parts;
    if (name === undefined || path.data || path.depth !== depth || /^(this|\.)/.test(path.original)) return;
    const { line, column } = path.loc.start;
    uses.push({ name, path: path.parts.join("."), at: parsed.place(line, column), loc: { line, column }, lenient });
  });
  return uses;
}

type OnPath = (path: hbs.AST.PathExpression, depth: number, lenient: boolean) => void;

function walkProgram(program: hbs.AST.Program | undefined, depth: number, onPath: OnPath): void {
  for (const statement of program?.body ?? []) {
    if (statement.type === "MustacheStatement") walkCall(statement as hbs.AST.MustacheStatement, depth, onPath);
    if (statement.type === "BlockStatement") walkBlock(statement as hbs.AST.BlockStatement, depth, onPath);
  }
}

/** `each` and `with` open a scope of their own; `if` and `unless` do not. */
function walkBlock(block: hbs.AST.BlockStatement, depth: number, onPath: OnPath): void {
  const opensScope = ["each", "with"].includes(block.path.original as string);
  for (const param of block.params) walkExpression(param, depth, onPath, true);
  walkProgram(block.program, opensScope ? depth + 1 : depth, onPath);
  walkProgram(block.inverse, depth, onPath);
}

function walkCall(call: { path: unknown; params: hbs.AST.Expression[]; hash?: hbs.AST.Hash }, depth: number, onPath: OnPath): void {
  const path = call.path as hbs.AST.PathExpression;
  const isFunction = functions[path.original] !== undefined;
  if (!isFunction && path.type === "PathExpression") onPath(path, depth, false);
  const lenient = functions[path.original]?.lenient ?? false;
  call.params.forEach((param, index) => walkExpression(param, depth, onPath, lenient && index === 0));
  for (const pair of call.hash?.pairs ?? []) walkExpression(pair.value, depth, onPath, false);
}

function walkExpression(expression: hbs.AST.Expression, depth: number, onPath: OnPath, lenient: boolean): void {
  if (expression.type === "PathExpression") onPath(expression as hbs.AST.PathExpression, depth, lenient);
  if (expression.type === "SubExpression") walkCall(expression as hbs.AST.SubExpression, depth, onPath);
}
