import type { Sink } from "./events/emitter.ts";
import type { Mode } from "./events/event.ts";
import type { Secret } from "./core/secret.ts";
import type { Program } from "./compile/program.ts";

/** What a person asked for, as the command line or the server hands it over. */
export interface RunRequest {
  readonly playbook: string;
  /** Each a file, a directory, or a list with a comma. */
  readonly inventories: readonly string[];
  /** As typed after -e. */
  readonly extraVars: readonly string[];
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly limit?: string;
  readonly mode: Mode;
  readonly diff: boolean;
  /** Hosts at work at the same time. */
  readonly forks: number;
  readonly becomePassword?: Secret;
  readonly connectionPassword?: Secret;
}

/** Load and compile: every error of the input comes from here, before any host is contacted. */
export declare function prepare(request: RunRequest): Promise<Program>;

/**
 * Run a program on its hosts. Resolves with the exit code when every connection is closed; aborting the signal stops
 * what runs on the hosts and ends the run as interrupted.
 */
export declare function runProgram(
  program: Program,
  request: RunRequest,
  options: { readonly sinks: readonly Sink[]; readonly runId: string; readonly stateDir: string; readonly signal: AbortSignal },
): Promise<{ readonly exitCode: number }>;
