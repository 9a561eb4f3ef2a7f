import type { Position } from "../core/position.ts";
import { functionOf } from "./calls.ts";
import type { Parsed } from "./handlebars.ts";

/** A variable that a template names. */
export interface PathUse {
  readonly name: string;
  readonly at: Position;
  /** May be undefined: the argument of `default` or `{{#if}}`, and what stands inside such an `{{#if}}`. */
  readonly lenient: boolean;
}

/** Every path of a template that begins at the variables of the task, not at the item of an `{{#each}}`. */
export function pathsOf(parsed: Parsed): PathUse[] {
  const uses: PathUse[] = [];
  walkProgram(parsed.ast, outside, (path, lenient) => {
    const { line, column } = path.loc.start;
    uses.push({ name: path.parts[0]!, at: parsed.place(line, column), lenient });
  });
  return uses;
}

/** `{{ this.x }}` and `{{ ./x }}` mean the item or variable itself, never a helper or a block's own name. */
export function isThis(path: hbs.AST.PathExpression): boolean {
  return /^(\.\.\/)*(this(?![\w-])|\.(?!\.\/))/.test(path.original);
}

/** How many scopes deep a part of a template stands, which names blocks bind there, and which are surely defined. */
interface Surroundings {
  readonly depth: number;
  readonly bound: readonly string[];
  readonly guarded: readonly string[];
}

const outside: Surroundings = { depth: 0, bound: [], guarded: [] };

type OnPath = (path: hbs.AST.PathExpression, lenient: boolean) => void;

function walkProgram(program: hbs.AST.Program | undefined, around: Surroundings, onPath: OnPath): void {
  for (const statement of program?.body ?? []) {
    if (statement.type === "MustacheStatement") walkCall(statement as hbs.AST.MustacheStatement, around, onPath);
    if (statement.type === "BlockStatement") walkBlock(statement as hbs.AST.BlockStatement, around, onPath);
  }
}

function walkBlock(block: hbs.AST.BlockStatement, around: Surroundings, onPath: OnPath): void {
  const name = block.path.original as string;
  if (name === "raw") return;
  const [value = block.path as hbs.AST.Expression] = block.params;
  const asks = name === "if" || name === "unless";
  walkExpression(value, asks, around, onPath);
  const present = asks ? rootsOf(value) : [];
  const guarded = (holds: boolean) => (holds ? { ...around, guarded: [...around.guarded, ...present] } : around);
  const inside = asks ? guarded(name === "if") : { ...around, depth: around.depth + 1, bound: [...around.bound, ...(block.program?.blockParams ?? [])] };
  walkProgram(block.program, inside, onPath);
  walkProgram(block.inverse, guarded(name === "unless"), onPath);
}

function walkCall(call: hbs.AST.MustacheStatement | hbs.AST.SubExpression, around: Surroundings, onPath: OnPath, asked = false): void {
  const path = call.path as hbs.AST.PathExpression;
  const helper = functionOf(call, () => false);
  // `{{ now }}` may be the function or a variable: what is not defined is the function.
  if (!helper || (call.type === "MustacheStatement" && call.params.length === 0)) walkExpression(path, asked || helper !== undefined, around, onPath);
  if (!helper) return;
  for (const { value } of call.hash?.pairs ?? []) walkExpression(value, false, around, onPath);
  call.params.forEach((param, index) => walkExpression(param, helper.lenient === "all" || (helper.lenient === "first" && index === 0), around, onPath));
}

function walkExpression(expression: hbs.AST.Expression, lenient: boolean, around: Surroundings, onPath: OnPath): void {
  if (expression.type === "SubExpression") return walkCall(expression as hbs.AST.SubExpression, around, onPath, lenient);
  if (expression.type !== "PathExpression") return;
  const path = expression as hbs.AST.PathExpression;
  const [name] = path.parts;
  if (name === undefined || path.data || path.depth !== around.depth) return;
  if (path.depth === 0 && isThis(path) && around.depth > 0) return;
  if (path.depth === 0 && around.bound.includes(name)) return;
  onPath(path, lenient || around.guarded.includes(name));
}

/** The variables of which an `{{#if}}` is sure when it holds: `name`, `(defined name)`, `(and name other)`. */
function rootsOf(expression: hbs.AST.Expression): string[] {
  if (expression.type === "PathExpression") return (expression as hbs.AST.PathExpression).parts.slice(0, 1);
  if (expression.type !== "SubExpression") return [];
  const { path, params } = expression as hbs.AST.SubExpression;
  return ["and", "defined"].includes((path as hbs.AST.PathExpression).original) ? params.flatMap(rootsOf) : [];
}
