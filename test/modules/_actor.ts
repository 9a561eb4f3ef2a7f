import type { RunStep, Step } from "../../src/core/step.ts";
import { bindArgs } from "../../src/modules/bind.ts";
import type { Action, ArgsShape, Bound, Control, Description } from "../../src/modules/contract.ts";
import { BowlineError } from "../../src/core/errors.ts";

type Raw = Readonly<Record<string, unknown>>;

const at = { file: "playbook.yml", line: 3, column: 5 };

/** What binding says against arguments, or undefined when it takes them. */
export function badArguments<Shape extends ArgsShape>(module: Description<Shape>, raw: Raw): string | undefined {
  try {
    bindArgs(module, raw, () => at, at);
  } catch (error) {
    if (error instanceof BowlineError) return error.problems[0].message;
    throw error;
  }
  return undefined;
}

/** An action without a host. */
export function actor<Shape extends ArgsShape>(action: Action<Shape>) {
  const bind = (raw: Raw): Bound<Shape> => bindArgs(action, raw, () => at, at);
  return {
    bind,
    badArguments: (raw: Raw) => badArguments(action, raw),
    /** The one script that it runs; every action of the registry has one. */
    step: (raw: Raw): RunStep => {
      const steps = action.steps(bind(raw)) as readonly Step[];
      expect(steps).toEqual([expect.objectContaining({ kind: "run" })]);
      return steps[0] as RunStep;
    },
    probe: (raw: Raw) => action.probe?.(bind(raw)),
    readOnly: (raw: Raw) => action.readOnly?.(bind(raw)) ?? false,
    outcome: (raw: Raw, answer: { code?: number; stdout?: string; stderr?: string } = {}) => action.outcome(bind(raw), [{ code: 0, stdout: "", stderr: "", ...answer }]),
  };
}

export function control<Shape extends ArgsShape>(module: Control<Shape>) {
  const bind = (raw: Raw): Bound<Shape> => bindArgs(module, raw, () => at, at);
  return { badArguments: (raw: Raw) => badArguments(module, raw), act: (raw: Raw) => module.act!(bind(raw)) };
}
