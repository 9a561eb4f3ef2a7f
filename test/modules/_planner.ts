import { spawnSync } from "node:child_process";
import { BowlineError, type Problem } from "../../src/core/errors.ts";
import type { Script } from "../../src/core/sh.ts";
import { bindArgs } from "../../src/modules/bind.ts";
import type { ArgsShape, Bound, Resource } from "../../src/modules/contract.ts";

type Raw = Readonly<Record<string, unknown>>;

/** A resource module without a host: arguments and observation in, titles or the refusal out. */
export function planner<Shape extends ArgsShape, Seen>(module: Resource<Shape, Seen>, base: Raw) {
  const at = { file: "playbook.yml", line: 3, column: 5 };
  const bind = (raw: Raw): Bound<Shape> => bindArgs(module, { ...base, ...raw }, () => at, at);
  return {
    bind,
    titles: (raw: Raw, seen: Seen) => module.plan(bind(raw), seen).map((change) => change.title),
    refusal: (raw: Raw, seen: Seen) => problemOf(() => module.plan(bind(raw), seen)),
    badArguments: (raw: Raw) => problemOf(() => bind(raw))?.message,
    state: (raw: Raw, seen: Seen) => module.state!(bind(raw), seen),
    /** The scripts of looking, changing and taking back. */
    scripts: (raw: Raw, seen: Seen): Script[] => {
      const args = bind(raw);
      const steps = module.plan(args, seen).flatMap((change) => [...("impossible" in change.undo ? [] : change.undo), ...(typeof change.steps === "function" ? [] : change.steps)]);
      return [module.observe(args), ...steps.flatMap((step) => (step.kind === "run" ? [step.script] : []))];
    },
  };
}

const shells = [["dash"], ["bash", "--posix"], ["busybox", "sh"]].filter(([name]) => spawnSync(name!, ["-c", "true"]).error === undefined);

/** What the shells say against the scripts: nothing, when they can be read by all of them. */
export function syntaxErrors(scripts: readonly Script[]): string[] {
  return shells.flatMap(([shell, ...options]) => scripts.flatMap(({ text }) => spawnSync(shell!, [...options, "-n"], { input: text, encoding: "utf8" }).stderr.split("\n").filter(Boolean)));
}

function problemOf(work: () => unknown): Problem | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof BowlineError) return error.problems[0];
    throw error;
  }
  return undefined;
}
