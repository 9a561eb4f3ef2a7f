import { spawnSync } from "node:child_process";
import type { Script } from "../../src/core/sh.ts";
import type { Answer, RunStep, Step, Steps } from "../../src/core/step.ts";

export type Shell = readonly string[];

/** The shells of hosts that this machine has, each with its options, named for the titles of tests. */
export const shells: readonly (readonly [string, Shell])[] = [["dash"], ["bash", "--posix"], ["busybox", "sh"]]
  .filter(([name]) => spawnSync(name!, ["-c", "true"]).error === undefined)
  .map((words) => [words.join(" "), words]);

/** What a script answers under a shell of this machine. */
export function answerOf([shell, ...options]: Shell, script: Script, { stdin = "" }: { stdin?: string | Uint8Array } = {}): Answer {
  const { status, stdout, stderr } = spawnSync(shell!, [...options, "-c", script.text], { input: stdin });
  return { code: status ?? -1, stdout: stdout.toString("utf8"), stderr: stderr.toString("utf8") };
}

/** Runs steps that are scripts, as a session would: what stands behind one that fails is not run. */
export function performed(shell: Shell, steps: Steps): Answer[] {
  const answers: Answer[] = [];
  for (const step of steps as readonly Step[]) {
    const { script, stdin, accept = [0] } = step as RunStep;
    answers.push(answerOf(shell, script, stdin === undefined ? {} : { stdin }));
    if (!accept.includes(answers.at(-1)!.code)) break;
  }
  return answers;
}
