import { inspectCondition, inspectNode, partialsAmong, together, type Use } from "../template/names.ts";
import type { Registry } from "../modules/contract.ts";
import { inspectOwn, nodesOf, type FindTemplate } from "./inspect.ts";
import type { Role, Task } from "./program.ts";

/** What the modules know of facts. */
export interface FactWords {
  /** The families that a path such as `facts.os.id` needs; none for what is no fact. */
  readonly familiesOf: (path: readonly string[]) => readonly string[];
  /** What is wrong with a path below `facts`, before any host is asked. */
  readonly mistake: (path: readonly string[]) => { readonly message: string; readonly known: readonly string[]; readonly meant?: string } | undefined;
  /** The families of Ansible's subsets. */
  readonly familiesOfSubsets: (subsets: readonly string[]) => readonly string[];
}

/** What it takes to find the facts that tasks name. */
export interface FactInput {
  readonly registry: Registry;
  readonly template: (path: string, places: readonly string[]) => ReturnType<FindTemplate>;
  readonly facts: FactWords;
}

/** The paths of a name as the modules know facts by; a part that only the run can tell ends one. */
export function factPaths({ name, paths }: Use): string[][] {
  // What `hostvars` is asked for below a host is asked of every host of the play.
  const asked = name === "hostvars" ? paths.map(([, ...below]) => below) : paths.map((path) => [name, ...path]);
  return asked.map((path) => path.slice(0, path.indexOf("*") < 0 ? path.length : path.indexOf("*")));
}

/** The families of facts that the tasks of an include and the variables of its roles name. */
export function familiesIn(tasks: readonly Task[], roles: readonly Role[], { registry, template, facts }: FactInput): string[] {
  const places = roles.map((role) => role.path);
  const find = (path: string) => template(path, places);
  const variables = roles.flatMap((role) => [...role.variables, ...role.parameters]).map((definition) => definition.value);
  const ofTasks = tasks.flatMap((task) => [inspectOwn(task, { registry, template: find }), ...task.when.map(inspectCondition), ...nodesOf(task).map((node) => inspectNode(node))]);
  const { uses } = together([...ofTasks, ...variables.map((node) => inspectNode(node, partialsAmong(find)))]);
  return [...new Set(uses.flatMap(factPaths).flatMap((path) => facts.familiesOf(path)))];
}
