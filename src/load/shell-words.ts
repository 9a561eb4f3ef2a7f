import { BowlineError } from "../core/errors.ts";
import type { Position } from "../core/position.ts";

/** One word of a line that is quoted as for a shell. */
export interface ShellWord {
  /** Without its quotes. */
  readonly text: string;
  /** As it was written. */
  readonly raw: string;
  readonly at: Position;
}

/**
 * The words of a line as a shell would see them: quotes keep blanks together and go away, a backslash takes the next
 * character as it is. `#` and `;` begin a comment where a word would begin.
 */
export function shellWords(line: string, at: Position): ShellWord[] {
  const words: ShellWord[] = [];
  const word = /(?:\\.|[^\s"'\\]|"(?:\\.|[^"\\])*"|'[^']*')+/y;
  for (let index = beginning(line, 0); index < line.length && !/[#;]/.test(line[index]!); index = beginning(line, index)) {
    word.lastIndex = index;
    const raw = word.exec(line)?.[0] ?? "";
    const end = index + raw.length;
    if (end < line.length && !/\s/.test(line[end]!)) throw notClosed(line[end]!, { ...at, column: at.column + end });
    words.push({ text: unquoted(raw), raw, at: { ...at, column: at.column + index } });
    index = end;
  }
  return words;
}

function beginning(line: string, from: number): number {
  const index = line.slice(from).search(/\S/);
  return index < 0 ? line.length : from + index;
}

function notClosed(character: string, at: Position): BowlineError {
  if (character === "\\") return new BowlineError({ code: "E_INVENTORY", message: "nothing stands behind this backslash", at });
  return new BowlineError({ code: "E_INVENTORY", message: "a quote is not closed", at, hint: `a ${character} that is part of the value stands in the other quotes` });
}

/** Between double quotes a backslash is itself, but before `"` and another one. */
function unquoted(raw: string): string {
  return raw.replace(/\\(.)|"((?:\\.|[^"\\])*)"|'([^']*)'/g, (_, escaped?: string, double?: string, single?: string) => escaped ?? double?.replace(/\\(["\\])/g, "$1") ?? single!);
}
