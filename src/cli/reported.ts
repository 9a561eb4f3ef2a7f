import { setFlagsFromString } from "node:v8";
import { newRunId, openJournal, stateDir, type Journal } from "../events/journal.ts";
import { runProgram, type Prepared, type RunRequest } from "../pipeline.ts";
import { openReporters, type Manner } from "../reporters/open.ts";
import type { Reporter } from "../reporters/reporter.ts";
import { askLine, askSecret } from "./ask.ts";
import type { Cli } from "./cli.ts";
import type { RunOptions } from "./options.ts";
import { stepper } from "./step.ts";

/** How a run is shown: what was chosen, and the manner of the command. */
export interface Showing extends Pick<RunOptions, "output" | "step"> {
  readonly manner?: Manner;
}

/** Runs what was prepared, with its journal and its reports; resolves with the exit code. */
export async function reported(request: RunRequest, prepared: Prepared, { output, step, manner = "plays" }: Showing, cli: Cli): Promise<number> {
  if (Object.keys(prepared.program.hosts).length >= manyHosts) keepHeapSmall();
  const { diff, verbosity } = request;
  const reporters = await openReporters(output, cli.terminal, { diff, verbosity, manner });
  const run = newRunId(new Date());
  const journal = openJournal(stateDir(), run);
  const signal = cli.guard((text) => notice(text, reporters, cli));
  const settled = async () => {
    for (const reporter of reporters) await reporter.settle?.();
  };
  try {
    const { exitCode } = await runProgram(prepared, request, {
      journal: journal.write,
      sinks: reporters.map((reporter) => reporter.report),
      run,
      bowline: cli.version,
      warnings: prepared.warnings,
      signal,
      ...(step ? { confirm: stepper(settled) } : {}),
      ...(process.stdin.isTTY ? { ask: asker(settled) } : {}),
    });
    return exitCode;
  } finally {
    await concluded(reporters, journal);
  }
}

/** From so many hosts on memory counts more than the moment that V8 needs to look for what was dropped. */
const manyHosts = 200;

/**
 * A run of a thousand hosts holds some 100 MB for long and drops much that lives for a moment. Left alone V8 lets its heap
 * grow to four times what it holds before it looks for what was dropped; at a third more it looks a few times oftener,
 * which costs nothing that can be measured.
 */
function keepHeapSmall(): void {
  setFlagsFromString("--heap-growing-percent=30");
}

/** Asks once nothing moves on the terminal any more. */
function asker(settled: () => Promise<void>): (question: string, echo: boolean) => Promise<string> {
  return async (question, echo) => {
    await settled();
    return echo ? askLine(`${question} `) : (await askSecret({ what: question, option: "echo: true" })).reveal();
  };
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
