import { readFileSync } from "node:fs";
import { headline, problemsOf, type Problem } from "../core/errors.ts";

/** An error as a person reads it: the cause on the first line, the line of the file, and what to do next. */
export function describeError(error: unknown, verbosity: number): string {
  const problems = problemsOf(error);
  const texts = problems.map(describeProblem);
  const count = problems.length > 1 ? [`${problems.length} problems`] : [];
  const isBug = problems.some((problem) => problem.code === "E_BUG");
  const trace = isBug && verbosity >= 3 && error instanceof Error ? [error.stack ?? ""] : [];
  return `${[...texts, ...count, ...trace].join("\n")}\n`;
}

function describeProblem(problem: Problem): string {
  const lines = [headline(problem), ...sourceLines(problem)];
  if (problem.expected !== undefined) lines.push(`  expected: ${problem.expected}`);
  if (problem.seen !== undefined) lines.push(`  seen: ${problem.seen}`);
  if (problem.hint !== undefined) lines.push(`  hint: ${problem.hint}`);
  return lines.join("\n");
}

function sourceLines({ at }: Problem): string[] {
  if (!at) return [];
  const line = lineOf(at.file, at.line);
  return line === undefined ? [] : [`    ${line}`, `    ${" ".repeat(Math.max(0, at.column - 1))}^`];
}

/** Errors also stand in texts that are no file (`-e`); then there is nothing to show. */
function lineOf(file: string, line: number): string | undefined {
  try {
    return readFileSync(file, "utf8").split("\n")[line - 1]?.replaceAll("\t", " ").slice(0, 160);
  } catch {
    return undefined;
  }
}
