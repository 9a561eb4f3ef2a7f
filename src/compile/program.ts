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
  /** The file of the inventory that named it first. */
  readonly source?: string;
}

export interface Play {
  /** "p1", "p2", … */
  readonly id: string;
  readonly name: string;
  readonly at: Position;
  /** Absolute: where its roles, files and templates are looked for. */
  readonly dir: string;
  /** Inventory names in the order in which they run, after --limit. */
  readonly hosts: readonly string[];
  /** The same hosts in the batches of `serial`, one after the other; one batch without it. */
  readonly batches: readonly (readonly string[])[];
  readonly strategy: Strategy;
  /** Of the play itself, and of the roles that it names: every task may use them. */
  readonly variables: readonly Definition[];
  /** By id. */
  readonly roles: Readonly<Record<string, Role>>;
  /** Every task, those of blocks and roles too, in the order of the files. */
  readonly tasks: readonly Task[];
  /** How the tasks follow each other. */
  readonly flow: readonly Part[];
  /** In the order of their definition, which is the order in which they run. */
  readonly handlers: readonly Handler[];
  /** Handlers that were notified run on a host that failed later too. */
  readonly forceHandlers: boolean;
  readonly maxFail?: MaxFail;
  readonly facts: FactsOfPlay;
  /** Raw values that an include brought: the item of its loop. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** The facts that a play names, which each host is asked for before its first task. */
export interface FactsOfPlay {
  /** Under its name they are gathered, and those too that an include names when it is reached. */
  readonly task: Task;
  readonly families: readonly string[];
  /** Seconds. */
  readonly timeout?: number;
}

export type Strategy = "linear" | "free" | "host_pinned";

/** Percentages of hosts that may fail; more than that ends the rollout. */
export interface MaxFail {
  /** Of one batch, as Ansible counts. */
  readonly batch?: number;
  /** Of all hosts of the play. */
  readonly play?: number;
}

/** One step of the way through a play. */
export type Part =
  | { readonly kind: "task"; readonly task: string }
  | Block
  /** Handlers that were notified so far run here, where a section of the play ends. */
  | { readonly kind: "flush"; readonly section: Section };

export type Section = "pre_tasks" | "tasks" | "post_tasks";

export interface Block {
  readonly kind: "block";
  readonly at: Position;
  readonly body: readonly Part[];
  /** For the hosts on which the body failed. */
  readonly rescue: readonly Part[];
  /** For every host that began the body, whatever became of it. */
  readonly always: readonly Part[];
  /** A host that was unreachable is rescued too. */
  readonly rescueUnreachable: boolean;
}

/** A role as one play uses it: what its tasks see beside the play's variables. */
export interface Role {
  /** "p1.r1". */
  readonly id: string;
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Its defaults and vars, and `role_name` and `role_path`. */
  readonly variables: readonly Definition[];
  /** What its caller gave; stronger than what tasks set. */
  readonly parameters: readonly Definition[];
}

/** Absent parts are inherited, and in the end from nothing. */
export interface Become {
  readonly become?: SourceNode;
  readonly user?: SourceNode;
  readonly method?: SourceNode;
}

/** How the host is reached, where the playbook says so; the inventory's variables are stronger. */
export interface Reach {
  readonly connection?: SourceNode;
  readonly port?: SourceNode;
  readonly user?: SourceNode;
}

/** Keywords that plays, roles, blocks and tasks share; a task carries what it inherits. */
export interface Keywords {
  /** All must hold, the outermost first. */
  readonly when: readonly Expression[];
  readonly tags: readonly string[];
  /** Of its blocks and of itself. */
  readonly variables: readonly Definition[];
  /** Mappings, the innermost last. */
  readonly environment: readonly SourceNode[];
  readonly become: Become;
  readonly reach: Reach;
  /** Names of handlers or topics that they listen to. */
  readonly notify: readonly SourceNode[];
  readonly noLog: boolean;
  /** A `no_log` that only a run can decide. */
  readonly hide?: SourceNode;
  readonly ignoreErrors?: SourceNode;
  readonly ignoreUnreachable?: SourceNode;
  readonly anyErrorsFatal?: SourceNode;
  readonly checkMode?: SourceNode;
  readonly diff?: SourceNode;
  /** `true`: once in the play; `batch`: once in each batch. */
  readonly runOnce?: SourceNode;
  /** Hosts at work on it at the same time. */
  readonly throttle?: SourceNode;
  /** Seconds. */
  readonly timeout?: SourceNode;
  readonly delegateTo?: SourceNode;
  readonly delegateFacts?: SourceNode;
  /** The id of the role that it belongs to. */
  readonly role?: string;
}

export interface Task extends Keywords {
  /** "p1.t3"; handlers "p1.h1"; the second task of what "p1.t3" included first: "p1.t3.1.t2". */
  readonly id: string;
  readonly name: string;
  readonly at: Position;
  /** Absolute: of the file that it stands in. */
  readonly dir: string;
  readonly module: string;
  readonly moduleAt: Position;
  readonly args: MappingNode;
  readonly loop?: Loop;
  readonly register?: string;
  readonly until: readonly Expression[];
  /** Tries after the first one. */
  readonly retries?: SourceNode;
  /** Seconds. */
  readonly delay?: SourceNode;
  /** By what the delay grows with each try. */
  readonly backoff?: SourceNode;
  readonly changedWhen?: readonly Expression[];
  readonly failedWhen?: readonly Expression[];
  /** Seconds that it may take, and seconds between two looks at it; a poll of 0 leaves it at work. */
  readonly async?: SourceNode;
  readonly poll?: SourceNode;
  /** Topics of a handler. */
  readonly listen: readonly string[];
  /** It stands in the `rescue` of a block: it runs only when something failed. */
  readonly rescues?: true;
  /** What an `include_…` hands on to the tasks that it brings when it is reached. */
  readonly include?: Include;
}

export type Handler = Task;

export interface Include {
  /** The keywords of the blocks and the play around it, and those under `apply`. */
  readonly keywords: Inherited;
  /** The files that led here, this one last. */
  readonly trail: readonly string[];
}

/** Keywords on their way down to tasks. */
export interface Inherited extends Keywords {
  /** Arguments for each module that has some, the innermost last. */
  readonly moduleDefaults: readonly MappingNode[];
}

export interface Loop {
  /** `loop`, or what follows `with_`. */
  readonly style: string;
  readonly value: SourceNode;
  /** The name of the item. */
  readonly variable: string;
  readonly indexVariable?: string;
  /** What reports show in the place of the item. */
  readonly label?: SourceNode;
  /** Seconds between two turns. */
  readonly pause?: SourceNode;
  /** The loop ends after the turn in which all hold. */
  readonly breakWhen: readonly Expression[];
  /** `ansible_loop` is there. */
  readonly extended: boolean;
  /** It does not hold the list of all items. */
  readonly withoutAll?: true;
}

/** A CEL condition as written; `true` and `false` are kept as their text. */
export interface Expression {
  readonly source: string;
  readonly at: Position;
}
