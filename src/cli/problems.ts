import { readFileSync } from "node:fs";
import { headline, problemsOf, type Problem } from "../core/errors.ts";
import { sealOf } from "../load/secrets/seal.ts";
import { painter, type Color } from "../reporters/paint.ts";
import { printableText } from "../reporters/printable.ts";

/** How an error is shown. */
export interface ProblemStyle {
  readonly color: boolean;
  /** The number of -v; from 3 on a bug shows its trace. */
  readonly verbosity: number;
  /** Every problem is wanted, however many there are. */
  readonly all?: boolean;
}

/** More are not read: one mistake at the top of a file may have hundreds below. */
const mostShown = 20;

/** An error as a person reads it: the cause on the first line, the line of the file, and what to do next. */
export function describeError(error: unknown, style: ProblemStyle): string {
  const problems = problemsOf(error);
  const most = style.all ? problems.length : mostShown;
  const texts = problems.slice(0, most).map((problem) => describeProblem(problem, style.color));
  const count = problems.length > 1 ? [`${problems.length} problems${problems.length > most ? `, the first ${most} of them shown; --syntax-check shows all` : ""}`] : [];
  const isBug = problems.some((problem) => problem.code === "E_BUG");
  const trace = isBug && style.verbosity >= 3 && error instanceof Error ? [error.stack ?? ""] : [];
  return `${[...texts, ...count, ...trace].join("\n")}\n`;
}

/** One problem: its headline in a colour, the line with a caret, and what to do next. */
export function describeProblem(problem: Problem, color: boolean, shade: Color = "red"): string {
  const paint = painter(color);
  const more = (["expected", "seen", "hint"] as const).flatMap((part) => (problem[part] === undefined ? [] : [`  ${part}: ${indented(problem[part])}`]));
  const [cause, ...rest] = [paint(indented(headline(problem)), shade), ...sourceLines(problem, color), ...more];
  return [cause, ...rest].join("\n");
}

/** The line and a caret below the column; of a very long line, what stands around the caret. */
function sourceLines({ at }: Problem, color: boolean): string[] {
  const line = at && lineOf(at.file, at.line);
  if (!at || line === undefined) return [];
  const from = at.column > widest - 20 ? at.column - widest / 2 : 0;
  const shown = `${from > 0 ? "…" : ""}${line.slice(from, from + widest)}`;
  return [`    ${shown}`, `    ${" ".repeat(Math.max(0, at.column - 1 - from + (from > 0 ? 1 : 0)))}${painter(color)("^", "yellow")}`];
}

const widest = 120;

/** Errors also stand in texts that are no file (`-e`), and in what was decrypted; then there is nothing to show. */
function lineOf(file: string, line: number): string | undefined {
  try {
    const text = readFileSync(file, "utf8");
    // One column for each character, as positions count: a tab or an escape sequence would move the caret.
    return sealOf(text) ? undefined : text.split(/\r?\n/)[line - 1]?.replace(/[\u0000-\u001f\u007f-\u009f]/g, " ");
  } catch {
    return undefined;
  }
}

function indented(text: string): string {
  return printableText(text).trimEnd().replaceAll("\n", "\n    ");
}
