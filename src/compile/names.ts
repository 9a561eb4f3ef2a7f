import { headline, type Problem } from "../core/errors.ts";
import { textAt, type SourceNode } from "../core/node.ts";
import { Scope, type Definition } from "../core/scope.ts";
import { foreignWord } from "../template/expression-words.ts";
import { definedBy, inspectCondition, inspectExpression, inspectFile, inspectNode, partialsAmong, together, type Inspection, type Use } from "../template/names.ts";
import { resolvedKindOf, type ResolvedKind } from "../modules/args.ts";
import type { Registry } from "../modules/contract.ts";
import { laterName } from "./keys.ts";
import type { Expression, Play, Program, Task } from "./program.ts";
import { hintOf, Problems } from "./shape.ts";

/** What the check needs beside the program. */
export interface NameInput {
  readonly registry: Registry;
  /** A template file, if it is there already. */
  readonly template: (path: string) => { readonly text: string; readonly file: string } | undefined;
  /** What tasks that the tags left out would have set: name to the task's name. */
  readonly leftOut: ReadonlyMap<string, string>;
}

/**
 * Syntax of every template and condition, and names that nothing defines, also those behind the variables that a task
 * uses. A name counts as known when any host of the play, any file, or any task of the playbook can define it; whether
 * it is defined where it is used is for the run. Of a play without hosts only the syntax is checked: the variables of
 * the hosts that it is meant for are not at hand.
 */
export function checkNames(program: Program, input: NameInput, problems: Problems): void {
  const found = new Problems();
  for (const play of program.plays) {
    const check = new PlayCheck(program, play, input, found);
    for (const node of [...play.environment, ...parts(play.become.become, play.become.user)]) check.uses(inspectNode(node, partialsAmong(input.template)), [], none);
    for (const task of [...play.tasks, ...play.handlers]) checkTask(task, check, input);
  }
  problems.list.push(...eachOnce(found.list));
}

/** A template, a partial or a variable that many tasks use is checked for each, and told once. */
function eachOnce(list: readonly Problem[]): Problem[] {
  return [...new Map(list.map((problem) => [headline(problem), problem])).values()];
}

const none: ReadonlySet<string> = new Set();

/** Names that the engine gives to every task of a loop. */
const alwaysThere = ["item"];

function checkTask(task: Task, check: PlayCheck, input: NameInput): void {
  let defined = none;
  for (const expression of task.when) {
    check.uses(inspectCondition(expression), task.variables, defined);
    defined = new Set([...defined, ...definedBy(expression)]);
  }
  const outcome = [...task.until, ...(task.changedWhen ?? []), ...(task.failedWhen ?? [])];
  const nodes = parts(task.loop, task.retries, task.delay, task.ignoreErrors, task.timeout, task.become.become, task.become.user);
  const written = [...nodes, ...task.environment, ...task.variables.map((definition) => definition.value)];
  check.uses(together([...outcome.map(inspectCondition), ...written.map((node) => inspectNode(node, partialsAmong(input.template))), ...inspectArgs(task, input)]), task.variables, defined);
}

function parts(...nodes: readonly (SourceNode | undefined)[]): SourceNode[] {
  return nodes.filter((node) => node !== undefined);
}

/** Some arguments hold conditions, expressions or the path of a template where others hold text. */
function inspectArgs(task: Task, { registry, template }: NameInput): Inspection[] {
  return task.args.entries.flatMap(({ key, value }) => {
    const type = registry.get(task.module)?.args[key];
    const kind = type && resolvedKindOf(type);
    return [inspectArg(kind, value, template), ...(kind === "templateFile" ? inspectTemplate(value, template) : [])];
  });
}

function inspectArg(kind: ResolvedKind | undefined, value: SourceNode, template: NameInput["template"]): Inspection {
  if (kind === "conditions") return together(scalarsOf(value).map(inspectCondition));
  return kind === "expression" ? together(scalarsOf(value).map(inspectExpression)) : inspectNode(value, partialsAmong(template));
}

function inspectTemplate(path: SourceNode, template: NameInput["template"]): Inspection[] {
  const isLiteral = path.kind === "scalar" && typeof path.value === "string" && !path.value.includes("{{");
  const found = isLiteral ? template(String(path.value)) : undefined;
  return found ? [inspectFile(found.text, found.file, partialsAmong(template))] : [];
}

