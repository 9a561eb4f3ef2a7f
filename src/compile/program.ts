import type { Position } from "../core/position.ts";
import type { MappingNode, SourceNode } from "../core/node.ts";
import type { Definition } from "../core/scope.ts";

/** A compiled, checked playbook: plain data with ids and source positions; JSON.stringify prints it. */
export interface Program {
  readonly version: 1;
  /** The playbook's path as it was given. */
  readonly playbook: string;
  readonly plays: readonly Play[];
  /** Every host of every play, by inventory name. */
  readonly hosts: Readonly<Record<string, HostEntry>>;
  /** Variables of every host and play: extra vars and magic ones. */
  readonly variables: readonly Definition[];
}

/** What the inventory says about a host: its variables, strongest last, and the groups that hold it. */
export interface HostEntry {
  readonly name: string;
  readonly groups: readonly string[];
  readonly variables: readonly Definition[];
}

export interface Play {
  /** "p1", "p2", … */
  readonly id: string;
  readonly name: string;
  readonly at: Position;
  /** Inventory names in the order in which they run, after --limit. */
  readonly hosts: readonly string[];
  readonly variables: readonly Definition[];
  readonly become: Become;
  readonly environment: readonly SourceNode[];
  readonly tasks: readonly Task[];
  readonly handlers: readonly Handler[];
}

/** Absent parts are inherited from the play, and there from nothing. */
export interface Become {
  readonly become?: SourceNode;
  readonly user?: SourceNode;
}

export interface Task {
  /** "p1.t3"; handlers "p1.h1". */
  readonly id: string;
  readonly name: string;
  readonly at: Position;
  readonly module: string;
  readonly moduleAt: Position;
  readonly args: MappingNode;
  readonly variables: readonly Definition[];
  /** All must hold. */
  readonly when: readonly Expression[];
  readonly loop?: SourceNode;
  readonly register?: string;
  readonly until: readonly Expression[];
  /** Tries after the first one. */
  readonly retries?: SourceNode;
  /** Seconds. */
  readonly delay?: SourceNode;
  readonly changedWhen?: readonly Expression[];
  readonly failedWhen?: readonly Expression[];
  readonly ignoreErrors?: SourceNode;
  /** Ids of the handlers. */
  readonly notify: readonly string[];
  readonly environment: readonly SourceNode[];
  readonly become: Become;
  readonly noLog: boolean;
  /** Seconds. */
  readonly timeout?: SourceNode;
  readonly tags: readonly string[];
}

export type Handler = Task;

/** A CEL condition as written; `true` and `false` are kept as their text. */
export interface Expression {
  readonly source: string;
  readonly at: Position;
}
