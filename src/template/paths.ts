import { BowlineError, type Problem } from "../core/errors.ts";
import type { Position } from "../core/position.ts";
import { functionOf, missingPartial, partialName } from "./calls.ts";
import { parseText, placeInFile, type Parsed, type Place } from "./handlebars.ts";
import type { TemplateSource } from "./lookups.ts";

/** A variable that a template names. */
export interface PathUse {
  readonly name: string;
  readonly at: Position;
  /** May be undefined: the argument of `default` or `{{#if}}`, and what stands inside such an `{{#if}}`. */
  readonly lenient: boolean;
  /** What is asked for below the name. */
  readonly paths: readonly (readonly string[])[];
}

/** A partial by its name, as the run will find it; undefined when there is none. */
export type Partials = (name: string) => TemplateSource | undefined;

/** What a template names, and what is wrong with its partials. */
export interface Paths {
  readonly uses: readonly PathUse[];
  readonly problems: readonly Problem[];
}

/**
 * Every path of a template that begins at the variables of the task, not at the item of an `{{#each}}`; those of its
 * partials too, where they can be read.
 */
export function pathsOf(parsed: Parsed, partials?: Partials): Paths {
  const uses: PathUse[] = [];
  const problems: Problem[] = [];
  const onPath = (path: hbs.AST.PathExpression, lenient: boolean, place: Place) => {
    const { line, column } = path.loc.start;
    uses.push({ name: path.parts[0]!, at: place(line, column), lenient, paths: [path.parts.slice(1)] });
  };
  const outside: Surroundings = { depth: 0, bound: [], guarded: [], place: parsed.place, inside: [], partials, onProblem: (problem) => problems.push(problem) };
  walkProgram(parsed.ast, outside, onPath);
  return { uses, problems };
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
  readonly place: Place;
  /** The partials that led here. */
  readonly inside: readonly string[];
  readonly partials: Partials | undefined;
  readonly onProblem: (problem: Problem) => void;
}

type OnPath = (path: hbs.AST.PathExpression, lenient: boolean, place: Place) => void;

function walkProgram(program: hbs.AST.Program | undefined, around: Surroundings, onPath: OnPath): void {
  for (const statement of program?.body ?? []) {
    if (statement.type === "MustacheStatement") walkCall(statement as hbs.AST.MustacheStatement, around, onPath);
    if (statement.type === "PartialStatement") walkPartial(statement as hbs.AST.PartialStatement, around, onPath);
    if (statement.type === "BlockStatement") walkBlock(statement as hbs.AST.BlockStatement, around, onPath);
  }
}

/** A partial sees what stands around it, or the item that it is given; a partial inside itself has been seen. */
function walkPartial(partial: hbs.AST.PartialStatement, around: Surroundings, onPath: OnPath): void {
  const pairs = partial.hash?.pairs ?? [];
  for (const value of [...partial.params, ...pairs.map((pair) => pair.value)]) walkExpression(value, false, around, onPath);
  const name = partialName(partial);
  if (!around.partials || around.inside.includes(name)) return;
  const source = around.partials(name);
  if (!source) return around.onProblem({ code: "E_TEMPLATE", at: around.place(partial.loc.start.line, partial.loc.start.column), ...missingPartial(name) });
  const depth = around.depth + Math.min(1, partial.params.length);
  const bound = [...around.bound, ...pairs.map((pair) => pair.key)];
  const inside = [...around.inside, name];
  try {
    const parsed = parseText(source.text, placeInFile(source.file));
    walkProgram(parsed.ast, { ...around, depth, bound, inside, place: parsed.place }, onPath);
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    error.problems.forEach(around.onProblem);
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
  onPath(path, lenient || around.guarded.includes(name), around.place);
}

/** The variables of which an `{{#if}}` is sure when it holds: `name`, `(defined name)`, `(and name other)`. */
function rootsOf(expression: hbs.AST.Expression): string[] {
  if (expression.type === "PathExpression") return (expression as hbs.AST.PathExpression).parts.slice(0, 1);
  if (expression.type !== "SubExpression") return [];
  const { path, params } = expression as hbs.AST.SubExpression;
  return ["and", "defined"].includes((path as hbs.AST.PathExpression).original) ? params.flatMap(rootsOf) : [];
}
