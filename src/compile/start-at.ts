import { BowlineError } from "../core/errors.ts";
import { suggestion } from "../core/suggest.ts";
import type { Part, Play, Program, Task } from "./program.ts";

/**
 * `--start-at-task`: the program from the first task on that has this name, as `name` or as `role : name`; `*` and `?`
 * stand for other characters. As in Ansible it is looked for on the way that a run takes when nothing fails: not
 * in a rescue, not among handlers. Plays before it do not run. Throws E_OPTIONS when there is no such task.
 */
export function startAt(program: Program, name: string): Program {
  const wanted = like(name);
  for (const [index, play] of program.plays.entries()) {
    const isWanted = (id: string) => namesOf(play, taskOf(play, id)).some((each) => wanted.test(each));
    const flow = partsFrom(play.flow, isWanted);
    if (flow) return { ...program, plays: [{ ...play, flow }, ...program.plays.slice(index + 1)] };
  }
  throw noSuchTask(program, name);
}

/** The parts from the first wanted task on; undefined when it is not among them. */
function partsFrom(parts: readonly Part[], isWanted: (task: string) => boolean): readonly Part[] | undefined {
  for (const [index, part] of parts.entries()) {
    const first = partFrom(part, isWanted);
    if (first) return [first, ...parts.slice(index + 1)];
  }
  return undefined;
}

function partFrom(part: Part, isWanted: (task: string) => boolean): Part | undefined {
  switch (part.kind) {
    case "task":
      return isWanted(part.task) ? part : undefined;
    case "flush":
      return undefined;
    case "block": {
      const body = partsFrom(part.body, isWanted);
      if (body) return { ...part, body };
      const always = partsFrom(part.always, isWanted);
      return always && { ...part, body: [], rescue: [], always };
    }
    default:
      return part satisfies never;
  }
}

function taskOf({ tasks }: Play, id: string): Task {
  return tasks.find((task) => task.id === id)!;
}

/** The names that a task goes by. */
export function namesOf({ roles }: Play, { name, role }: Task): string[] {
  const owner = role === undefined ? undefined : roles[role];
  return owner ? [`${owner.name} : ${name}`, name] : [name];
}

function noSuchTask({ plays }: Program, name: string): BowlineError {
  const tasks = plays.flatMap((play) => play.tasks.map((task) => ({ play, task })));
  const wanted = like(name);
  const message = `--start-at-task: no task is named "${name}"`;
  if (tasks.some(({ play, task }) => task.rescues && namesOf(play, task).some((each) => wanted.test(each)))) {
    return new BowlineError({ code: "E_OPTIONS", message: `--start-at-task: "${name}" stands in a rescue, which runs only when something failed`, hint: "start at the first task of its block" });
  }
  const near = suggestion(name, [...new Set(tasks.flatMap(({ play, task }) => namesOf(play, task)))]);
  const include = tasks.find(({ task }) => task.include)?.task;
  const later = include && `what an include brings is known only when it is reached: start at "${include.name}", or at another include`;
  const hint = [near, later].filter((each) => each !== undefined).join("; ");
  return new BowlineError({ code: "E_OPTIONS", message, hint: hint === "" ? "--list-tasks shows what there is" : hint });
}

/** `*` and `?` stand for other characters; any other one is itself. */
function like(name: string): RegExp {
  const source = name.replace(/[\\^$.+(){}|[\]]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s");
}
