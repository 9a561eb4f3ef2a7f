import { join } from "node:path";
import { findRun, listRuns, readFrame, readJournal, stateDir, type RunFrame } from "../events/journal.ts";
import { duration } from "../reporters/lines.ts";
import { openReporters } from "../reporters/open.ts";
import type { Cli } from "./cli.ts";
import type { RunOptions } from "./options.ts";

/** `runs list`: id, mode, playbook, and how each run ended. */
export function list(cli: Cli): void {
  const dir = stateDir();
  const runs = listRuns(dir).map((run) => ({ run, frame: readFrame(join(dir, "runs", `${run}.ndjson`)) }));
  if (runs.length === 0) cli.terminal.stderr(`no runs yet in ${dir}\n`);
  for (const { run, frame } of runs) cli.terminal.write(`${run}  ${(frame.start?.mode ?? "?").padEnd(6)}  ${endOf(frame).padEnd(21)}  ${frame.start?.playbook ?? "?"}\n`);
}

/** `runs show RUN`: the journal through the same reporters that showed the run. */
export async function show(run: string, options: Pick<RunOptions, "output" | "diff" | "verbose">, cli: Cli): Promise<void> {
  const path = findRun(stateDir(), run);
  const terminal = { ...cli.terminal, isTTY: false };
  const reporters = await openReporters(options.output, terminal, { diff: options.diff ?? false, verbosity: options.verbose });
  try {
    for await (const event of readJournal(path)) for (const reporter of reporters) reporter.report(event);
  } finally {
    await Promise.all(reporters.map((reporter) => reporter.end()));
  }
}

function endOf({ start, end }: RunFrame): string {
  if (!end) return "did not end";
  const took = start ? duration((Date.parse(end.time) - Date.parse(start.time)) / 1000) : "?";
  return `${end.interrupted ? "interrupted" : end.exitCode === 0 ? "ok" : `exit code ${end.exitCode}`}, ${took}`;
}
