import { formatPosition } from "../core/position.ts";
import type { Definition } from "../core/scope.ts";
import { prepare, type Program, type RunRequest } from "../pipeline.ts";

/** What a playbook defines for a host: for all of a play, and for some of its tasks alone. */
export interface PlaybookDefinitions {
  readonly wide: readonly Definition[];
  readonly narrow: readonly NarrowDefinition[];
}

export interface NarrowDefinition {
  readonly definition: Definition;
  /** The role or the task. */
  readonly where: string;
}

/** Compiles the playbook, without asking a host. */
export async function playbookDefinitions(request: RunRequest, host: string): Promise<PlaybookDefinitions> {
  const { program } = await prepare(request);
  const plays = program.plays.filter((play) => play.hosts.includes(host));
  return { wide: eachPlaceOnce(plays.flatMap((play) => play.variables)), narrow: unique(plays.flatMap(narrowOf)) };
}

function narrowOf({ roles, tasks, handlers }: Program["plays"][number]): NarrowDefinition[] {
  const ofRoles = Object.values(roles).flatMap((role) => role.parameters.map((definition) => ({ definition, where: `role ${role.name}` })));
  const ofTasks = [...tasks, ...handlers].flatMap((task) => [...task.variables, ...setBy(task)].map((definition) => ({ definition, where: task.name })));
  return [...ofRoles, ...ofTasks];
}

/** What a task sets when it runs: `set_fact` says to what. */
function setBy({ module, args, register, at }: Program["plays"][number]["tasks"][number]): Definition[] {
  const facts = module === "set_fact" ? args.entries.map(({ key, value }): Definition => ({ name: key, value, level: "set_fact and register" })) : [];
  const result: Definition[] = register === undefined ? [] : [{ name: register, value: { kind: "scalar", value: "the result of the task", at }, level: "set_fact and register" }];
  return [...facts, ...result];
}

/** A role that is used twice has its defaults twice. */
function eachPlaceOnce(definitions: readonly Definition[]): Definition[] {
  return [...new Map(definitions.map((definition) => [`${definition.name} ${definition.level} ${formatPosition(definition.value.at)}`, definition])).values()];
}

/** Tasks of a block share its definitions; the first one names them. */
function unique(all: readonly NarrowDefinition[]): NarrowDefinition[] {
  return [...new Map(all.toReversed().map((each) => [each.definition, each])).values()].reverse();
}
