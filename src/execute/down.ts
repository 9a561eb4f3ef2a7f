import type { Result } from "../events/event.ts";
import type { ArgsShape, Resource } from "../modules/contract.ts";
import type { Play, Task } from "../compile/program.ts";
import { condition } from "../template/expression.ts";
import { render } from "../template/render.ts";
import type { Call, Performed } from "./call.ts";
import { performControl } from "./control.ts";
import type { HostState } from "./host.ts";
import { registered } from "./register.ts";
import { boundArgs } from "./resolve.ts";
import { asJson, performResource } from "./resource.ts";
import { activeHosts, type Stage } from "./stage.ts";
import { caught, channelFor, combined, reported, type TaskRun } from "./task.ts";

/** What a task would do on a host, found in the order of the playbook and undone in the reverse one. */
interface Prepared {
  readonly calls: readonly Call[];
  /** Set when the task has no part in `down`, or when its arguments could not be known. */
  readonly instead?: Performed;
}

/**
 * Brings the resources of a play down in exact reverse order, each step proven. Variables that later arguments need
 * are made first, in forward order; nothing is changed by that. A host whose resource stays up is left as it is from
 * there on: what stands below it would lose its ground.
 */
export async function bringDown(play: Play, stage: Stage): Promise<void> {
  const { engine, queue } = stage;
  const prepared = new Map<string, Map<string, Prepared>>();
  for (const host of activeHosts(play, stage)) prepared.set(host.name, await prepareAll({ play, host, engine }));
  for (const task of play.tasks.toReversed()) {
    const hosts = activeHosts(play, stage);
    if (hosts.length === 0 || engine.options.signal.aborted) return;
    engine.ports.emit({ type: "task:start", play: play.id, task: task.id });
    await queue.addAll(hosts.map((host) => async () => {
      const plan = prepared.get(host.name)?.get(task.id);
      if (plan && !engine.options.signal.aborted) await reported({ play, task, host, engine }, () => bringTaskDown({ play, task, host, engine }, plan));
    }));
  }
}

async function prepareAll(on: Omit<TaskRun, "task">): Promise<Map<string, Prepared>> {
  const plans = new Map<string, Prepared>();
  for (const task of on.play.tasks) plans.set(task.id, await prepare({ ...on, task }));
  return plans;
}

async function prepare(taskRun: TaskRun): Promise<Prepared> {
  const { task, host, play, engine } = taskRun;
  const module = engine.ports.registry.get(task.module)!;
  const instead = module.kind === "resource" && !module.down ? leftAlone(task, host) : undefined;
  if (module.kind === "action" || instead) return { calls: [], instead: instead ?? leftAlone(task, host) };
  try {
    const items = task.loop ? render(task.loop, host.context(play, task)) : [undefined];
    const calls: Call[] = [];
    for (const item of Array.isArray(items) ? items : []) {
      const context = host.context(play, task, item === undefined ? {} : { item });
      if (!task.when.every((expression) => condition(expression, context))) continue;
      const args = await boundArgs(task, module, context, engine);
      calls.push({ task, module, args, channel: channelFor(taskRun, context), engine, ...(item === undefined ? {} : { item }) });
    }
    if (module.kind === "resource") return { calls };
    for (const call of calls) performControl(module, call);
    return { calls: [], instead: leftAlone(task, host) };
  } catch (error) {
    return { calls: [], instead: caught(taskRun, error) };
  }
}

/** Its result is not known, and what needs it will say so. */
function leftAlone(task: Task, host: HostState): Performed {
  const performed: Performed = { status: "skipped", changes: [], message: `left alone: ${task.module} has no part in down` };
  if (task.register !== undefined) {
    host.set(task.register, registered({ ...performed, status: "unknown" }));
    host.unknown.add(task.register);
  }
  return performed;
}

async function bringTaskDown(taskRun: TaskRun, plan: Prepared): Promise<Performed & Pick<Result, "items">> {
  if (plan.instead) return plan.instead;
  const results: Result[] = [];
  for (const call of plan.calls.toReversed()) {
    const started = performance.now();
    const performed = await oneDown(taskRun, call);
    const item = call.item === undefined ? {} : { item: asJson(call.item) };
    results.push({ ...performed, ...item, elapsed: (performance.now() - started) / 1000 });
    if (performed.status === "failed" || performed.status === "unreachable") break;
  }
  if (!taskRun.task.loop && results[0]) return results[0];
  return results.length > 0 ? combined(results) : { status: "skipped", changes: [], message: "its condition does not hold" };
}

async function oneDown(taskRun: TaskRun, call: Call): Promise<Performed> {
  const resource = call.module as Resource<ArgsShape, unknown>;
  try {
    return await performResource(resource, { ...call, args: resource.down!(call.args) });
  } catch (error) {
    return caught(taskRun, error);
  }
}
