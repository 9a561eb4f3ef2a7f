import type { Position } from "../core/position.ts";
import { boundNames, childrenOf, typeNamed, variableOf, type ASTNode } from "./cel.ts";
import { functionNamed } from "./functions.ts";

/** A name that an expression takes from the variables; `lenient`: it may be undefined. */
export interface NameUse {
  readonly name: string;
  readonly at: Position;
  readonly lenient: boolean;
  /** What is asked for below the name, as far as it is written out: `a.b["c"][d]` asks for b, c and `*`. */
  readonly paths: readonly (readonly string[])[];
}

/**
 * The variables of a syntax tree. Those that a macro binds (`list.exists(x, …)`) are its own. A name may be undefined
 * where `default` or `defined` takes it, and where it is only reached when `defined` held: `defined(x) && x > 1`.
 */
export function namesIn(ast: ASTNode, placed: (offset: number) => Position): NameUse[] {
  const uses = new Map<string, NameUse>();
  walk(ast, { bound: [], guarded: new Set(), lenient: false, below: [] }, (node, name, { lenient, below }) => {
    const known = uses.get(name);
    const paths = [...(known?.paths ?? []), below];
    if (!known || (known.lenient && !lenient)) uses.set(name, { name, at: placed(node.start), lenient: lenient || typeNamed(name) !== undefined, paths });
    else uses.set(name, { ...known, paths });
  });
  return [...uses.values()];
}

/** The variables that are certainly defined when the expression is true. */
export function namesDefinedBy(ast: ASTNode): ReadonlySet<string> {
  return definedWhen(true, ast);
}

interface Surroundings {
  readonly bound: readonly string[];
  readonly guarded: ReadonlySet<string>;
  readonly lenient: boolean;
  /** The parts of a path that follow, the nearest first. */
  readonly below: readonly string[];
}

type OnName = (node: ASTNode, name: string, use: Pick<Surroundings, "lenient" | "below">) => void;

function walk(node: ASTNode, around: Surroundings, onName: OnName): void {
  if (node.op === "id") {
    const name = variableOf(node.args);
    if (!around.bound.includes(name)) onName(node, name, { lenient: around.lenient || around.guarded.has(name), below: around.below });
    return;
  }
  if (node.op === "call") {
    const [name, args] = node.args;
    args.forEach((arg, index) => walk(arg, { ...around, lenient: index === 0 && (functionNamed(name)?.lenient !== undefined), below: [] }, onName));
    return;
  }
  // `default(a.b, …)`, `a.b.default(…)`: the leniency of a call goes down its path to the root.
  const [first, ...rest] = childrenOf(node.args);
  const asked = node.op === "rcall" && functionNamed(node.args[0])?.lenient !== undefined;
  const part = partOf(node);
  const below = part === undefined ? [] : [part, ...around.below];
  if (first) walk(first, { ...around, below, lenient: asked || (around.lenient && (node.op === "." || node.op === "[]")) }, onName);
  const bound = [...around.bound, ...boundNames(node)];
  rest.forEach((child, index) => walk(child, { bound, lenient: false, below: [], guarded: new Set([...around.guarded, ...guards(node, first!, index)]) }, onName));
}

/** The key that a step of a path asks for; `*` where only the run can tell, undefined where there is no step. */
function partOf(node: ASTNode): string | undefined {
  if (node.op === ".") return node.args[1];
  if (node.op !== "[]") return undefined;
  const [, key] = node.args;
  return key.op === "value" && typeof key.args === "string" ? key.args : "*";
}

/** What the first part of `&&`, `||` and `?:` says about the names in the part after it. */
function guards(node: ASTNode, first: ASTNode, index: number): ReadonlySet<string> {
  if (node.op === "&&") return definedWhen(true, first);
  if (node.op === "||") return definedWhen(false, first);
  return node.op === "?:" ? definedWhen(index === 0, first) : none;
}

const none: ReadonlySet<string> = new Set();

function definedWhen(holds: boolean, node: ASTNode): ReadonlySet<string> {
  if (node.op === "!_") return definedWhen(!holds, node.args);
  if (node.op === "call" && node.args[0] === "defined" && holds) return rootOf(node.args[1][0]);
  if (node.op !== "&&" && node.op !== "||") return none;
  const [left, right] = node.args.map((part) => definedWhen(holds, part));
  const both = (node.op === "&&") === holds;
  return both ? new Set([...left!, ...right!]) : new Set([...left!].filter((name) => right!.has(name)));
}

function rootOf(node: ASTNode | undefined): ReadonlySet<string> {
  if (node?.op === "id") return new Set([variableOf(node.args)]);
  return node?.op === "." || node?.op === "[]" ? rootOf(node.args[0]) : none;
}
