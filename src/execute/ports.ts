import type { Redactor, Secret } from "../core/secret.ts";
import type { LocalFile } from "../core/step.ts";
import type { Body, Mode } from "../events/event.ts";
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
  readonly files: {
    /** A file on the controller by the path that a task names; E_FILE when there is none. */
    readonly localFile: (path: string) => Promise<LocalFile>;
    /** The text of a template and the path that its errors name. */
    readonly template: (path: string) => Promise<{ readonly text: string; readonly file: string }>;
  };
  /** What `lookup(…)` and `{{> partial }}` read from; templates have none of them without it. */
  readonly lookups?: Lookups;
  readonly emit: (body: Body) => void;
  readonly redactor: Redactor;
}

export interface RunOptions {
  readonly run: string;
  readonly mode: Mode;
  /** Hosts at work at the same time. */
  readonly forks: number;
  readonly becomePassword?: Secret;
  readonly signal: AbortSignal;
}

/** What every part of the engine gets, in one hand. */
export interface Engine {
  readonly ports: Ports;
  readonly options: RunOptions;
  readonly kept: Kept;
}
