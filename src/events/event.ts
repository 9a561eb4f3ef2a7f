import type { Json, JsonObject } from "../core/json.ts";
import type { Problem } from "../core/errors.ts";
import type { Position } from "../core/position.ts";

/** The version of this schema; it changes when a reader of the old one could be misled. */
export const eventVersion = 1;

/** Every event carries the time at which it was emitted (ISO 8601, UTC) and a number that counts up from 1 in a run. */
export type Event = Body & { readonly time: string; readonly sequence: number };

/** What happened. All of it is plain JSON; secrets are gone before an event exists. */
export type Body =
  | RunStart
  | RunEnd
  | PlayStart
  | PlayEnd
  | TaskStart
  | TasksAdded
  | HostTaskStart
  | Output
  | StepStart
  | StepEnd
  | HostTaskEnd
  | Retry
  | HandlerNotified
  | Warning;

export type Mode = "run" | "check" | "status" | "down";

/** First event of a run: before any host is contacted. */
export interface RunStart {
  readonly type: "run:start";
  readonly version: typeof eventVersion;
  readonly run: string;
  readonly bowline: string;
  readonly playbook: string;
  readonly mode: Mode;
  readonly hosts: readonly string[];
  /** The tree that reporters show: it is known before the run starts. */
  readonly plays: readonly PlayLabel[];
}

export interface PlayLabel {
  readonly play: string;
  readonly name: string;
  readonly hosts: readonly string[];
  /** Where the hosts do not go side by side, but each at its own pace: events of several tasks mix. */
  readonly strategy?: "free" | "host_pinned";
  readonly tasks: readonly TaskLabel[];
}

export interface TaskLabel {
  readonly task: string;
  readonly name: string;
  readonly module: string;
  /** What the module is. */
  readonly kind?: "resource" | "action" | "control";
  readonly handler: boolean;
  readonly at: Position;
}

/** Last event of a run: after every connection is closed. */
export interface RunEnd {
  readonly type: "run:end";
  readonly exitCode: number;
  readonly interrupted: boolean;
  /** Round trips for each host, the handshake not counted. */
  readonly roundTrips: Readonly<Record<string, number>>;
  /** What ended the run before its time (a bug of ours, a full disk under the journal). */
  readonly problems?: readonly Problem[];
}

/** Before the first task of a play. */
export interface PlayStart {
  readonly type: "play:start";
  readonly play: string;
}

/** After the last task and handler of a play. */
export interface PlayEnd {
  readonly type: "play:end";
  readonly play: string;
}

/** Before the first host begins a task. */
export interface TaskStart {
  readonly type: "task:start";
  readonly play: string;
  readonly task: string;
}

/** One host begins a task; `name` is the task's name with its templates rendered for this host. */
export interface HostTaskStart {
  readonly type: "host:start";
  readonly play: string;
  readonly task: string;
  readonly host: string;
  readonly name: string;
  /** The host that does the work in its place. */
  readonly on?: string;
}

/** An include brought tasks, and handlers, that were not known when the run started. */
export interface TasksAdded {
  readonly type: "tasks:added";
  readonly play: string;
  /** The include. */
  readonly by: string;
  readonly tasks: readonly TaskLabel[];
}

/** A line of output of a running step, without its newline. */
export interface Output {
  readonly type: "output";
  readonly task: string;
  readonly host: string;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** Written before a step that changes the host is sent, with what would take it back. */
export interface StepStart {
  readonly type: "step:start";
  readonly task: string;
  readonly host: string;
  readonly item?: Json;
  readonly change: string;
  readonly undo: Json;
}

/** The steps of a change came back, whether they succeeded or not. */
export interface StepEnd {
  readonly type: "step:end";
  readonly task: string;
  readonly host: string;
  readonly change: string;
  readonly ok: boolean;
  /** False when an earlier change failed first, so that the host has run nothing of this one. */
  readonly begun?: false;
}

export type Status = "ok" | "changed" | "skipped" | "failed" | "unreachable" | "rescued" | "ignored" | "unknown";

/** A host is done with a task; a loop has one `items` entry for each item. */
export interface HostTaskEnd {
  readonly type: "host:end";
  readonly play: string;
  readonly task: string;
  readonly host: string;
  readonly result: Result;
}

/** What a task came to on a host, or one item of its loop. */
export interface Result {
  readonly status: Status;
  readonly item?: Json;
  readonly changes: readonly ChangeReport[];
  /** It did not succeed, and something was changed, or may have been, before that. */
  readonly alsoChanged?: true;
  /** One line for people. */
  readonly message?: string;
  /** Why it failed, was unreachable, was ignored or is unknown. */
  readonly problem?: Problem;
  /** The step that failed: what ran, its exit code and the end of its output. */
  readonly failedStep?: { readonly title: string; readonly code: number; readonly stdout: string; readonly stderr: string };
  /** `status` only. */
  readonly state?: { readonly state: "up" | "down" | "warn" | "n/a"; readonly label: string; readonly remarks: readonly string[] };
  /** What `register` sees; absent under no_log. */
  readonly data?: JsonObject;
  readonly items?: readonly Result[];
  /** The task itself asks for its diff. */
  readonly showDiff?: true;
  /** Seconds. */
  readonly elapsed: number;
}

/** A change that was made, or in check mode would be made. */
export interface ChangeReport {
  readonly title: string;
  readonly before?: Json;
  readonly after?: Json;
  readonly diff?: { readonly path: string; readonly before: string; readonly after: string };
}

/** A task with `until` is tried again in `delay` seconds. */
export interface Retry {
  readonly type: "retry";
  readonly task: string;
  readonly host: string;
  readonly attempt: number;
  readonly attempts: number;
  readonly delay: number;
}

/** A changed task notified a handler on a host. */
export interface HandlerNotified {
  readonly type: "handler:notified";
  readonly play: string;
  readonly host: string;
  readonly handler: string;
  readonly by: string;
}

/** Something that a person should know and that stops nothing. */
export interface Warning {
  readonly type: "warning";
  readonly message: string;
  readonly host?: string;
  readonly hint?: string;
  /** Only for people who ask for more, with -v. */
  readonly minor?: true;
}
