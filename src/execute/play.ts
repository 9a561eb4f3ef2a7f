import PQueue from "p-queue";
import type { Play, Strategy } from "../compile/program.ts";
import { bringDown } from "./down.ts";
import { gatherFacts } from "./facts.ts";
import { flush, runParts } from "./flow.ts";
import type { HostState } from "./host.ts";
import { PlayRun } from "./play-run.ts";
import { activeHosts, type Stage } from "./stage.ts";
import { activeOf } from "./way.ts";

/** Runs a play on its hosts, a batch after the other. Resolves with the reason why the whole run ends with it, if it does. */
export async function runPlay(play: Play, stage: Stage): Promise<string | undefined> {
  const { emit } = stage.engine.ports;
  const run = new PlayRun(play, stage);
  announcePlay(run);
  emit({ type: "play:start", play: play.id });
  if (stage.engine.options.mode === "down") await bringDown(run);
  else await runBatches(run);
  if (run.ending !== undefined) emit({ type: "warning", message: run.ending });
  // What ended a play by its own words ends nothing more.
  for (const name of play.hosts) {
    const host = stage.hosts.named(name);
    if (host.standing === "ended") host.standing = "active";
    host.notified.clear();
  }
  emit({ type: "play:end", play: play.id });
  return run.ending;
}

async function runBatches(run: PlayRun): Promise<void> {
  const { play, stage } = run;
  for (const [index, names] of play.batches.entries()) {
    if (run.isOver) return;
    const hosts = names.map((name) => stage.hosts.named(name)).filter((host) => host.standing === "active");
    if (hosts.length === 0) continue;
    run.begin(hosts);
    await gatherFacts(run, hosts);
    await strategies[play.strategy](run, hosts);
    await flush({ run, play, hosts }, true);
    await hangUp(hosts, run);
    const isLost = hosts.every((host) => host.standing === "failed" || host.standing === "unreachable");
    const left = play.batches.length - index - 1;
    // As in Ansible, unless a budget says how much may fail: what broke a whole batch would break the next one.
    if (!isLost || play.maxFail || left === 0 || stage.engine.options.mode !== "run") continue;
    run.ending ??= `every host of a batch failed, so the ${left === 1 ? "batch" : `${left} batches`} behind it ${left === 1 ? "does" : "do"} not begin; max_fail_percentage allows it`;
    return;
  }
}

/** What no further play needs is let go, so that a long rollout holds the connections of its batch and not of all hosts; the end of the run closes those of the last one. */
async function hangUp(hosts: readonly HostState[], { play, stage }: PlayRun): Promise<void> {
  if (play.batches.length < 2 || stage.hosts.all().some((host) => host.leans)) return;
  await Promise.all(hosts.filter((host) => stage.isLast(play, host.name)).map((host) => host.close()));
}

/** How the hosts of a batch go through a play: side by side, or each at its own pace. */
const strategies: Readonly<Record<Strategy, (run: PlayRun, hosts: readonly HostState[]) => Promise<void>>> = {
  linear: (run, hosts) => runParts(run.play.flow, { run, play: run.play, hosts }),
  free: async (run, hosts) => void (await Promise.all(hosts.map((host) => alone(run, host)))),
  // A host keeps its place among the forks until it is through.
  host_pinned: async (run, hosts) => void (await new PQueue({ concurrency: run.stage.engine.options.forks }).addAll(hosts.map((host) => () => alone(run, host)))),
};

function alone(run: PlayRun, host: HostState): Promise<void> {
  return runParts(run.play.flow, { run, play: run.play, hosts: [host] });
}

/** What variables tell of the play at work. */
function announcePlay(run: PlayRun): void {
  const { play, stage } = run;
  const active = () => activeHosts(play, stage).map((host) => host.name);
  const getters: Readonly<Record<string, () => unknown>> = {
    ansible_play_name: () => play.name,
    ansible_play_hosts: active,
    play_hosts: active,
    ansible_play_hosts_all: () => play.hosts,
    ansible_play_batch: () => activeOf({ hosts: run.batch }).map((host) => host.name),
    ansible_play_role_names: () => Object.values(play.roles).map((role) => role.name),
    ansible_role_names: () => Object.values(play.roles).map((role) => role.name),
  };
  for (const [name, get] of Object.entries(getters)) Object.defineProperty(stage.hosts.shared, name, { enumerable: true, configurable: true, get });
}
