import { formatPosition, type Position } from "./position.ts";

/**
 * Every way in which Bowline refuses or fails, with the exit code that it leads to when it ends the command
 * (the codes are ansible-playbook's: 1 error, 4 unreadable input, 5 bad options, 250 a bug of ours).
 */
export const exitCodes = {
  E_YAML: 4,
  E_PLAYBOOK: 4,
  E_INVENTORY: 4,
  E_MODULE: 4,
  E_ARGS: 4,
  E_TEMPLATE: 4,
  E_EXPRESSION: 4,
  E_UNDEFINED: 4,
  E_FILE: 4,
  E_SECRET: 4,
  E_NO_HOSTS: 1,
  E_OPTIONS: 5,
  E_RUN: 1,
  E_UNREACHABLE: 4,
  E_HOST_KEY: 4,
  E_AUTH: 4,
  E_BECOME: 2,
  E_REFUSED: 2,
  E_FAILED: 2,
  E_TOOL: 2,
  E_LOCKED: 2,
  E_INTERRUPTED: 99,
  E_BUG: 250,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof exitCodes;

/** One thing that is wrong, in the words of the person who has to mend it. */
export interface Problem {
  readonly code: ErrorCode;
  /** The cause, on one line, without the position. */
  readonly message: string;
  readonly at?: Position;
  readonly expected?: string;
  readonly seen?: string;
  /** What to do next. */
  readonly hint?: string;
}

/** An error made of one or more problems; several when an input was checked as a whole. */
export class BowlineError extends Error {
  readonly problems: readonly [Problem, ...Problem[]];

  constructor(problems: Problem | readonly [Problem, ...Problem[]], options?: { cause?: unknown }) {
    const list: readonly [Problem, ...Problem[]] = isList(problems) ? problems : [problems];
    super(list.map(headline).join("\n"), options);
    this.name = "BowlineError";
    this.problems = list;
  }

  get code(): ErrorCode {
    return this.problems[0].code;
  }

  get exitCode(): number {
    return exitCodes[this.code];
  }
}

/** `file:line:col: cause`, the first line of every error that a person sees. */
export function headline(problem: Problem): string {
  return problem.at ? `${formatPosition(problem.at)}: ${problem.message}` : problem.message;
}

/** Throws when the list is not empty; the usual end of a checker that collects. */
export function throwProblems(problems: readonly Problem[]): void {
  const [first, ...rest] = problems;
  if (first) throw new BowlineError([first, ...rest]);
}

/** Each problem once, by file, line and column; those without a place come last. */
export function inFileOrder(problems: readonly Problem[]): Problem[] {
  const once = [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
  return once.sort((left, right) => {
    if (!left.at || !right.at) return Number(!left.at) - Number(!right.at);
    if (left.at.file !== right.at.file) return left.at.file < right.at.file ? -1 : 1;
    return left.at.line - right.at.line || left.at.column - right.at.column;
  });
}

/** The problems inside anything that was thrown; what is not ours is a bug and says so. */
export function problemsOf(error: unknown): readonly [Problem, ...Problem[]] {
  if (error instanceof BowlineError) return error.problems;
  const message = error instanceof Error ? error.message : String(error);
  return [{ code: "E_BUG", message: `internal error: ${message}`, hint: "This is a bug of Bowline; run again with -vvv and report the trace." }];
}

function isList(problems: Problem | readonly [Problem, ...Problem[]]): problems is readonly [Problem, ...Problem[]] {
  return Array.isArray(problems);
}
