import { entryOf } from "../core/node.ts";
import type { Expansion, Reached } from "../compile/expand.ts";
import type { Part, Play, Task } from "../compile/program.ts";
import type { Body, TaskLabel } from "../events/event.ts";
import type { Registry } from "../modules/contract.ts";
import type { Context } from "../template/context.ts";
import { render } from "../template/render.ts";
import { BowlineError } from "../core/errors.ts";
import { extrasOf, type Performed, type Turn } from "./call.ts";
import type { TaskRun } from "./channel.ts";
import type { HostState } from "./host.ts";
import type { PlayRun } from "./play-run.ts";
import { reported } from "./report.ts";
import { itemsOf, skippedBy } from "./task.ts";
import { caught } from "./verdict.ts";
import { onEach, taskRunOf, type Way } from "./way.ts";

/** Something that one host includes: the same for every host with the same key. */
export interface Inclusion {
  readonly key: string;
  readonly name: string;
  readonly expansion: Expansion;
  /** The item of the loop, for the tasks that come. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly isPublic: boolean;
}

/** A dynamic include: each host says what it includes, and hosts that include the same go through it together. */
export async function includeTasks(task: Task, way: Way, runParts: (parts: readonly Part[], way: Way) => Promise<void>): Promise<void> {
  const groups = new Map<string, { inclusion: Inclusion; hosts: HostState[] }>();
  await onEach(task, way, async (host) => {
    const taskRun = taskRunOf(task, host, way);
    await reported(taskRun, async () => {
      const { performed, inclusions } = await included(taskRun, way.run);
      for (const inclusion of inclusions) {
        const group = groups.get(inclusion.key);
        if (group) group.hosts.push(host);
        else groups.set(inclusion.key, { inclusion, hosts: [host] });
      }
      return performed;
    });
  });
  for (const { inclusion, hosts } of groups.values()) {
    const { expansion, isPublic } = inclusion;
    way.run.handlers.add(expansion.handlers, expansion.roles);
    const order = way.hosts.filter((host) => hosts.includes(host));
    await runParts(expansion.flow, { ...way, play: playWithin(way.play, inclusion), hosts: order });
    if (isPublic) for (const host of order) for (const role of Object.values(expansion.roles)) host.include(role.variables);
  }
}

/** The play as the tasks of an include see it. */
export function playWithin(play: Play, { expansion, values }: Inclusion): Play {
  return { ...play, tasks: expansion.tasks, roles: { ...play.roles, ...expansion.roles }, values: { ...play.values, ...values } };
}

/** What a host includes: nothing where its condition does not hold. */
export async function included(taskRun: TaskRun, run: PlayRun): Promise<{ performed: Performed; inclusions: readonly Inclusion[] }> {
  const { play, task, host } = taskRun;
  try {
    const items = task.loop ? itemsOf(taskRun, host.context(play, task)) : undefined;
    if (items && "status" in items) return { performed: items, inclusions: [] };
    const turns: (Turn | undefined)[] = items ? items.map((_, index) => ({ loop: task.loop!, items, index })) : [undefined];
    const inclusions: Inclusion[] = [];
    let skipped: Performed | undefined;
    for (const turn of turns) {
      const values = extrasOf(turn);
      const context = host.context(play, task, values);
      const unmet = skippedBy(task, context);
      if (unmet) skipped = unmet;
      else inclusions.push(await inclusionOf(taskRun, run, { context, values }));
    }
    if (inclusions.length === 0) return { performed: skipped ?? { status: "skipped", changes: [], message: "the loop is empty" }, inclusions };
    return { performed: { status: "ok", changes: [], message: `included ${inclusions.map(({ name }) => name).join(", ")}` }, inclusions };
  } catch (error) {
    return { performed: caught(taskRun, error), inclusions: [] };
  }
}

async function inclusionOf({ play, task, engine }: TaskRun, run: PlayRun, turn: { context: Context; values: Readonly<Record<string, unknown>> }): Promise<Inclusion> {
  const { context, values } = turn;
  const name = textOf(task, task.module === "include_role" ? "name" : "file", context);
  const parts = ["tasks", "vars", "defaults", "handlers"] as const;
  const from: Reached["from"] = Object.fromEntries(parts.flatMap((part) => (entryOf(task.args, `${part}_from`) ? [[part, textOf(task, `${part}_from`, context)]] : [])));
  const key = JSON.stringify([name, from, values]);
  const expansion = await run.expansion(task, key, { play, name, from }, (found) => announce(play, task, found, engine.ports));
  const wanted = entryOf(task.args, "public")?.value;
  return { key, name, expansion, values, isPublic: wanted !== undefined && render(wanted, context) === true };
}

function textOf(task: Task, key: string, context: Context): string {
  const value = entryOf(task.args, key)!.value;
  const text = render(value, context);
  if (typeof text === "string" && text !== "") return text;
  throw new BowlineError({ code: "E_ARGS", message: `"${key}" must be text`, at: value.at, seen: JSON.stringify(text ?? null) });
}

function announce(play: Play, by: Task, { tasks, handlers }: Expansion, { registry, emit }: { registry: Registry; emit: (body: Body) => void }): void {
  const labels = [...tasks.map((task) => labelOf(task, registry, false)), ...handlers.map((task) => labelOf(task, registry, true))];
  emit({ type: "tasks:added", play: play.id, by: by.id, tasks: labels });
}

function labelOf(task: Task, registry: Registry, handler: boolean): TaskLabel {
  const kind = registry.get(task.module)?.kind;
  return { task: task.id, name: task.name, module: task.module, ...(kind ? { kind } : {}), handler, at: task.at };
}
