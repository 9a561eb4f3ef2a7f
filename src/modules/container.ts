import { defineResource, type Change, type ResourceState } from "./contract.ts";
import { containerArgs, type ContainerArgs } from "./_container_args.ts";
import { containerExamples, containerNotes } from "./_container_doc.ts";
import { differencesOf } from "./_container_drift.ts";
import { refuseUnmakeable, refuseUnstartable } from "./_container_refuse.ts";
import { asideName, isUp, observeContainer, parseContainer, type ContainerSeen, type Inspected } from "./_container_seen.ts";
import { containerRules } from "./_container_spec.ts";
import { awaitStep, createStep, discardStep, pauseStep, recreateStep, removeStep, startStep, stopStep, unpauseStep } from "./_container_steps.ts";
import { refuseHidden, refuseSilence, shortId, silentState } from "./_docker.ts";

export const container = defineResource({
  name: "container",
  summary: "Run a docker container as described, stop it, or remove it.",
  notes: containerNotes,
  args: containerArgs,
  examples: containerExamples,
  otherNames: {
    published_ports: "ports", publish: "ports", restart_policy: "restart", network_mode: "network", working_dir: "workdir", docker_host: "socket",
    capabilities: "cap_add", etc_hosts: "extra_hosts", dns_servers: "dns", mounts: "volumes", environment: "env", run_image: "image", run_command: "command",
    log_options: "log_opts", pid_mode: "pid", ipc_mode: "ipc", groups: "group_add", security_opts: "security_opt", recreate: "on_drift", stop_time: "stop_timeout",
  },
  rules: containerRules,
  observe: observeContainer,
  parse: parseContainer,
  plan: (args, seen) => plans[args.state](args, seen),
  down: (args) => ({ ...args, state: "down" as const }),
  state: stateOf,
  result: (_args, { container: c }) => ({ exists: c !== undefined, ...(c ? { id: c.Id, image: c.Image, status: c.State.Status, exit_code: c.State.ExitCode } : {}) }),
});

const plans = { up: planUp, down: planDown, absent: planAbsent } satisfies Record<ContainerArgs["state"], unknown>;

function planUp(args: ContainerArgs, seen: ContainerSeen): Change[] {
  refuseSilence(args.socket, seen.daemon);
  const { container: present, aside } = seen;
  const proven = isUp(present) && seen.notReady === undefined;
  if (aside && !proven) {
    refuseUnmakeable(args, seen);
    return [recreate(args, aside, "a recreation was interrupted")];
  }
  if (!present) {
    refuseUnmakeable(args, seen);
    return [create(args)];
  }
  const differences = differencesOf(args, seen);
  if (differences.length > 0 && args.on_drift === "recreate") {
    refuseUnmakeable(args, seen);
    return [recreate(args, aside ?? present, differences.join("; "))];
  }
  if (aside) return taken(args, aside, "left by a recreation");
  if (!isUp(present)) {
    refuseUnstartable(args, seen);
    return [start(args, present)];
  }
  return proven ? [] : [{ title: `wait until the container ${args.name} is ready`, before: seen.notReady ?? "", steps: [awaitStep(args)], undo: [] }];
}

/** Containers end with their daemon, so without one there is nothing to stop; one that hides may hold them. */
function planDown(args: ContainerArgs, seen: ContainerSeen): Change[] {
  refuseHidden(args.socket, seen.daemon);
  return [seen.container, seen.aside].flatMap((one) => (one?.State.Running ? [stop(args, one)] : []));
}

function planAbsent(args: ContainerArgs, seen: ContainerSeen): Change[] {
  refuseSilence(args.socket, seen.daemon);
  return [seen.container, seen.aside].flatMap((one) => (one ? taken(args, one, one.State.Status) : []));
}

/** Stopped if need be, and removed; docker itself removes what was run with --rm. */
function taken(args: ContainerArgs, one: Inspected, why: string): Change[] {
  const { Running: runs } = one.State;
  return [...(runs ? [stop(args, one)] : []), ...(runs && one.HostConfig.AutoRemove ? [] : [remove(args, one, why)])];
}

function create(args: ContainerArgs): Change {
  return { title: `run the container ${args.name} from ${args.image}`, before: "absent", after: "up", steps: [createStep(args)], undo: [discardStep(args)] };
}

function start(args: ContainerArgs, { State }: Inspected): Change {
  const title = `${State.Paused ? "unpause" : "start"} the container ${args.name}`;
  const steps = State.Paused ? [unpauseStep(args), awaitStep(args)] : [startStep(args)];
  const undo = State.Paused ? [pauseStep(args)] : State.Running ? [] : [stopStep(args, args.name)];
  return { title, before: State.Status === "exited" ? `exited with code ${State.ExitCode}` : State.Status, after: "up", steps, undo };
}

function recreate(args: ContainerArgs, old: Inspected, why: string): Change {
  const title = `recreate the container ${args.name} from ${args.image}: ${why}`;
  return { title, before: shortId(old.Id), after: "up", steps: [recreateStep(args, old)], undo: { impossible: `the old container ${shortId(old.Id)} is gone; a run with its arguments makes it again` } };
}

function stop(args: ContainerArgs, one: Inspected): Change {
  const name = one.Name.slice(1);
  const undo = one.HostConfig.AutoRemove ? { impossible: "docker removes it when it stops" } : name === args.name ? [startStep(args)] : [];
  return { title: `stop the container ${name}`, before: "up", after: "down", steps: [stopStep(args, name)], undo };
}

function remove(args: ContainerArgs, one: Inspected, why: string): Change {
  const name = one.Name.slice(1);
  return { title: `remove the container ${name}`, before: why, after: "absent", steps: [removeStep(args, name)], undo: { impossible: "its own filesystem is gone; its volumes are kept" } };
}

/** The line of status as OpenSVC printed it: the image's name, and before it the container's id once there is one. */
function stateOf(args: ContainerArgs, seen: ContainerSeen): ResourceState {
  const { container: present, daemon } = seen;
  const label = `${present ? `${shortId(present.Id)}@` : ""}${imageName(args, seen)}`;
  if (!daemon.answers) return { label, ...silentState(args.socket, daemon) };
  if (!present) return { state: "down", label, remarks: ["can not find container id"] };
  const drift = args.image === undefined ? [] : differencesOf(args, seen);
  const remarks = [...drift, ...oddities(args, seen, present)];
  if (remarks.length > 0) return { state: "warn", label, remarks };
  return { state: isUp(present) ? "up" : "down", label, remarks };
}

function imageName(args: ContainerArgs, { image, container: present }: ContainerSeen): string {
  const name = args.image ?? present?.Config.Image ?? args.name;
  const isId = image !== undefined && /^(sha256:)?[0-9a-f]{12,64}$/.test(name) && image.Id.replace(/^sha256:/, "").startsWith(name.replace(/^sha256:/, ""));
  return isId ? (image.RepoTags?.[0] ?? name) : name;
}

function oddities(args: ContainerArgs, seen: ContainerSeen, { State }: Inspected): string[] {
  return [
    ...(State.Restarting ? [`it ends and is restarted again and again, last with exit code ${State.ExitCode}`] : []),
    ...(State.Paused ? ["it is paused"] : []),
    ...(seen.notReady === undefined ? [] : [`not ready: ${seen.notReady}`]),
    ...(seen.aside ? [`${asideName(args.name)} is left by a recreation`] : []),
  ];
}
