import { throwProblems } from "../core/errors.ts";
import { nodeOf } from "../core/node.ts";
import { readEntries, readRole, readTaskFile } from "./entries.ts";
import { familiesIn, type FactInput } from "./facts.ts";
import type { Part, Play, Role, Task } from "./program.ts";
import { Collected, type Place, type ProjectFiles, type Reading } from "./reading.ts";
import type { From } from "./roles.ts";
import { Problems } from "./shape.ts";
import type { TagChoice } from "./tags.ts";

/** A dynamic include that has been reached: its templates are rendered. */
export interface Reached {
  readonly play: Play;
  readonly task: Task;
  /** The file of tasks, or the role. */
  readonly name: string;
  /** Other files of a role than `main`. */
  readonly from: From;
  /** Of what it brings, for ids: "p1.t3.1". */
  readonly id: string;
}

/** What an include brings. */
export interface Expansion {
  readonly tasks: readonly Task[];
  readonly flow: readonly Part[];
  readonly handlers: readonly Task[];
  readonly roles: Readonly<Record<string, Role>>;
  /** Of facts that they name. */
  readonly families: readonly string[];
}

export interface ExpandInput extends FactInput {
  readonly files: ProjectFiles;
  readonly rolesPath: readonly string[];
  readonly tags: TagChoice;
}

/** Includes inside includes; one that leads back to itself without a condition that ends it never stops by itself. */
const deepest = 100;

/** The tasks of an include. Throws one BowlineError with every mistake in them; files are asked for as by the compiler. */
export function expand(reached: Reached, input: ExpandInput): Expansion {
  const problems = new Problems();
  const collected = new Collected(reached.id);
  const flow = flowOf(reached, { ...input, problems, early: [], collected, onLeftOut: () => undefined });
  throwProblems(problems.list);
  const { tasks, handlers, roles } = collected;
  const families = familiesIn([...tasks, ...handlers], roles, input);
  return { tasks, flow, handlers, families, roles: Object.fromEntries(roles.map((role) => [role.id, role])) };
}

function flowOf({ play, task, name, from }: Reached, reading: Reading): Part[] {
  const { at, role } = task;
  const { keywords, trail } = task.include!;
  const { dir } = task;
  const owner = role === undefined ? undefined : play.roles[role];
  const place: Place = { dir, trail, ...(owner ? { role: owner } : {}), ...(task.rescues ? { rescues: true as const } : {}) };
  if (trail.length > deepest) {
    reading.problems.add(at, `more than ${deepest} includes inside each other`, { hint: "one of them leads back to itself: a when: that becomes false ends it" });
    return [];
  }
  if (task.module === "include_role") {
    const parameters = keywords.variables.filter(({ level }) => level === "role parameters");
    return readRole({ name, at, parameters, from, keywords, isDynamic: true }, place, reading);
  }
  // A file may include itself under a condition, so the way here is no mistake; only its length is.
  const file = readTaskFile(name, nodeOf(name, at), { ...place, trail: [] }, reading);
  return file ? readEntries(file.nodes, { ...file.place, trail: [...trail, ...file.place.trail] }, keywords, reading) : [];
}
