import { BowlineError, type Problem } from "../core/errors.ts";

/** Goes on with the rest of an input after a mistake in a part of it. */
export function collect(problems: Problem[], read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    problems.push(...error.problems);
  }
}
