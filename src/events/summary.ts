import type { Event, HostTaskEnd, Mode, Result, Status } from "./event.ts";

/** How often a host's tasks came to each status; `unknown` only in check mode. */
export type Counts = Readonly<Record<Status, number>>;

/** The columns of the recap, in Ansible's order. */
export const recapColumns = ["ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored"] as const satisfies readonly Status[];

/** Everything that reports and the exit code need to know of a run; a fold over its events. */
export interface Summary {
  readonly run: string;
  readonly playbook: string;
  readonly mode: Mode;
  readonly hosts: Readonly<Record<string, Counts>>;
  /** Task ids to names. */
  readonly names: Readonly<Record<string, string>>;
  /** Tasks that failed or were unreachable, in the order in which that was seen. */
  readonly failures: readonly HostTaskEnd[];
  /** `status`: the lines of each host. */
  readonly states: Readonly<Record<string, readonly StateLine[]>>;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly exitCode?: number;
  readonly interrupted: boolean;
  readonly roundTrips: Readonly<Record<string, number>>;
}

/** One resource of a host in `status`. */
export interface StateLine {
  /** The task's name. */
  readonly task: string;
  readonly state: State;
  readonly label: string;
  readonly remarks: readonly string[];
}

export type State = "up" | "down" | "warn" | "n/a";

export function emptySummary(): Summary {
  return { run: "", playbook: "", mode: "run", hosts: {}, names: {}, failures: [], states: {}, interrupted: false, roundTrips: {} };
}

/** The summary after one more event. */
export function fold(summary: Summary, event: Event): Summary {
  switch (event.type) {
    case "run:start": {
      const hosts = Object.fromEntries(event.hosts.map((host) => [host, noCounts]));
      const names = Object.fromEntries(event.plays.flatMap((play) => play.tasks.map((task) => [task.task, task.name])));
      return { ...emptySummary(), names, run: event.run, playbook: event.playbook, mode: event.mode, hosts, startedAt: event.time };
    }
    case "host:end":
      return withResult(summary, event);
    case "run:end":
      return { ...summary, endedAt: event.time, exitCode: event.exitCode, interrupted: event.interrupted, roundTrips: event.roundTrips };
    case "play:start":
    case "play:end":
    case "task:start":
    case "host:start":
    case "output":
    case "step:start":
    case "step:end":
    case "retry":
    case "handler:notified":
    case "warning":
      return summary;
    default:
      return event satisfies never;
  }
}

/**
 * The exit code, as ansible-playbook gives it: 0, 2 when a task failed, 4 when a host was unreachable and none failed,
 * 99 when interrupted. `status` gives 3 when every host was seen but not everything is up.
 */
export function exitCodeOf(summary: Summary, interrupted: boolean): number {
  const counts = Object.values(summary.hosts);
  if (interrupted) return 99;
  if (counts.some((count) => count.failed > 0)) return 2;
  if (counts.some((count) => count.unreachable > 0)) return 4;
  if (summary.mode !== "status") return 0;
  return Object.values(summary.states).every((lines) => ["up", "n/a"].includes(overall(lines.map((line) => line.state)))) ? 0 : 3;
}

/** States folded to one by OpenSVC's table: n/a is neutral, and what differs is a warning. */
export function overall(states: readonly State[]): State {
  return states.reduce((left, right) => (left === "n/a" ? right : right === "n/a" || left === right ? left : "warn"), "n/a");
}

const noCounts: Counts = { ok: 0, changed: 0, skipped: 0, failed: 0, unreachable: 0, rescued: 0, ignored: 0, unknown: 0 };

function withResult(summary: Summary, event: HostTaskEnd): Summary {
  const { host, result } = event;
  const bad = result.status === "failed" || result.status === "unreachable";
  return {
    ...summary,
    hosts: { ...summary.hosts, [host]: counted(summary.hosts[host] ?? noCounts, result.status) },
    failures: bad ? [...summary.failures, event] : summary.failures,
    states: result.state || result.items ? { ...summary.states, [host]: [...(summary.states[host] ?? []), ...linesOf(summary.names[event.task] ?? event.task, result)] } : summary.states,
  };
}

/** As in Ansible's recap: what changed or was ignored is ok too. */
function counted(counts: Counts, status: Status): Counts {
  const alsoOk = status === "changed" || status === "ignored" || status === "rescued" ? { ok: counts.ok + 1 } : {};
  return { ...counts, ...alsoOk, [status]: counts[status] + 1 };
}

function linesOf(task: string, result: Result): StateLine[] {
  if (result.items) return result.items.flatMap((item) => linesOf(`${task} ${JSON.stringify(item.item)}`, item));
  return result.state ? [{ task, ...result.state }] : [];
}
