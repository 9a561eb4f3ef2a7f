import { headline, type Problem } from "../core/errors.ts";
import type { SourceNode } from "../core/node.ts";
import { Scope } from "../core/scope.ts";
import { foreignWord } from "../template/expression-words.ts";
import { definedBy, inspectCondition, inspectNode, partialsAmong, type Inspection, type Use } from "../template/names.ts";
import type { Registry } from "../modules/contract.ts";
import { factPaths, type FactInput, type FactWords } from "./facts.ts";
import { inspectOwn, nodesOf } from "./inspect.ts";
import { laterName } from "./keys.ts";
import type { ReadPlay } from "./play.ts";
import type { Program, Role, Task } from "./program.ts";
import { hintOf, Problems } from "./shape.ts";

/** What the check needs beside the program. */
export interface NameInput {
  readonly registry: Registry;
  /** A template file, if it is there already, by the path that a task names and the directories where it is looked for. */
  readonly template: FactInput["template"];
  /** What tasks that the tags left out would have set: name to the task's name. */
  readonly leftOut: ReadonlyMap<string, string>;
  /** The plays of the program, each with what its includes may bring. */
  readonly read: readonly ReadPlay[];
  readonly facts: FactWords;
}

/**
 * Syntax of every template and condition, and names that nothing defines, also those behind the variables that a task
 * uses. A name counts as known when any host of the play, any file, or any task of the playbook can define it; whether
 * it is defined where it is used is for the run. Of a play without hosts only the syntax is checked: the variables of
 * the hosts that it is meant for are not at hand; so it is where an include may bring anything. Gives the families of
 * facts that each play names, by its id.
 */
export function checkNames(program: Program, input: NameInput, problems: Problems): ReadonlyMap<string, ReadonlySet<string>> {
  const families = new Map<string, ReadonlySet<string>>();
  const found = new Problems();
  for (const read of input.read) {
    const check = new PlayCheck(program, read, input, found);
    for (const task of [...read.play.tasks, ...read.play.handlers, ...read.possible]) checkTask(task, check, input);
    families.set(read.play.id, check.families);
  }
  problems.list.push(...eachOnce(found.list));
  return families;
}

/** A template, a partial or a variable that many tasks use is checked for each, and told once. */
function eachOnce(list: readonly Problem[]): Problem[] {
  return [...new Map(list.map((problem) => [headline(problem), problem])).values()];
}

const none: ReadonlySet<string> = new Set();

/** Names that the engine gives to tasks, some only inside loops, rescues and roles. */
export const alwaysThere = [
  "item", "ansible_loop", "ansible_loop_var", "ansible_index_var", "failed_task", "failed_result", "ansible_failed_task", "ansible_failed_result", "hostvars", "facts",
  "ansible_facts", "ansible_local", "ansible_play_hosts", "ansible_play_hosts_all", "ansible_play_batch", "play_hosts", "ansible_play_name",
  "ansible_role_names", "ansible_play_role_names", "ansible_parent_role_names",
];

function checkTask(task: Task, check: PlayCheck, input: NameInput): void {
  let defined = none;
  for (const expression of task.when) {
    check.uses(inspectCondition(expression), task, defined);
    defined = new Set([...defined, ...definedBy(expression)]);
  }
  const template = (path: string) => input.template(path, check.places(task));
  check.uses(inspectOwn(task, { registry: input.registry, template }), task, defined);
  for (const node of nodesOf(task)) check.node(node, task, defined);
}

/** The names of one play, and what has been checked already. */
class PlayCheck {
  readonly #read: ReadPlay;
  readonly #scopes: readonly Scope[];
  /** With the variables of a role over them, by its id. */
  readonly #ofRoles = new Map<string, readonly Scope[]>();
  readonly #known: ReadonlySet<string>;
  readonly #input: NameInput;
  readonly #problems: Problems;
  readonly #done = new Map<SourceNode, Set<string>>();
  /** Of facts that its tasks name. */
  readonly families = new Set<string>();

  constructor(program: Program, read: ReadPlay, input: NameInput, problems: Problems) {
    const hosts = read.play.hosts.map((name) => program.hosts[name]!);
    this.#read = read;
    this.#scopes = hosts.map((host) => Scope.empty.with(host.variables).with(program.variables).with(read.play.variables));
    this.#known = knownNames(this.#scopes, input);
    this.#input = input;
    this.#problems = problems;
  }

