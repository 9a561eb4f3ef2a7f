import { run } from "../lab/process.ts";

/** One line of what a measuring module gives; `limit` says in words what must hold. */
export interface TimedRow {
  readonly name: string;
  readonly seconds: number[];
  readonly limit?: string;
  readonly detail?: string;
}

export interface Timed {
  readonly seconds: number;
  readonly stdout: string;
}

/** A process from its start to its end; throws where it fails. */
export async function timed(command: string, args: readonly string[]): Promise<Timed> {
  const started = performance.now();
  const { code, stdout, stderr } = await run(command, args);
  if (code !== 0) throw new Error(`${[command, ...args].join(" ")}: exit code ${code}\n${stderr}`);
  return { seconds: (performance.now() - started) / 1000, stdout };
}