function scalarsOf(node: SourceNode): Expression[] {
  if (node.kind === "sequence") return node.items.flatMap(scalarsOf);
  if (node.kind === "expression") return [node];
  return node.kind === "scalar" && node.value !== null ? [{ source: String(node.value), at: textAt(node) }] : [];
}

/** The names of one play, and what has been checked already. */
class PlayCheck {
  readonly #scopes: readonly Scope[];
  readonly #known: ReadonlySet<string>;
  readonly #input: NameInput;
  readonly #problems: Problems;
  readonly #done = new Map<SourceNode, Set<string>>();

  constructor(program: Program, play: Play, input: NameInput, problems: Problems) {
    const hosts = play.hosts.map((name) => program.hosts[name]!);
    this.#scopes = hosts.map((host) => Scope.empty.with(host.variables).with(program.variables).with(play.variables));
    this.#known = knownNames(program, this.#scopes, input.registry);
    this.#input = input;
    this.#problems = problems;
  }

  /** Reports what is wrong with a part of a task; `defined` are names of which its conditions are sure. */
  uses({ problems, uses }: Inspection, variables: readonly Definition[], defined: ReadonlySet<string>): void {
    this.#problems.list.push(...problems);
    const scopes = variables.length === 0 ? this.#scopes : this.#scopes.map((scope) => scope.with(variables));
    for (const use of this.#scopes.length === 0 ? [] : uses) this.#use(use, scopes, { defined, trail: [] });
  }

  #use(use: Use, scopes: readonly Scope[], way: Way): void {
    if (!this.#known.has(use.name) && !scopes.some((scope) => scope.get(use.name))) {
      if (!use.lenient && !way.defined.has(use.name)) this.#undefined(use);
      return;
    }
    for (const scope of scopes) this.#follow(use.name, scope, way);
  }

  /** What a variable itself is made of, as far as variables refer to each other. */
  #follow(name: string, scope: Scope, { defined, trail }: Way): void {
    const definition = scope.get(name);
    if (!definition) return;
    if (trail.includes(name)) return this.#circle([...trail.slice(trail.indexOf(name)), name], definition.value);
    if (this.#isDone(definition.value, [...defined].sort().join())) return;
    const { problems, uses } = inspectNode(definition.value, partialsAmong(this.#input.template));
    this.#problems.list.push(...problems);
    for (const use of uses) this.#use(use, [scope], { defined, trail: [...trail, name] });
  }

  #isDone(node: SourceNode, defined: string): boolean {
    const done = this.#done.get(node) ?? new Set();
    this.#done.set(node, done);
    if (done.has(defined)) return true;
    done.add(defined);
    return false;
  }

  #circle(names: readonly string[], node: SourceNode): void {
    if (this.#isDone(node, "circle")) return;
    this.#problems.list.push({ code: "E_TEMPLATE", message: `variables refer to each other in a circle: ${names.join(" → ")}`, at: node.at });
  }

  #undefined({ name, at }: Use): void {
    const setter = this.#input.leftOut.get(name);
    const hint = setter === undefined ? (foreignWord(name) ?? laterName(name)) : `the task "${setter}" sets it, and --tags or --skip-tags leaves that out`;
    this.#problems.list.push({ code: "E_UNDEFINED", message: `"${name}" is not defined`, at, ...(hint === undefined ? hintOf(name, nearby(name, this.#known)) : { hint }) });
  }
}

interface Way {
  readonly defined: ReadonlySet<string>;
  /** The variables that led here. */
  readonly trail: readonly string[];
}

function knownNames(program: Program, scopes: readonly Scope[], registry: Registry): Set<string> {
  const tasks = program.plays.flatMap((play) => [...play.tasks, ...play.handlers]);
  return new Set([...alwaysThere, ...scopes.flatMap((scope) => scope.names()), ...tasks.flatMap((task) => namesSetBy(task, registry))]);
}

/** What a task leaves behind for later ones. */
export function namesSetBy(task: Pick<Task, "register" | "module" | "args">, registry: Registry): string[] {
  const free = registry.get(task.module)?.freeKeys ? task.args.entries.map((entry) => entry.key) : [];
  return task.register === undefined ? free : [task.register, ...free];
}

/** A list of every variable helps nobody; only near ones are worth a line. */
function nearby(name: string, known: ReadonlySet<string>): string[] {
  const first = name[0]!.toLowerCase();
  const candidates = [...known].filter((candidate) => candidate[0]?.toLowerCase() === first);
  return candidates.length > 0 ? candidates : [...known];
}
