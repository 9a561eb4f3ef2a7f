import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verbatim, type Script } from "../../src/core/sh.ts";
import type { Answer } from "../../src/core/step.ts";
import type { Family } from "../../src/modules/contract.ts";
import type { Shell } from "./_shells.ts";

const mark = "m0f3c5a9e1b7d2846";

/** What a family answers under a shell of this machine. */
export function togetherOf(shell: Shell, family: Family, subjects: readonly unknown[]): readonly (Answer | undefined)[] {
  return family.answers(answerOfLong(shell, family.script(subjects, mark)), subjects.length, mark);
}

/** What each answers alone, as from one session: a subshell for each. */
export function eachAlone(shell: Shell, scripts: readonly Script[]): readonly Answer[] {
  const parts = scripts.map(({ text }, index) => `(\n${text}\n)\nprintf '\n%s %s\n' ${mark}-alone $?\nprintf '\n%s %s\n' ${mark}-alone ${index} >&2`);
  const { stdout, stderr } = answerOfLong(shell, verbatim(parts.join("\n")));
  const said = stderr.split(new RegExp(`\n${mark}-alone \\d+\n`));
  const [first = "", ...rest] = stdout.split(`\n${mark}-alone `);
  const ends = rest.map((part) => part.indexOf("\n"));
  const texts = [first, ...rest.map((part, index) => part.slice(ends[index]! + 1))];
  return rest.map((part, index) => ({ code: Number(part.slice(0, ends[index])), stdout: texts[index]!, stderr: said[index]! }));
}

/** As answerOf, for a script that is longer than an argument may be. */
export function answerOfLong([shell, ...options]: Shell, script: Script): Answer {
  const dir = mkdtempSync(join(tmpdir(), "bowline-script-"));
  const file = join(dir, "script");
  writeFileSync(file, `${script.text}\n`);
  // Whoever the shell becomes may read it.
  chmodSync(dir, 0o755);
  try {
    const { status, stdout, stderr } = spawnSync(shell!, [...options, file], { input: "", maxBuffer: 64 * 1024 * 1024 });
    return { code: status ?? -1, stdout: stdout.toString("utf8"), stderr: stderr.toString("utf8") };
  } finally {
    rmSync(dir, { recursive: true });
  }
}
