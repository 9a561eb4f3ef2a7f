import { run } from "../core/step.ts";
import { stepFailed, type Performed } from "./call.ts";
import { channelFor } from "./channel.ts";
import type { HostState } from "./host.ts";
import type { PlayRun } from "./play-run.ts";
import { reported } from "./report.ts";
import { sendBatch } from "./steps.ts";
import { caught } from "./verdict.ts";
import { onEach, taskRunOf } from "./way.ts";

/** Seconds for all facts of a host; each family bounds its own. */
const ownLimit = 60;

/**
 * Gathers the facts that a play names, on the hosts that have not told them yet, in one round trip each. They are only
 * looked at, so every mode does it.
 */
export async function gatherFacts(playRun: PlayRun, hosts: readonly HostState[], families = playRun.play.facts.families): Promise<void> {
  const { play } = playRun;
  const { facts } = play;
  const way = { run: playRun, play, hosts: hosts.filter((host) => host.unobserved(families).length > 0) };
  await onEach(facts.task, way, (host) => {
    const taskRun = taskRunOf(facts.task, host, way);
    return reported(taskRun, async () => {
      try {
        return await gathered(taskRun, { ...facts, families });
      } catch (error) {
        return caught(taskRun, error);
      }
    });
  });
}

async function gathered(taskRun: ReturnType<typeof taskRunOf>, { families, timeout = ownLimit }: { families: readonly string[]; timeout?: number }): Promise<Performed> {
  const { play, task, host, engine } = taskRun;
  const { facts } = engine.ports;
  const wanted = host.unobserved(families);
  const channel = channelFor(taskRun, host.context(play, task));
  const { answers, failed } = await sendBatch([run(facts.script(wanted), { title: "gather facts", timeout, silent: true })], [task.name], channel);
  if (failed) return stepFailed({ task }, failed);
  host.observe(facts.values(answers[0]?.stdout ?? "", wanted));
  return { status: "ok", changes: [], message: wanted.join(", ") };
}
