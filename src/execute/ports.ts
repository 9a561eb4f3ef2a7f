import type { JsonObject } from "../core/json.ts";
import type { Script } from "../core/sh.ts";
import type { Definition } from "../core/scope.ts";
import type { Redactor, Secret } from "../core/secret.ts";
import type { LocalFile } from "../core/step.ts";
import type { Body, Mode } from "../events/event.ts";
import type { Expansion, Reached } from "../compile/expand.ts";
import type { HostEntry } from "../compile/program.ts";
import type { Registry } from "../modules/contract.ts";
import type { Lookups } from "../template/lookups.ts";
import type { Target, Transport } from "../transport/transport.ts";
import type { Kept } from "./kept.ts";

/** Everything outside the engine that a run needs; handed in, so that the engine imports none of it. */
export interface Ports {
  readonly transport: Transport;
  /** Where a host is, from its rendered connection variables; throws for variables that make no sense. */
  readonly targetOf: (host: string, variables: Readonly<Record<string, unknown>>) => Target;
  readonly registry: Registry;
  readonly inventory: {
    /** Every host of the inventory, those too that no play names. */
    readonly names: readonly string[];
    readonly host: (name: string) => HostEntry | undefined;
    /** The hosts of a pattern; --limit counts for nothing here. */
    readonly select: (pattern: string) => readonly string[];
  };
  readonly files: {
    /** A file on the controller by the path that a task names, looked for in these directories; E_FILE when there is none. */
    readonly localFile: (path: string, places: readonly string[]) => Promise<LocalFile>;
    /** The text of a template and the path that its errors name. */
    readonly template: (path: string, places: readonly string[]) => Promise<{ readonly text: string; readonly file: string }>;
  };
  readonly project: {
    /** The tasks of an include that has been reached. */
    readonly expand: (reached: Reached) => Promise<Expansion>;
    /** The variables of the first of these files that is there; of each file of the first directory that is, by name. */
    readonly variables: (wanted: { readonly paths: readonly string[]; readonly isDirectory: boolean; readonly ignore: readonly string[] }) => Promise<readonly Definition[]>;
  };
  /** How facts are gathered: the script that tells them, and what its output says. */
  readonly facts: {
    readonly script: (families: readonly string[]) => Script;
    readonly values: (output: string, families: readonly string[]) => ObservedFacts;
  };
  /** What `lookup(…)` and `{{> partial }}` read from, with the directories where files are looked for first; templates have none of them without it. */
  readonly lookups?: (places: readonly string[]) => Lookups;
  readonly emit: (body: Body) => void;
  readonly redactor: Redactor;
}

/** Facts by family, and the same by Ansible's names. */
export interface ObservedFacts {
  readonly facts: JsonObject;
  readonly ansible_facts: JsonObject;
}

export interface RunOptions {
  readonly run: string;
  readonly mode: Mode;
  /** Hosts at work at the same time. */
  readonly forks: number;
  readonly becomePassword?: Secret;
  /** Asks a person whether a task is to be done; without it every one is. */
  readonly confirm?: (task: string) => Promise<boolean>;
  /** Asks the person at the terminal for a line, shown as it is typed or not; absent where there is nobody. */
  readonly ask?: (question: string, echo: boolean) => Promise<string>;
  /** What holds where neither the playbook nor the inventory says anything of it. */
  readonly become?: BecomeChoice;
  readonly signal: AbortSignal;
  /** `false`: every look is taken by itself, when its task is reached. What the run comes to is the same. */
  readonly lookAhead?: boolean;
}

export interface BecomeChoice {
  readonly become?: boolean;
  readonly user?: string;
  readonly method?: string;
}

/** What every part of the engine gets, in one hand. */
export interface Engine {
  readonly ports: Ports;
  readonly options: RunOptions;
  readonly kept: Kept;
}
