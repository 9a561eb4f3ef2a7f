import type { Block, Part, Task } from "../compile/program.ts";
import type { Result } from "../events/event.ts";
import { render } from "../template/render.ts";
import { attempt } from "./attempt.ts";
import { flagOf } from "./channel.ts";
import type { HostState } from "./host.ts";
import { includeTasks } from "./include.ts";
import { steer } from "./meta.ts";
import { madeBy, remember } from "./report.ts";
import { runTask } from "./task.ts";
import { activeOf, onEach, taskRunOf, type Way } from "./way.ts";

/** Does the parts one after the other; each is done on every host before the next begins. */
export async function runParts(parts: readonly Part[], way: Way): Promise<void> {
  for (const part of parts) {
    if (way.run.isOver || activeOf(way).length === 0) return;
    await runPart(part, way);
  }
}

async function runPart(part: Part, way: Way): Promise<void> {
  switch (part.kind) {
    case "task":
      return runOne(way.run.taskOf(way.play, part.task), way);
    case "block":
      return runBlock(part, way);
    case "flush":
      return flush(way);
    default:
      return part satisfies never;
  }
}

/** One task or handler on the hosts that still take part. */
export async function runOne(task: Task, way: Way): Promise<void> {
  const hosts = activeOf(way);
  if (hosts.length === 0) return;
  if (task.module === "meta") return steer(task, { ...way, hosts }, (holding) => flush({ ...way, hosts: holding }));
  if (!(await way.run.wants(task))) return;
  const work = (on: Way) => (task.include ? includeTasks(task, on, runParts) : runAlike(task, on));
  if (task.runOnce || isForAll(task, way)) await runOnce(task, { ...way, hosts }, work);
  else await work({ ...way, hosts });
  concluded(task, hosts, way);
}

/** Resolves with what it came to on the last host. */
async function runAlike(task: Task, way: Way): Promise<Result | undefined> {
  let result: Result | undefined;
  await onEach(task, way, async (host) => (result = await runTask(taskRunOf(task, host, way))));
  return result;
}

function isForAll(task: Task, { run }: Way): boolean {
  const module = run.stage.engine.ports.registry.get(task.module);
  return module?.kind === "control" && module.forAll === true;
}

/** `run_once`: the first host does it, and what it came to holds for all; `true` is once in the play, `batch` once in each batch. */
async function runOnce(task: Task, way: Way, work: (way: Way) => Promise<Result | undefined>): Promise<void> {
  const { run, play, hosts } = way;
  const [first] = hosts;
  const wanted = task.runOnce ? attempt(() => render(task.runOnce!, first!.context(play, task))) : "batch";
  if (wanted === false) return void (await work(way));
  const done = await run.once(task, wanted === "batch", async () => {
    const before = first!.included.length;
    const result = await work({ ...way, hosts: [first!] });
    return result && { result, by: first!, variables: task.module === "include_vars" ? first!.included.slice(before) : [] };
  });
  if (!done) return;
  for (const host of hosts.filter((each) => each !== done.by)) {
    host.include(done.variables);
    host.learn(madeBy(task, run.stage.engine), done.by);
    remember(taskRunOf(task, host, way), done.result);
  }
}

/** After a task: whether what failed ends the play for more hosts than those it failed on. */
function concluded(task: Task, hosts: readonly HostState[], way: Way): void {
  const { run, play, rescue } = way;
  const failed = hosts.find((host) => host.standing === "failed" || host.standing === "unreachable");
  if (failed && task.anyErrorsFatal && attempt(() => flagOf(task.anyErrorsFatal, failed.context(play, task)))) {
    run.failAll(failed, { isRescued: rescue !== undefined, hosts: way.hosts });
  }
  if (rescue === undefined) run.checkBudget();
}

/**
 * The body; for the hosts that failed in it the rescue, after which they take part again; and for every host that began
 * it what stands under always. What fails in rescue or always is for the block around.
 */
async function runBlock(block: Block, way: Way): Promise<void> {
  const hosts = activeOf(way);
  const rescues = block.rescue.length > 0;
  const waitsFor = rescues ? { rescue: block.rescueUnreachable ? ("unreachable" as const) : ("failed" as const) } : {};
  await runParts(block.body, { ...way, hosts, ...waitsFor });
  if (rescues) await rescue(block, { ...way, hosts });
  if (block.always.length > 0) await always(block, { ...way, hosts });
  // What the rescue did not take up counts only now.
  if (way.rescue === undefined) way.run.checkBudget();
}

async function rescue(block: Block, way: Way): Promise<void> {
  const { run } = way;
  const lost = way.hosts.filter((host) => host.standing === "failed" || (block.rescueUnreachable && host.standing === "unreachable"));
  if (lost.length === 0 || run.isOver) return;
  for (const host of lost) {
    const { failure } = host;
    const task = failure ? { id: failure.task.id, name: failure.task.name, action: failure.task.module, module: failure.task.module } : {};
    for (const [name, value] of Object.entries({ task, result: failure?.result ?? {} })) {
      host.set(`failed_${name}`, value);
      host.set(`ansible_failed_${name}`, value);
    }
    host.standing = "active";
  }
  await runParts(block.rescue, { ...way, hosts: lost });
}

/** Runs in every case but two: the host is out of reach, or the run is being stopped. */
async function always(block: Block, way: Way): Promise<void> {
  const hosts = way.hosts.filter(({ standing }) => standing === "active" || standing === "failed");
  const resume = hosts.map((host) => host.suspend());
  await way.run.evenIfOver(() => runParts(block.always, { ...way, hosts }));
  for (const each of resume) each();
}

/**
 * Handlers that were notified, in the order of their definition; one may notify a later one. At the end of the play
 * those too on hosts that failed meanwhile, unless the play says `force_handlers: false`, and again until none is left.
 */
export async function flush(way: Way, isLast = false): Promise<void> {
  const { run } = way;
  const mayRun = (host: HostState) => host.standing === "active" || (isLast && run.play.forceHandlers && host.standing === "failed");
  for (let pass = 0; pass < (isLast ? run.handlers.all.length : 1); pass += 1) {
    let ran = false;
    const deeds = new Set<string>();
    for (const handler of [...run.handlers.all]) {
      if (run.stage.engine.options.signal.aborted) return;
      const notified = way.hosts.filter((host) => mayRun(host) && host.notified.delete(handler.id));
      const hosts = notified.filter((host) => deeds.size < deeds.add(`${host.name} ${run.handlers.deedOf(handler, host)}`).size);
      if (hosts.length === 0) continue;
      const resume = hosts.map((host) => host.suspend());
      run.again(handler);
      await run.evenIfOver(() => runOne(handler, { ...way, play: run.handlers.playOf(handler), hosts }), isLast);
      for (const each of resume) each();
      ran = true;
    }
    if (!ran) return;
  }
}