  /** Where the files of a task are looked for. */
  places(task: Task): string[] {
    const role = this.#roleOf(task);
    return [...(role ? [role.path] : []), this.#read.play.dir];
  }

  /** A part that several tasks may have inherited is looked at once for each role. */
  node(node: SourceNode, task: Task, defined: ReadonlySet<string>): void {
    const template = partialsAmong((path) => this.#input.template(path, this.places(task)));
    if (!this.#isDone(node, `task ${task.role ?? ""} ${[...defined].sort().join()}`)) this.uses(inspectNode(node, template), task, defined);
  }

  /** Reports what is wrong with a part of a task; `defined` are names of which its conditions are sure. */
  uses({ problems, uses }: Inspection, task: Task, defined: ReadonlySet<string>): void {
    this.#problems.list.push(...problems);
    if (uses.length === 0 || this.#scopes.length === 0) return;
    const base = this.#scopesOf(task);
    const scopes = task.variables.length === 0 ? base : base.map((scope) => scope.with(task.variables));
    for (const use of uses) this.#use(use, scopes, { defined, trail: [] });
  }

  #scopesOf(task: Task): readonly Scope[] {
    const role = this.#roleOf(task);
    if (!role) return this.#scopes;
    let scopes = this.#ofRoles.get(role.id);
    if (!scopes) this.#ofRoles.set(role.id, (scopes = this.#scopes.map((scope) => scope.with(role.variables).with(role.parameters))));
    return scopes;
  }

  #roleOf({ role }: Task): Role | undefined {
    if (role === undefined) return undefined;
    return this.#read.play.roles[role] ?? this.#read.possibleRoles.find((each) => each.id === role);
  }

  #use(use: Use, scopes: readonly Scope[], way: Way): void {
    if (this.#isFact(use, scopes)) return;
    if (!this.#known.has(use.name) && !scopes.some((scope) => scope.get(use.name))) {
      if (!use.lenient && !way.defined.has(use.name) && !this.#read.isOpen) this.#undefined(use);
      return;
    }
    for (const scope of scopes) this.#follow(use.name, scope, way);
  }

  /** A fact that no variable of the same name hides; its family will be gathered. */
  #isFact(use: Use, scopes: readonly Scope[]): boolean {
    const { facts } = this.#input;
    const paths = factPaths(use);
    const families = paths.flatMap((path) => facts.familiesOf(path));
    if (families.length === 0 && use.name !== "facts") return false;
    if (scopes.some((scope) => scope.get(use.name))) return false;
    for (const family of families) this.families.add(family);
    for (const mistake of use.lenient ? [] : paths.flatMap((path) => facts.mistake(path) ?? [])) {
      const { message, known, meant } = mistake;
      this.#problems.list.push({ code: "E_UNDEFINED", message, at: use.at, hint: meant === undefined ? `known: ${known.join(", ")}` : `did you mean "${meant}"?` });
    }
    return true;
  }

  /** What a variable itself is made of, as far as variables refer to each other. */
  #follow(name: string, scope: Scope, { defined, trail }: Way): void {
    const definition = scope.get(name);
    if (!definition) return;
    if (trail.includes(name)) return this.#circle([...trail.slice(trail.indexOf(name)), name], definition.value);
    if (this.#isDone(definition.value, [...defined].sort().join())) return;
    const { problems, uses } = inspectNode(definition.value, partialsAmong((path) => this.#input.template(path, [])));
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

function knownNames(scopes: readonly Scope[], { read, registry }: NameInput): Set<string> {
  const tasks = read.flatMap(({ play, possible }) => [...play.tasks, ...play.handlers, ...possible]);
  const roles = read.flatMap(({ play, possibleRoles }) => [...Object.values(play.roles), ...possibleRoles]);
  const ofRoles = roles.flatMap((role) => [...role.variables, ...role.parameters].map((definition) => definition.name));
  const included = read.flatMap(({ names }) => [...names]);
  return new Set([...alwaysThere, ...included, ...ofRoles, ...scopes.flatMap((scope) => scope.names()), ...tasks.flatMap((task) => [...namesSetBy(task, registry), ...namesOfLoop(task)])]);
}

function namesOfLoop({ loop }: Task): string[] {
  return loop ? [loop.variable, ...(loop.indexVariable === undefined ? [] : [loop.indexVariable])] : [];
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
