import { BowlineError } from "../core/errors.ts";
import type { Result } from "../events/event.ts";
import type { ArgsShape, Bound, Module, Resource } from "../modules/contract.ts";
import type { Play, Task } from "../compile/program.ts";
import type { Context } from "../template/context.ts";
import { condition } from "../template/expression.ts";
import { render } from "../template/render.ts";
import { extrasOf, shownItem, type Performed, type Turn } from "./call.ts";
import { channelFor, type TaskRun } from "./channel.ts";
import { performControl } from "./control.ts";
import type { HostState } from "./host.ts";
import { registered } from "./register.ts";
import { boundArgs } from "./resolve.ts";
import { performResource } from "./resource.ts";
import { activeHosts, onHosts, type Stage } from "./stage.ts";
import { reported } from "./task.ts";
import { caught, combined, notAList } from "./verdict.ts";

/** What a task would do on a host, found in the order of the playbook and undone in the reverse one. */
interface Prepared {
  readonly turns: readonly PreparedTurn[];
  /** Set when the task has no part in `down`, or when its arguments could not be known. */
  readonly instead?: Performed;
}

interface PreparedTurn {
  readonly turn?: Turn;
  readonly context: Context;
  readonly args: Bound<ArgsShape>;
}

/**
 * Brings the resources of a play down in exact reverse order, each step proven. Variables that later arguments need
 * are made first, in forward order; nothing is changed by that. A host whose resource stays up is left as it is from
 * there on: what stands below it would lose its ground.
 */
export async function bringDown(play: Play, stage: Stage): Promise<void> {
  const { engine } = stage;
  const prepared = new Map<string, Map<string, Prepared>>();
  for (const host of activeHosts(play, stage)) prepared.set(host.name, await prepareAll({ play, host, engine }));
  for (const task of play.tasks.toReversed()) {
    await onHosts({ play, task, hosts: activeHosts(play, stage) }, stage, async (host) => {
      const taskRun = { play, task, host, engine };
      await reported(taskRun, () => bringTaskDown(taskRun, prepared.get(host.name)!.get(task.id)!));
    });
  }
}

async function prepareAll(on: Omit<TaskRun, "task">): Promise<Map<string, Prepared>> {
  const plans = new Map<string, Prepared>();
  for (const task of on.play.tasks) plans.set(task.id, await prepare({ ...on, task }));
  return plans;
}

async function prepare(taskRun: TaskRun): Promise<Prepared> {
  const { task, host, engine } = taskRun;
  const module = engine.ports.registry.get(task.module)!;
  if (module.kind === "action" || !hasPart(module)) return { turns: [], instead: leftAlone(task, host) };
  try {
    const turns = await turnsOf(taskRun, module);
    if (module.kind === "resource") return { turns };
    for (const prepared of turns) await performControl(module, callOf(taskRun, module, prepared));
    return { turns: [], instead: leftAlone(task, host) };
  } catch (error) {
    return { turns: [], instead: notKnown(caught(taskRun, error)) };
  }
}

/** What can be brought down, and what makes the variables that name it; a message may need a result that only a run gives. */
function hasPart(module: Exclude<Module, { kind: "action" }>): boolean {
  return module.kind === "resource" ? module.down !== undefined : module.freeKeys === true;
}

async function turnsOf({ task, host, play, engine }: TaskRun, module: Module): Promise<PreparedTurn[]> {
  const items = task.loop ? render(task.loop, host.context(play, task)) : undefined;
  if (task.loop && !Array.isArray(items)) throw notAList(task, items);
  const turns = Array.isArray(items) ? items.map((_, index) => ({ items, index })) : [undefined];
  const prepared: PreparedTurn[] = [];
  for (const turn of turns) {
    const context = host.context(play, task, extrasOf(turn));
    if (!task.when.every((expression) => condition(expression, context))) continue;
    prepared.push({ context, args: await boundArgs(task, module, context, engine), ...(turn ? { turn } : {}) });
  }
  return prepared;
}

/** Its result is not known, and what needs it will say so. */
function leftAlone(task: Task, host: HostState): Performed {
  const performed: Performed = { status: "skipped", changes: [], message: `left alone: ${task.module} has no part in down` };
  if (task.register !== undefined) {
    host.set(task.register, registered({ ...performed, status: "unknown" }));
    host.know([task.register], false);
  }
  return performed;
}

/** What cannot be named cannot be brought down, and so nothing that may stand below it can. */
function notKnown(performed: Performed): Performed {
  return performed.status === "unknown" ? { ...performed, status: "failed" } : performed;
}

async function bringTaskDown(taskRun: TaskRun, plan: Prepared): Promise<Performed & Pick<Result, "items">> {
  if (plan.instead) return plan.instead;
  const results: Result[] = [];
  for (const prepared of plan.turns.toReversed()) {
    const started = performance.now();
    const performed = await oneDown(taskRun, prepared);
    results.push({ ...performed, ...shownItem(prepared.turn), elapsed: (performance.now() - started) / 1000 });
    if (performed.status === "failed" || performed.status === "unreachable") break;
  }
  if (!taskRun.task.loop && results[0]) return results[0];
  return results.length > 0 ? combined(results) : { status: "skipped", changes: [], message: "its condition does not hold" };
}

async function oneDown(taskRun: TaskRun, prepared: PreparedTurn): Promise<Performed> {
  const { task, engine } = taskRun;
  try {
    const module = engine.ports.registry.get(task.module) as Resource<ArgsShape, unknown>;
    const { down } = module;
    if (!down) throw new BowlineError({ code: "E_BUG", message: `${task.module} has no part in down`, at: task.at });
    return await performResource(module, callOf(taskRun, module as Module, { ...prepared, args: down(prepared.args) }));
  } catch (error) {
    return caught(taskRun, error);
  }
}

function callOf(taskRun: TaskRun, module: Module, { turn, context, args }: PreparedTurn) {
  const { play, task, engine } = taskRun;
  return { play, task, module, args, channel: channelFor(taskRun, context), engine, ...(turn ? { turn } : {}) };
}
