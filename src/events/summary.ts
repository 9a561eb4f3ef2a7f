import { exitCodes, type Problem } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import type { Event, HostTaskEnd, HostTaskStart, Mode, Result, RunEnd, RunStart, Status, TaskLabel, TasksAdded } from "./event.ts";

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
  /** Names of plays, by id. */
  readonly plays: Readonly<Record<string, string>>;
  /** Plays through which each host goes at its own pace, by id. */
  readonly apart: readonly string[];
  /** Tasks and handlers, by id; in the order of the playbook, what was included behind its include. */
  readonly tasks: Readonly<Record<string, TaskLabel>>;
  /** The task that each host began last, by the name under which it did. */
  readonly begun: Readonly<Record<string, Begun>>;
  /** Tasks that failed or were unreachable, in the order in which that was seen. */
  readonly failures: readonly NamedEnd[];
  /** `status`: the lines of each host. */
  readonly states: Readonly<Record<string, readonly StateLine[]>>;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly exitCode?: number;
  readonly interrupted: boolean;
  readonly roundTrips: Readonly<Record<string, number>>;
  /** What ended the run before its time. */
  readonly problems: readonly Problem[];
}

/** What a host is at, or was at last. */
export type Begun = Pick<HostTaskStart, "task" | "name" | "on">;

/** A task's end with its name as its host renders it, without templates, and who did the work in the host's place. */
export type NamedEnd = HostTaskEnd & Pick<Begun, "name" | "on">;

/** One resource of a host in `status`. */
export interface StateLine {
  /** As OpenSVC names them: the module, and which one of its kind it is on this host: `fs#2`. */
  readonly resource: string;
  /** The task's name. */
  readonly task: string;
  readonly state: State;
  readonly label: string;
  readonly remarks: readonly string[];
}

export type State = "up" | "down" | "warn" | "n/a";

export function emptySummary(): Summary {
  const nothing = { hosts: {}, plays: {}, apart: [], tasks: {}, begun: {}, failures: [], states: {}, roundTrips: {}, problems: [] };
  return { run: "", playbook: "", mode: "run", interrupted: false, ...nothing };
}

/**
 * The summary after one more event. The one that was given is used up: what it tells of a host changes in place, for a copy
 * of all hosts with each event would cost hosts × hosts.
 */
export function fold(summary: Summary, event: Event): Summary {
  switch (event.type) {
    case "run:start":
      return { ...begun(event), startedAt: event.time };
    case "tasks:added":
      return { ...summary, tasks: withAdded(summary.tasks, event) };
    case "host:start":
      growing(summary).begun[event.host] = event;
      return summary;
    case "host:end":
      return withResult(summary, named(summary, event));
    case "run:end":
      return { ...summary, ...ending(event), endedAt: event.time };
    case "play:start":
    case "play:end":
    case "task:start":
    case "output":
    case "step:start":
    case "step:end":
    case "retry":
    case "handler:notified":
    case "warning":
      return summary;
    default:
      event satisfies never;
      return summary;
  }
}

/** How a run ended, beside what its tasks came to. */
export type Ending = Pick<Summary, "interrupted" | "problems">;

/**
 * The exit code, as ansible-playbook gives it: 0, 2 when a task failed, 4 when a host was unreachable and none failed,
 * 99 when interrupted, 250 for a bug of ours; that of the first problem when one ended the run before its time.
 * `status` gives 3 when every host was seen but not everything is up.
 */
export function exitCodeOf(summary: Summary, { interrupted, problems }: Ending): number {
  const counts = Object.values(summary.hosts);
  if (problems[0]) return exitCodes[problems[0].code];
  if (interrupted) return exitCodes.E_INTERRUPTED;
  if (summary.failures.some((failure) => failure.result.problem?.code === "E_BUG")) return exitCodes.E_BUG;
  if (counts.some((count) => count.failed > 0)) return 2;
  if (counts.some((count) => count.unreachable > 0)) return 4;
  if (summary.mode !== "status") return 0;
  return Object.values(summary.states).every((lines) => ["up", "n/a"].includes(overall(lines.map((line) => line.state)))) ? 0 : 3;
}

/** OpenSVC's table, less its standby states. It is commutative and associative: the order of resources does not matter. */
const merged: Readonly<Record<State, Readonly<Record<State, State>>>> = {
  up: { up: "up", down: "warn", warn: "warn", "n/a": "up" },
  down: { up: "warn", down: "down", warn: "warn", "n/a": "down" },
  warn: { up: "warn", down: "warn", warn: "warn", "n/a": "warn" },
  "n/a": { up: "up", down: "down", warn: "warn", "n/a": "n/a" },
};

/** States folded to one; no state at all is n/a. */
export function overall(states: readonly State[]): State {
  return states.reduce((left, right) => merged[left][right], "n/a");
}

