import { entryOf } from "../core/node.ts";
import type { Expansion, Reached } from "../compile/expand.ts";
import type { Part, Play, Task } from "../compile/program.ts";
import type { Body, Result } from "../events/event.ts";
import type { Registry } from "../modules/contract.ts";
import type { Context } from "../template/context.ts";
import { render } from "../template/render.ts";
import { BowlineError } from "../core/errors.ts";
import { extrasOf, type Performed, type Turn } from "./call.ts";
import type { TaskRun } from "./channel.ts";
import { gatherFacts } from "./facts.ts";
import type { HostState } from "./host.ts";
import { labelOf } from "./label.ts";
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

/** A dynamic include: each host says what it includes, and hosts that include the same go through it together. Resolves with what it came to on the last of them. */
export async function includeTasks(task: Task, way: Way, runParts: (parts: readonly Part[], way: Way) => Promise<void>): Promise<Result | undefined> {
  const wanted = new Map<HostState, readonly Inclusion[]>();
  let result: Result | undefined;
  await onEach(task, way, async (host) => {
    const taskRun = taskRunOf(task, host, way);
    result = await reported(taskRun, async () => {
      const { performed, inclusions } = await included(taskRun, way.run);
      wanted.set(host, inclusions);
      return performed;
    });
  });
  for (const { inclusion, hosts } of together(way.hosts, wanted)) {
    const { expansion, isPublic } = inclusion;
    const play = playWithin(way.play, inclusion);
    way.run.handlers.add(expansion.handlers, play);
    await gatherFacts(way.run, hosts, expansion.families);
    await runParts(expansion.flow, { ...way, play, hosts });
    if (isPublic) publish(expansion, hosts);
  }
  return result;
}

/** What its roles bring is known to the tasks behind. */
function publish({ roles }: Expansion, hosts: readonly HostState[]): void {
  const variables = Object.values(roles).flatMap((role) => role.variables);
  for (const host of hosts) host.include(variables);
}

/** What is included in the order in which it is: hosts go through it together where the same comes next for each, and each keeps its own order. */
export function together(hosts: readonly HostState[], wanted: ReadonlyMap<HostState, readonly Inclusion[]>): { readonly inclusion: Inclusion; readonly hosts: readonly HostState[] }[] {
  const places = new Map(hosts.map((host) => [host, 0]));
  const next = (host: HostState) => wanted.get(host)?.[places.get(host)!];
  const groups: { inclusion: Inclusion; hosts: readonly HostState[] }[] = [];
  for (;;) {
    const inclusion = hosts.map(next).find((each) => each !== undefined);
    if (!inclusion) return groups;
    const along = hosts.filter((host) => next(host)?.key === inclusion.key);
    for (const host of along) places.set(host, places.get(host)! + 1);
    groups.push({ inclusion, hosts: along });
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
      else inclusions.push(await inclusionOf(taskRun, run, { context, values, before: inclusions }));
    }
    if (inclusions.length === 0) return { performed: skipped ?? { status: "skipped", changes: [], message: "the loop is empty" }, inclusions };
    return { performed: { status: "ok", changes: [], message: `included ${inclusions.map(({ name }) => name).join(", ")}` }, inclusions };
  } catch (error) {
    return { performed: caught(taskRun, error), inclusions: [] };
  }
}

interface IncludingTurn {
  readonly context: Context;
  readonly values: Readonly<Record<string, unknown>>;
  /** What the turns before it include. */
  readonly before: readonly Inclusion[];
}

async function inclusionOf({ play, task, engine }: TaskRun, run: PlayRun, { context, values, before }: IncludingTurn): Promise<Inclusion> {
  const name = textOf(task, task.module === "include_role" ? "name" : "file", context);
  const parts = ["tasks", "vars", "defaults", "handlers"] as const;
  const from: Reached["from"] = Object.fromEntries(parts.flatMap((part) => (entryOf(task.args, `${part}_from`) ? [[part, textOf(task, `${part}_from`, context)]] : [])));
  const same = JSON.stringify([name, from, values]);
  const key = `${same} ${before.filter((each) => each.key.startsWith(`${same} `)).length}`;
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

function announce(play: Play, by: Task, { tasks, handlers, families }: Expansion, { registry, emit }: { registry: Registry; emit: (body: Body) => void }): void {
  const labels = [...(families.length > 0 ? [labelOf(play.facts.task, registry, false)] : []), ...tasks.map((task) => labelOf(task, registry, false)), ...handlers.map((task) => labelOf(task, registry, true))];
  emit({ type: "tasks:added", play: play.id, by: by.id, tasks: labels });
}
