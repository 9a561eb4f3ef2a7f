import { run, tail } from "../lab/process.ts";
import type { Ran } from "./contestant.ts";

export interface Ended extends Ran {
  readonly stdout: string;
}

export interface ClockOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * The shell's `times` says what its children used, which nobody can ask of a process that has ended. It goes behind what the
 * command wrote on standard error. The kernel kills the command when the shell dies, so that none is left behind.
 */
const timed = `setpriv --pdeathsig KILL -- "$@"; code=$?; { echo; times; } >&2; exit $code`;

/** Run a command to its end and say how long it took. Throws with the end of its output when it fails. */
export async function clocked(command: string, args: readonly string[], { stdin, env = {} }: ClockOptions = {}): Promise<Ended> {
  const words = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const started = performance.now();
  const { code, stdout, stderr } = await run("env", [...words, "sh", "-c", timed, "sh", command, ...args], { timeoutMs: 3_600_000, ...(stdin === undefined ? {} : { stdin }) });
  const seconds = (performance.now() - started) / 1000;
  const lines = stderr.trimEnd().split("\n");
  if (code !== 0) throw new Error(`${command}: exit code ${code}\n${tail(lines.slice(0, -2).join("\n"))}\n${tail(stdout)}`);
  return { seconds, cpuSeconds: childrensTime(lines.at(-1)!), stdout };
}

/** `0m1.25s 0m0.13s`: user and system. */
function childrensTime(line: string): number {
  const times = [...line.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds));
  if (times.length !== 2) throw new Error(`sh: "times" says ${line}`);
  return times[0]! + times[1]!;
}

/** A contestant that does not look, or does not see, must not win. */
export function expectChanges(name: string, expected: number, seen: number, output: string): void {
  if (seen !== expected) throw new Error(`${name}: ${seen} changes, where ${expected} were to be found\n${tail(output)}`);
}

/** The sum of the numbers that the pattern's group finds. */
export function sumOf(pattern: RegExp, text: string): number {
  return [...text.matchAll(pattern)].reduce((sum, [, digits]) => sum + Number(digits), 0);
}
