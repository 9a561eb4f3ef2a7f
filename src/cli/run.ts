import { newRunId, openJournal, stateDir, type Journal } from "../events/journal.ts";
import type { Mode } from "../events/event.ts";
import { prepare, runProgram, type Prepared, type RunRequest } from "../pipeline.ts";
import { openReporters } from "../reporters/open.ts";
import type { Reporter } from "../reporters/reporter.ts";
import type { Cli } from "./cli.ts";
import { inventorySources } from "./inventory-sources.ts";
import { keyringOf } from "./keys.ts";
import { listing } from "./listing.ts";
import type { RunOptions } from "./options.ts";
import { askedPasswords } from "./passwords.ts";
import { answerTo, defaultAnswer } from "./prompts.ts";
import { rolesPath } from "./roles-path.ts";

/** A command line of `run`, `status` or `down`. */
export interface RunCommand {
  readonly playbook: string;
  readonly options: RunOptions;
  readonly mode: Mode;
}

/** `run`, `run --check`, `status` and `down`: from the command line to the exit code. */
export async function run(command: RunCommand, cli: Cli): Promise<number> {
  const { options } = command;
  const listsOnly = options.syntaxCheck || options.listHosts || options.listTasks;
  const keyring = await keyringOf(options);
  const request = { ...requestOf(command, cli), keyring, ...(listsOnly ? { ask: defaultAnswer } : await askedPasswords(options)) };
  const prepared = await prepare(request);
  if (!listsOnly) return reported(request, prepared, options, cli);
  for (const warning of prepared.warnings) cli.terminal.stderr(`warning: ${warning}\n`);
  cli.terminal.write(listing(prepared.program, options));
  return 0;
}

function requestOf({ playbook, options, mode }: RunCommand, cli: Cli): RunRequest {
  return {
    playbook,
    inventories: inventorySources(options.inventory),
    extraVars: options.extraVars,
    tags: options.tags,
    skipTags: options.skipTags,
    mode,
    diff: options.diff ?? false,
    forks: options.forks,
    verbosity: options.verbose,
    version: cli.version,
    rolesPath: rolesPath(),
    ask: answerTo,
    ...(options.limit === undefined ? {} : { limit: options.limit }),
  };
}

async function reported(request: RunRequest, prepared: Prepared, options: RunOptions, cli: Cli): Promise<number> {
  const reporters = await openReporters(options.output, cli.terminal, { diff: request.diff, verbosity: options.verbose });
  const run = newRunId(new Date());
  const journal = openJournal(stateDir(), run);
  const signal = cli.guard((text) => notice(text, reporters, cli));
  try {
    const { exitCode } = await runProgram(prepared, request, {
      journal: journal.write,
      sinks: reporters.map((reporter) => reporter.report),
      run,
      bowline: cli.version,
      warnings: prepared.warnings,
      signal,
    });
    return exitCode;
  } finally {
    await concluded(reporters, journal);
  }
}

/** Where a live view stands, a line of our own would be drawn over: the view shows it then. */
function notice(text: string, reporters: readonly Reporter[], cli: Cli): void {
  const view = reporters.find((reporter) => reporter.notice);
  if (view?.notice) view.notice(text);
  else cli.terminal.stderr(`${text}\n`);
}

/** A report that cannot be written takes nothing from the others. */
async function concluded(reporters: readonly Reporter[], journal: Journal): Promise<void> {
  const ends = await Promise.allSettled(reporters.map((reporter) => reporter.end()));
  journal.close();
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