const noCounts: Counts = { ok: 0, changed: 0, skipped: 0, failed: 0, unreachable: 0, rescued: 0, ignored: 0, unknown: 0 };

function begun(event: RunStart): Summary {
  const { run, playbook, mode, hosts, plays } = event;
  return {
    ...emptySummary(),
    run,
    playbook,
    mode,
    hosts: Object.fromEntries(hosts.map((host) => [host, noCounts])),
    plays: Object.fromEntries(plays.map(({ play, name }) => [play, name])),
    apart: plays.flatMap(({ play, strategy }) => (strategy === undefined ? [] : [play])),
    tasks: Object.fromEntries(plays.flatMap((play) => play.tasks.map((label) => [label.task, label]))),
  };
}

function ending({ exitCode, interrupted, roundTrips, problems = [] }: RunEnd): Partial<Summary> {
  return { exitCode, interrupted, roundTrips, problems };
}

/** What was included stands behind its include, and behind what that had brought before. */
function withAdded(tasks: Summary["tasks"], { by, tasks: added }: TasksAdded): Summary["tasks"] {
  const known = Object.values(tasks);
  const last = known.findLastIndex(({ task }) => task === by || task.startsWith(`${by}.`));
  const all = last < 0 ? [...known, ...added] : [...known.slice(0, last + 1), ...added, ...known.slice(last + 1)];
  return Object.fromEntries(all.map((label) => [label.task, label]));
}

/** The event with the name under which its host began the task; else with the one that the playbook gives. */
export function named(summary: Summary, event: HostTaskEnd): NamedEnd {
  const begun = summary.begun[event.host];
  if (begun?.task !== event.task) return { ...event, name: summary.tasks[event.task]?.name ?? event.task };
  return { ...event, name: begun.name, ...(begun.on === undefined ? {} : { on: begun.on }) };
}

/** A summary while it is added to. */
interface Growing {
  readonly hosts: Record<string, Counts>;
  readonly begun: Record<string, Begun>;
  readonly failures: NamedEnd[];
  readonly states: Record<string, StateLine[]>;
}

function growing(summary: Summary): Growing {
  return summary as unknown as Growing;
}

function withResult(summary: Summary, event: NamedEnd): Summary {
  const { host, task, result } = event;
  const { hosts, failures, states } = growing(summary);
  hosts[host] = counted(hosts[host] ?? noCounts, result);
  if (result.status === "failed" || result.status === "unreachable") failures.push(event);
  if (summary.mode !== "status") return summary;
  const lines = stateLines(summary.tasks[task]?.kind, event.name, result);
  if (lines.length > 0) (states[host] ??= []).push(...numbered(states[host] ?? [], summary.tasks[task]?.module ?? task, lines));
  return summary;
}

/** As ansible-playbook counts: what changed or was ignored is ok too, and what was ignored may have changed something; what was rescued is not ok. */
function counted(counts: Counts, { status, alsoChanged }: Result): Counts {
  const alsoOk = status === "changed" || status === "ignored" ? { ok: counts.ok + 1 } : {};
  const changedToo = status === "ignored" && alsoChanged ? { changed: counts.changed + 1 } : {};
  return { ...counts, ...alsoOk, ...changedToo, [status]: counts[status] + 1 };
}

type UnnumberedLine = Omit<StateLine, "resource">;

function numbered(before: readonly StateLine[], module: string, lines: readonly UnnumberedLine[]): StateLine[] {
  const last = before.filter(({ resource }) => resource.startsWith(`${module}#`)).length;
  return lines.map((line, index) => ({ resource: `${module}#${last + index + 1}`, ...line }));
}

/** The lines of a task: one for each item of its loop, or one; none for what is no resource. */
function stateLines(kind: TaskLabel["kind"], name: string, result: Result): UnnumberedLine[] {
  if (result.items && result.items.length > 0) return result.items.flatMap((item, index) => stateLines(kind, `${name} (${itemName(item.item, index)})`, item));
  const state = result.state ?? stateWithoutLook(kind, result);
  return state ? [{ task: name, ...state }] : [];
}

/** A list or a mapping is too long for a name; the label beside it tells which one it is. */
function itemName(item: Json | undefined, index: number): string {
  return typeof item === "object" || item === undefined ? String(index + 1) : String(item);
}

/** What could not be looked at is a warning; a resource that has no part here is named, and does not count. */
function stateWithoutLook(kind: TaskLabel["kind"], result: Result): Result["state"] {
  if (result.status === "failed") return { state: "warn", label: "", remarks: [result.problem?.message ?? "could not be looked at"] };
  if (kind !== "resource") return undefined;
  if (result.status === "unknown") return { state: "warn", label: "", remarks: [result.message ?? "unknown"] };
  if (result.status !== "skipped") return undefined;
  return { state: "n/a", label: "", remarks: result.message === undefined ? [] : [result.message] };
}
