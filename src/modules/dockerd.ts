import { defineResource, type Change, type ResourceState } from "./contract.ts";
import { dockerdArgs, dockerdRules, placesOf, type DockerdArgs, type Places } from "./_dockerd_args.ts";
import { dockerdExamples, dockerdNotes } from "./_dockerd_doc.ts";
import { notRunning } from "./_docker.ts";
import { observeDockerd, ownProcess, parseDockerd, placesOfProcess, rivalProcess, type DockerdProcess, type DockerdSeen, type Rival } from "./_dockerd_seen.ts";
import { awaitStep, removeStep, restartStep, startContainersStep, startStep, stopStep } from "./_dockerd_steps.ts";
import { differenceOf } from "./_dockerd_words.ts";
import { carrierOf } from "./_mountpoint.ts";
import { refuse } from "./refuse.ts";

export const dockerd = defineResource({
  name: "dockerd",
  summary: "Run a private docker daemon with its own socket and its own data root, or bring it down.",
  notes: dockerdNotes,
  args: dockerdArgs,
  examples: dockerdExamples,
  otherNames: { docker_host: "socket", host: "socket", data_dir: "data_root", docker_data_dir: "data_root", docker_daemon_args: "args", options: "args", log: "log_file", pidfile: "pid_file" },
  rules: dockerdRules,
  observe: (args) => observeDockerd(placesOf(args)),
  parse: (answer) => parseDockerd(answer),
  plan: (args, seen) => (args.state === "up" ? planUp(args, seen) : planDown(args, seen)),
  down: (args) => ({ ...args, state: "down" as const }),
  state: stateOf,
  result: (args, seen) => {
    const { socket, dataRoot, pidFile, logFile } = placesOf(args);
    return { socket, docker_host: `unix://${socket}`, data_root: dataRoot, pid_file: pidFile, log_file: logFile, pid: ownProcess(placesOf(args), seen)?.pid ?? null };
  },
});

function planUp(args: DockerdArgs, seen: DockerdSeen): Change[] {
  const places = placesOf(args);
  refuseBlind(seen);
  refuseRival(args, seen);
  refuseUnmounted(args, seen);
  const own = ownProcess(places, seen);
  if (!own) return planStart(args, seen);
  if (!seen.answer) {
    const title = `wait until dockerd (pid ${own.pid}) answers on ${places.socket}`;
    return [{ title, before: seen.silence, steps: [awaitStep(places, own.pid, args)], undo: [] }];
  }
  const difference = differenceOf(own.words, places.words);
  return difference === "" || args.on_drift === "report" ? [] : [restart(args, seen, own)];
}

function planStart(args: DockerdArgs, seen: DockerdSeen): Change[] {
  const places = placesOf(args);
  if (seen.socket === "other") refuse(`${places.socket} exists and is no socket`, { expected: "a path where the daemon can make its socket", hint: "remove it, or name another `socket`" });
  const start: Change = {
    title: `start dockerd on ${places.dataRoot}`,
    before: "down",
    after: places.words.join(" "),
    steps: [startStep(places, args)],
    undo: [stopStep(places, args)],
  };
  return [...cleaning(args, seen), start];
}

function restart(args: DockerdArgs, seen: DockerdSeen, own: DockerdProcess): Change {
  const places = placesOf(args);
  const containers = seen.answer?.containers ?? [];
  const aside = containers.length === 0 ? "" : `, and with it ${containers.join(", ")}`;
  const old = placesOfProcess(own, places);
  return {
    title: `restart dockerd (pid ${own.pid})${aside}: it ${differenceOf(own.words, places.words)}`,
    before: own.words.join(" "),
    after: places.words.join(" "),
    steps: [restartStep({ ...old, pid: own.pid }, places, args)],
    undo: [restartStep(places, old, args)],
  };
}

function planDown(args: DockerdArgs, seen: DockerdSeen): Change[] {
  const places = placesOf(args);
  refuseBlind(seen);
  const own = ownProcess(places, seen);
  if (!own) {
    refuseOrphans(args, seen);
    return cleaning(args, seen);
  }
  if (!args.force) refuseBusy(seen, own);
  const containers = seen.answer?.containers ?? [];
  const aside = containers.length === 0 ? "" : `, and before it ${containers.join(", ")}`;
  const title = `stop dockerd (pid ${own.pid}) of ${places.dataRoot}${aside}`;
  const old = placesOfProcess(own, places);
  const undo = [startStep(old, args), ...(containers.length === 0 ? [] : [startContainersStep(old, containers)])];
  return [{ title, before: own.words.join(" "), after: "down", steps: [stopStep(old, args, own.pid)], undo }];
}

/** What a dockerd that did not end by itself has left: its files, which would keep the next one from starting. */
function cleaning(args: DockerdArgs, seen: DockerdSeen): Change[] {
  const { pidFile, socket } = placesOf(args);
  const undo = { impossible: "nobody used it any more" };
  const changes: Change[] = [];
  if (seen.pidFile) {
    const { pid, command } = seen.pidFile;
    const owner = command === "" ? `pid ${pid || "?"} is gone` : `pid ${pid} is ${command}, which is left alone`;
    changes.push({ title: `remove the stale pid file ${pidFile} (${owner})`, steps: [removeStep(pidFile, "the stale pid file")], undo });
  }
  if (seen.socket === "stale") changes.push({ title: `remove the stale socket ${socket}`, steps: [removeStep(socket, "the stale socket")], undo });
  return changes;
}

