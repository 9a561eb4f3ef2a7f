import type { MappingNode, SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import { checkExpression, expressionNames } from "../template/expression.ts";
import { checkTemplate, templateNames } from "../template/names.ts";
import { resolvedKindOf } from "../modules/args.ts";
import type { Registry } from "../modules/contract.ts";
import type { Expression, Play, Program, Task } from "./program.ts";
import { hintOf, type Problems } from "./shape.ts";

/** Names that the engine gives to every task. */
const alwaysThere = ["item", "omit"];

/**
 * Syntax of every template and condition, and names that nothing defines. A name counts as known when any host of the
 * play, any file, or any task of the playbook can define it; whether it is defined where it is used is for the run.
 */
export function checkNames(program: Program, registry: Registry, problems: Problems): void {
  for (const play of program.plays) {
    const known = knownNames(program, play, registry);
    const uses = [...play.tasks, ...play.handlers].flatMap((task) => usesOf(task, registry, problems));
    const environments = play.environment.flatMap((node) => usesOfNode(node, problems));
    for (const use of [...uses, ...environments]) {
      if (known.has(use.name)) continue;
      problems.list.push({ code: "E_UNDEFINED", message: `"${use.name}" is not defined`, at: use.at, ...hintOf(use.name, nearby(use.name, known)) });
    }
  }
}

interface Use {
  readonly name: string;
  readonly at: Position;
}

function knownNames(program: Program, play: Play, registry: Registry): Set<string> {
  const tasks = program.plays.flatMap((each) => [...each.tasks, ...each.handlers]);
  const hosts = play.hosts.map((name) => program.hosts[name]!);
  const definitions = [...program.variables, ...play.variables, ...hosts.flatMap((host) => host.variables), ...tasks.flatMap((task) => task.variables)];
  const made = tasks.flatMap((task) => [...(task.register === undefined ? [] : [task.register]), ...freeNames(task, registry)]);
  return new Set([...alwaysThere, ...definitions.map((definition) => definition.name), ...made]);
}

/** The names that a set_fact task makes. */
function freeNames(task: Task, registry: Registry): string[] {
  return registry.get(task.module)?.freeKeys ? task.args.entries.map((entry) => entry.key) : [];
}

function usesOf(task: Task, registry: Registry, problems: Problems): Use[] {
  const expressions = [...task.when, ...task.until, ...(task.changedWhen ?? []), ...(task.failedWhen ?? [])];
  const optionalNodes = [task.loop, task.retries, task.delay, task.ignoreErrors, task.timeout, task.become.become, task.become.user];
  const nodes = [...optionalNodes.filter((node) => node !== undefined), ...task.environment, ...task.variables.map((definition) => definition.value)];
  return [
    ...expressions.flatMap((expression) => usesOfExpression(expression, problems)),
    ...nodes.flatMap((node) => usesOfNode(node, problems)),
    ...usesOfArgs(task.args, task.module, registry, problems),
  ];
}

/** Some arguments hold conditions or expressions where others hold text. */
function usesOfArgs(args: MappingNode, module: string, registry: Registry, problems: Problems): Use[] {
  return args.entries.flatMap(({ key, value }) => {
    const type = registry.get(module)?.args[key];
    const kind = type && resolvedKindOf(type);
    if (kind !== "conditions" && kind !== "expression") return usesOfNode(value, problems);
    return scalarsOf(value).flatMap((scalar) => usesOfExpression(scalar, problems));
  });
}

function scalarsOf(node: SourceNode): Expression[] {
  if (node.kind === "sequence") return node.items.flatMap(scalarsOf);
  if (node.kind === "expression") return [node];
  return node.kind === "scalar" ? [{ source: String(node.value), at: node.at }] : [];
}

function usesOfExpression(expression: Expression, problems: Problems): readonly Use[] {
  const found = checkExpression(expression);
  problems.list.push(...found);
  return found.length > 0 ? [] : expressionNames(expression).filter((use) => !use.lenient);
}

function usesOfNode(node: SourceNode, problems: Problems): readonly Use[] {
  const found = checkTemplate(node);
  problems.list.push(...found);
  return found.length > 0 ? [] : templateNames(node);
}

/** A list of every variable helps nobody; only near ones are worth a line. */
function nearby(name: string, known: ReadonlySet<string>): string[] {
  const first = name[0]!.toLowerCase();
  const candidates = [...known].filter((candidate) => candidate[0]?.toLowerCase() === first);
  return candidates.length > 0 ? candidates : [...known];
}
