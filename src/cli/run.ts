import { BowlineError } from "../core/errors.ts";
import type { Mode } from "../events/event.ts";
import { prepare, type RunRequest } from "../pipeline.ts";
import type { Cli } from "./cli.ts";
import { reachOf } from "./connection-options.ts";
import { inventorySources } from "./inventory-sources.ts";
import { keyringOf } from "./keys.ts";
import { listing } from "./listing.ts";
import type { CommonOptions, RunOptions } from "./options.ts";
import { askedPasswords } from "./passwords.ts";
import { answerTo, defaultAnswer } from "./prompts.ts";
import { reported } from "./reported.ts";
import { rolesPath } from "./roles-path.ts";
import { checkStep } from "./step.ts";

/** A command line of `run`, `status` or `down`. */
export interface RunCommand {
  readonly playbook: string;
  readonly options: RunOptions;
  readonly mode: Mode;
}

/** `run`, `run --check`, `status` and `down`: from the command line to the exit code. */
export async function run(command: RunCommand, cli: Cli): Promise<number> {
  const { options } = command;
  const listsOnly = options.syntaxCheck || options.listHosts || options.listTasks || options.listTags;
  if (options.flushCache) throw new BowlineError({ code: "E_OPTIONS", message: "--flush-cache: there is nothing to flush", hint: "leave it out: facts are asked of a host when a task first names them, and never kept" });
  if (options.step && !listsOnly) checkStep();
  const keyring = await keyringOf(options);
  const request = { ...requestOf(command, cli), keyring, ...(listsOnly ? { ask: defaultAnswer } : await askedPasswords(options)) };
  const prepared = await prepare(request);
  if (!listsOnly) return reported(request, prepared, options, cli);
  for (const warning of prepared.warnings) cli.terminal.stderr(`warning: ${warning}\n`);
  cli.terminal.write(listing(prepared, options));
  return 0;
}

function requestOf({ playbook, options, mode }: RunCommand, cli: Cli): RunRequest {
  return {
    playbook,
    tags: options.tags,
    skipTags: options.skipTags,
    mode,
    ...commonRequest(options, cli),
    ...(options.forceHandlers === undefined ? {} : { forceHandlers: options.forceHandlers }),
    ...(options.lookAhead === undefined ? {} : { lookAhead: options.lookAhead }),
    ...(options.startAtTask === undefined ? {} : { startAt: options.startAtTask }),
  };
}

/** What `exec` is asked in the same words. */
export function commonRequest(options: CommonOptions, cli: Cli): Omit<RunRequest, "playbook" | "tags" | "skipTags" | "mode"> {
  return {
    inventories: inventorySources(options.inventory),
    extraVars: options.extraVars,
    diff: options.diff ?? false,
    forks: options.forks,
    startRate: options.startRate,
    verbosity: options.verbose,
    version: cli.version,
    rolesPath: rolesPath(),
    ask: answerTo,
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    ...reachOf(options),
  };
}
