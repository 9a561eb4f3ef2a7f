import { BowlineError } from "../core/errors.ts";
import type { Result } from "../events/event.ts";
import type { ArgsShape, Bound, Module, Resource } from "../modules/contract.ts";
import type { Play, Task } from "../compile/program.ts";
import type { Context } from "../template/context.ts";
import { condition } from "../template/expression.ts";
import { render } from "../template/render.ts";
import { attempt } from "./attempt.ts";
import { extrasOf, shownItem, type Call, type Performed, type Turn } from "./call.ts";
import { channelFor, type TaskRun } from "./channel.ts";
import { performControl } from "./control.ts";
import type { HostState } from "./host.ts";
import { registered } from "./register.ts";
import { boundArgs } from "./resolve.ts";
import { performResource } from "./resource.ts";
import { gatherFacts } from "./facts.ts";
import { included, playWithin, together, type Inclusion } from "./include.ts";
import { loopItems } from "./loops.ts";
import type { PlayRun } from "./play-run.ts";
import { reported } from "./report.ts";
import { activeHosts, onHosts } from "./stage.ts";
import { caught, combined } from "./verdict.ts";
import { taskRunOf, type Way } from "./way.ts";

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

/** A task in its place among all, with what it would do on each of its hosts. */
interface Planned {
  readonly play: Play;
  readonly task: Task;
  readonly plans: ReadonlyMap<HostState, Prepared>;
}

/**
 * Brings the resources of a play down in exact reverse order, each step proven. Variables that later arguments need
 * are made first, in forward order, and includes are followed; nothing is changed by that. A host whose resource stays
 * up is left as it is from there on: what stands below it would lose its ground.
 */
export async function bringDown(run: PlayRun): Promise<void> {
  const { play, stage } = run;
  await gatherFacts(run, activeHosts(play, stage));
  const planned = await planAll({ run, play, hosts: activeHosts(play, stage) });
  for (const { play: own, task, plans } of planned.toReversed()) {
    const hosts = activeHosts(play, stage).filter((host) => plans.has(host));
    await onHosts({ play: own, task, hosts }, stage, async (host) => {
      const taskRun = taskRunOf(task, host, { run, play: own, hosts });
      await reported(taskRun, () => bringTaskDown(taskRun, plans.get(host)!));
    });
  }
}

/** Every task in the order of the playbook, those of includes in their place; what stands in a rescue has no part. */
async function planAll(way: Way): Promise<Planned[]> {
  const planned: Planned[] = [];
  for (const task of way.play.tasks.filter((each) => !each.rescues && each.module !== "meta")) {
    if (task.include) planned.push(...(await planIncluded(task, way)));
    else planned.push({ play: way.play, task, plans: new Map(await inTurn(hostsOf(task, way), async (host) => [host, await prepare(taskRunOf(task, host, way))] as const)) });
  }
  return planned;
}

/** What is done once is undone once. */
function hostsOf({ runOnce, ...task }: Task, { play, hosts }: Way): readonly HostState[] {
  const [first] = hosts;
  const isOnce = runOnce && first && attempt(() => render(runOnce, first.context(play, task))) !== false;
  return isOnce ? [first] : hosts;
}

async function planIncluded(task: Task, way: Way): Promise<Planned[]> {
  const failed = new Map<HostState, Prepared>();
  const wanted = new Map<HostState, readonly Inclusion[]>();
  for (const host of hostsOf(task, way)) {
    const { performed, inclusions } = await included(taskRunOf(task, host, way), way.run);
    if (performed.status !== "ok" && performed.status !== "skipped") failed.set(host, { turns: [], instead: notKnown(performed) });
    wanted.set(host, inclusions);
  }
  const own = failed.size > 0 ? [{ play: way.play, task, plans: failed }] : [];
  const brought = await inTurn(together(way.hosts, wanted), ({ inclusion, hosts }) => planAll({ ...way, play: playWithin(way.play, inclusion), hosts }));
  return [...brought.flat(), ...own];
}

/** What later tasks need is made by earlier ones, so nothing is prepared side by side. */
async function inTurn<Item, Value>(items: readonly Item[], work: (item: Item) => Promise<Value>): Promise<Value[]> {
  const values: Value[] = [];
  for (const item of items) values.push(await work(item));
  return values;
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
  return module.kind === "resource" ? module.down !== undefined : module.freeKeys === true || module.name === "include_vars";
}

async function turnsOf({ task, host, play, engine }: TaskRun, module: Module): Promise<PreparedTurn[]> {
  const { loop } = task;
  const items = loop ? loopItems(loop, host.context(play, task), engine.ports.inventory.select) : [];
  const turns: (Turn | undefined)[] = loop ? items.map((_, index) => ({ loop, items, index })) : [undefined];
  const prepared: PreparedTurn[] = [];
  for (const turn of turns) {
    const context = host.context(play, task, extrasOf(turn));
    if (!task.when.every((expression) => condition(expression, context))) continue;
    prepared.push({ context, args: await boundArgs({ play, task }, module, context, engine), ...(turn ? { turn } : {}) });
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

function callOf(taskRun: TaskRun, module: Module, { turn, context, args }: PreparedTurn): Call {
  const { play, task, host, engine, hosts } = taskRun;
  return { play, task, host, module, args, channel: channelFor(taskRun, context), engine, hosts, ...(turn ? { turn } : {}) };
}
