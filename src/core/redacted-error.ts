import { BowlineError, type Problem } from "./errors.ts";
import type { Redactor } from "./secret.ts";

/** An error as it may be shown: with no secret in its words, nor in the trace of a bug. */
export function redactedError(error: unknown, redactor: Redactor): unknown {
  if (redactor.isEmpty || !(error instanceof Error)) return error;
  if (error instanceof BowlineError) {
    const [first, ...rest] = error.problems.map((problem) => redactedProblem(problem, redactor));
    return new BowlineError([first!, ...rest]);
  }
  const copy = new Error(redactor.text(error.message));
  copy.stack = redactor.text(error.stack ?? "");
  return copy;
}

function redactedProblem(problem: Problem, redactor: Redactor): Problem {
  const { code, at } = problem;
  return { ...redactor.value(problem), code, ...(at ? { at } : {}) };
}
