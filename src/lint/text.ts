import type { ScalarNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";

/** Replaces the text from one offset to another, counted in UTF-16 units. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A text with its lines, and the way from a line and a column to an offset. */
export class Text {
  readonly source: string;
  readonly path: string;
  /** Without their ends. */
  readonly lines: readonly string[];
  readonly #starts: readonly number[];

  constructor(source: string, path: string) {
    this.source = source;
    this.path = path;
    const raw = source.split("\n");
    this.lines = raw.map((line) => line.replace(/\r$/, ""));
    let start = 0;
    this.#starts = raw.map((line) => (start += line.length + 1) - line.length - 1);
  }

  /** A byte order mark is no column. */
  offset({ line, column }: Position): number {
    const mark = line === 1 && this.source.startsWith("\uFEFF") ? 1 : 0;
    return (this.#starts[line - 1] ?? this.source.length) + column - 1 + mark;
  }

  /** The other way: where an offset is. */
  position(offset: number): Position {
    const after = this.#starts.findIndex((start) => start > offset);
    const line = after < 0 ? this.#starts.length : after;
    return this.at(line, offset - this.#starts[line - 1]! + 1);
  }

  at(line: number, column: number): Position {
    return { file: this.path, line, column };
  }

  line(at: Position): string {
    return this.lines[at.line - 1] ?? "";
  }

  /** A scalar that stands there without quotes, as it is written; undefined for one in quotes, in a block, or of another file. */
  plain(node: ScalarNode): string | undefined {
    if (node.block || node.at.file !== this.path || node.value === null) return undefined;
    const from = this.offset(node.at);
    if (/["']/.test(this.source[from - 1] ?? "")) return undefined;
    return /^[^\s,\]}#:]+/.exec(this.source.slice(from, from + 200))?.[0];
  }

  replace(at: Position, length: number, text: string): Edit {
    const from = this.offset(at);
    return { from, to: from + length, text };
  }
}

/** The text with the edits in it; where two meet, the first one counts. */
export function edited(source: string, edits: readonly Edit[]): string {
  let result = "";
  let position = 0;
  for (const { from, to, text } of [...edits].sort((left, right) => left.from - right.from || left.to - right.to)) {
    if (from < position) continue;
    result += source.slice(position, from) + text;
    position = to;
  }
  return result + source.slice(position);
}
