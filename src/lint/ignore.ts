import type { Position } from "../core/position.ts";
import type { LintFile } from "./file.ts";
import type { Remark } from "./rule.ts";

/** `# noqa: rule another-rule` or `# lint-ignore rule`, at the end of a line. */
export interface IgnoreComment {
  readonly line: number;
  readonly ids: readonly { readonly id: string; readonly at: Position }[];
  readonly at: Position;
}

export function ignoreComments({ text }: LintFile): IgnoreComment[] {
  return text.lines.flatMap((line, index) => {
    const found = /(?:^|\s)(#\s*(?:noqa|lint-ignore)\b:?)(.*)$/.exec(line);
    if (!found) return [];
    const start = line.length - found[2]!.length;
    const ids = [...found[2]!.matchAll(/[^\s,]+/g)].map((word) => ({ id: word[0], at: text.at(index + 1, start + word.index + 1) }));
    return [{ line: index + 1, ids, at: text.at(index + 1, start - found[1]!.length + 1) }];
  });
}

/** A comment counts for its own line, and where a task, block or play begins, for what is found in that. */
export function ignoresOf(file: LintFile): (remark: Remark & { readonly rule: string }, from: Position | undefined) => boolean {
  const comments = ignoreComments(file);
  if (comments.length === 0) return () => false;
  const byLine = new Map(comments.map(({ line, ids }) => [line, ids.map(({ id }) => id)]));
  const isNamed = (line: number | undefined, rule: string) => line !== undefined && (byLine.get(line)?.includes(rule) ?? false);
  return ({ at, rule }, from) => isNamed(at.line, rule) || isNamed(from?.line, rule);
}
