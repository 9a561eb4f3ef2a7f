import { runCli } from "../../src/cli/program.ts";
import { BowlineError } from "../../src/core/errors.ts";
import { describeError } from "../../src/cli/problems.ts";

/** What a command line comes to inside this process: its exit code and what it printed. */
export interface Typed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line as main.ts does, with a terminal that only remembers. */
export async function type(line: string | readonly string[]): Promise<Typed> {
  const words = typeof line === "string" ? line.split(" ").filter(Boolean) : line;
  const printed = { stdout: "", stderr: "" };
  const terminal = {
    isTTY: false,
    color: false,
    write: (text: string) => void (printed.stdout += text),
    stderr: (text: string) => void (printed.stderr += text),
    size: () => ({ columns: 100, rows: 40 }),
  };
  try {
    const code = await runCli(words, { version: "1.2.3", terminal, guard: () => new AbortController().signal, shield: (work) => work() });
    return { code, ...printed };
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    return { code: error.exitCode, stdout: printed.stdout, stderr: printed.stderr + describeError(error, { color: false, verbosity: 0 }) };
  }
}
