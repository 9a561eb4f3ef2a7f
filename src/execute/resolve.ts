import { BowlineError } from "../core/errors.ts";
import { entryOf, textAt, type SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import { Secret } from "../core/secret.ts";
import { resolvedKindOf, scriptWords, type ResolvedKind } from "../modules/args.ts";
import { bindArgs } from "../modules/bind.ts";
import type { ArgsShape, Bound, Module } from "../modules/contract.ts";
import type { Play, Task } from "../compile/program.ts";
import type { Context } from "../template/context.ts";
import { condition, evaluate } from "../template/expression.ts";
import { render, renderText } from "../template/render.ts";
import type { Engine } from "./ports.ts";

/** The arguments of a task as its module gets them: rendered, files found, conditions decided, types checked. */
export async function boundArgs({ play, task }: { play: Play; task: Task }, module: Module, context: Context, engine: Engine): Promise<Bound<ArgsShape>> {
  const places = placesOf(play, task);
  const values: Record<string, unknown> = {};
  for (const { key, value } of task.args.entries) {
    const type = module.args[key];
    const kind = type && resolvedKindOf(type);
    values[key] = kind ? await resolvers[kind](value, context, { engine, places }) : render(value, context);
  }
  const where = (key: string): Position => entryOf(task.args, key)?.value.at ?? task.at;
  return bindArgs(module, values, where, task.at);
}

/** Where the files of a task are looked for: in its role, then beside its play. */
export function placesOf(play: Play, { role }: Task): string[] {
  const own = role === undefined ? undefined : play.roles[role];
  return [...(own ? [own.path] : []), play.dir];
}

interface Around {
  readonly engine: Engine;
  readonly places: readonly string[];
}

type Resolver = (node: SourceNode, context: Context, around: Around) => unknown;

const resolvers: Readonly<Record<ResolvedKind, Resolver>> = {
  secret: (node, context, { engine }) => {
    const value = render(node, context);
    if (typeof value !== "string" && !(value instanceof Secret)) return value;
    engine.ports.redactor.add(value);
    return value instanceof Secret ? value : new Secret(value);
  },
  controllerFile: async (node, context, { engine, places }) => {
    const path = textOf(render(node, context), node.at);
    return path === undefined ? undefined : withPosition(node.at, () => engine.ports.files.localFile(path, places));
  },
  scriptFile: async (node, context, { engine, places }) => {
    const line = textOf(render(node, context), node.at);
    if (line === undefined) return undefined;
    const { path, words } = scriptWords(line);
    return { file: await withPosition(node.at, () => engine.ports.files.localFile(path, places)), words };
  },
  templateFile: async (node, context, { engine, places }) => {
    const path = textOf(render(node, context), node.at);
    if (path === undefined) return undefined;
    const template = await withPosition(node.at, () => engine.ports.files.template(path, places));
    return renderText(template.text, template.file, context);
  },
  conditions: (node, context) =>
    expressionsOf(node, context).map((expression) => ({ source: expression.source, holds: condition(expression, context) })),
  expression: (node, context) => {
    const [expression] = expressionsOf(node, context);
    return expression ? { source: expression.source, value: evaluate(expression, context) } : undefined;
  },
};

function expressionsOf(node: SourceNode, context: Context): { source: string; at: Position }[] {
  if (node.kind === "expression") return [node];
  if (node.kind === "sequence") return node.items.flatMap((item) => expressionsOf(item, context));
  if (node.kind === "scalar" && node.value !== null) return [{ source: String(node.value), at: textAt(node) }];
  throw new BowlineError({ code: "E_EXPRESSION", message: "an expression must be text", at: node.at });
}

function textOf(value: unknown, at: Position): string | undefined {
  if (value === null || value === undefined || typeof value === "string") return value ?? undefined;
  throw new BowlineError({ code: "E_ARGS", message: "a path must be text", at, seen: JSON.stringify(value) });
}

/** A missing file is the fault of the line that names it: the problem gets its place. */
export async function withPosition<Value>(at: Position, find: () => Promise<Value>): Promise<Value> {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    const [first, ...rest] = error.problems;
    throw new BowlineError([{ at, ...first }, ...rest], { cause: error });
  }
}