/** Who cannot see a daemon would take it for dead, and start another one beside it. */
function refuseBlind(seen: DockerdSeen): void {
  if (!seen.asRoot) refuse("a dockerd is looked after by root", { seen: "the task runs as another user, who does not see what root's processes are", hint: "run the task with become: true" });
}

/** Two daemons on one data root destroy it, and two on one socket hide each other. */
function refuseRival(args: DockerdArgs, seen: DockerdSeen): void {
  const places = placesOf(args);
  const rival = rivalProcess(places, seen);
  const hint = "bring that one down first, or give this one places of its own";
  if (rival) refuse(inTheWay(rival), { expected: "one dockerd for a data root, a socket, an exec root and a pid file", seen: rival.words.join(" "), hint });
  if (seen.socket === "served" && !ownProcess(places, seen)) {
    const stranger = seen.answer ? `a daemon whose data root is ${seen.answer.root}` : "it does not answer as a docker daemon does";
    refuse(`another process serves ${places.socket}`, { expected: `a dockerd on ${places.dataRoot}, or nobody`, seen: stranger, hint });
  }
}

function inTheWay({ pid, shares }: Rival): string {
  return `another dockerd (pid ${pid}) uses ${shares.join(" and ")}`;
}

/** A data root whose filesystem is not mounted lies on the disk below it, which would be filled. */
function refuseUnmounted(args: DockerdArgs, seen: DockerdSeen): void {
  const own = ownProcess(placesOf(args), seen);
  const carrier = carrierOf(seen.root, seen.mountpoints);
  const problem = mountProblem(args, carrier);
  if (problem === undefined) return;
  const path = seen.root === args.data_root ? "" : ` (${seen.root} after its symbolic links)`;
  refuse(problem, {
    expected: args.filesystem === undefined ? `a filesystem mounted on ${args.data_root} or on a directory above it` : `a filesystem mounted on ${args.filesystem}`,
    seen: `the data root${path} lies on the filesystem of ${carrier}`,
    hint: own ? `the daemon runs all the same (pid ${own.pid}): bring it down, mount the filesystem, and bring it up again` : "mount it before (an fs task), or set require_mount: false when the data root may lie there",
  });
}

function mountProblem(args: DockerdArgs, carrier: string): string | undefined {
  if (!args.require_mount) return undefined;
  if (args.filesystem !== undefined) return carrier === args.filesystem ? undefined : `the filesystem ${args.filesystem} does not carry the data root ${args.data_root}`;
  return carrier === "/" ? `no filesystem is mounted for the data root ${args.data_root}` : undefined;
}

function refuseBusy(seen: DockerdSeen, own: DockerdProcess): void {
  const hint = "bring the containers down first (a container task with state: down), or set force: true";
  if (!seen.answer) refuse(`dockerd (pid ${own.pid}) does not answer, so nobody knows whether containers run`, { seen: seen.silence, hint: "see its log; set force: true to bring it down all the same" });
  const { containers } = seen.answer;
  if (containers.length > 0) refuse(`${containers.length === 1 ? "a container runs" : "containers run"} on this daemon: ${containers.join(", ")}`, { expected: "no running container", hint });
}

function refuseOrphans(args: DockerdArgs, seen: DockerdSeen): void {
  if (seen.shims === 0) return;
  refuse(`dockerd has died, but ${seen.shims} of its containers still run`, {
    seen: `${seen.shims} containerd-shim processes under ${placesOf(args).execRoot}`,
    hint: "bring the daemon up once more: it stops the containers that it finds running; then bring it down",
  });
}

function stateOf(args: DockerdArgs, seen: DockerdSeen): ResourceState {
  const places = placesOf(args);
  const label = `dockerd@${places.dataRoot}`;
  if (!seen.asRoot) return { state: "warn", label, remarks: ["only root sees whether it runs: become: true"] };
  const own = ownProcess(places, seen);
  const stale = own || !seen.pidFile ? [] : [`the pid file ${places.pidFile} is stale`];
  const worries = [...rivalry(places, seen), ...(own ? worriesUp(args, seen, own) : worriesDown(seen))];
  return {
    state: worries.length > 0 ? "warn" : own ? "up" : "down",
    label,
    remarks: [...(own ? [] : [notRunning]), ...worries, ...stale],
  };
}

function rivalry(places: Places, seen: DockerdSeen): string[] {
  const rival = rivalProcess(places, seen);
  return rival ? [inTheWay(rival)] : [];
}

function worriesDown({ shims }: DockerdSeen): string[] {
  return shims === 0 ? [] : [`dockerd has died, but ${shims} of its containers still run`];
}

function worriesUp(args: DockerdArgs, seen: DockerdSeen, own: DockerdProcess): string[] {
  const places = placesOf(args);
  const difference = differenceOf(own.words, places.words);
  const unmounted = mountProblem(args, carrierOf(seen.root, seen.mountpoints));
  return [
    ...(seen.answer ? [] : [`docker daemon (pid ${own.pid}) does not answer on ${places.socket}`]),
    ...(difference === "" ? [] : [`arguments differ: it ${difference}`]),
    ...(unmounted === undefined ? [] : [unmounted]),
    ...(seen.answer?.liveRestore ? ["live-restore is on, so containers outlive the daemon"] : []),
  ];
}
