import { emptySummary, fold } from "../events/summary.ts";
import { findRun, listRuns, readJournal, stateDir } from "../events/journal.ts";
import { openReporters } from "../reporters/open.ts";
import type { Cli, RunOptions } from "./program.ts";

/** `runs list`: id, mode, playbook, and how it ended. */
export async function list(cli: Cli): Promise<void> {
  const dir = stateDir();
  for (const run of listRuns(dir)) {
    let summary = emptySummary();
    for await (const event of readJournal(findRun(dir, run))) summary = fold(summary, event);
    const end = summary.exitCode === undefined ? "did not end" : summary.interrupted ? "interrupted" : `exit code ${summary.exitCode}`;
    cli.stdout.write(`${run}  ${summary.mode.padEnd(6)}  ${summary.playbook}  ${end}\n`);
  }
}

/** `runs show RUN`: the journal through the same reporters that showed the run. */
export async function show(run: string, options: RunOptions, cli: Cli): Promise<void> {
  const path = findRun(stateDir(), run);
  const outputs = options.output.length > 0 ? options.output : [{ format: "plain" as const }];
  const reporters = await openReporters(outputs, cli.stdout, { diff: options.diff ?? false, verbosity: options.verbose, mode: "run" });
  for await (const event of readJournal(path)) for (const reporter of reporters) reporter.report(event);
  await Promise.all(reporters.map((reporter) => reporter.end()));
}
