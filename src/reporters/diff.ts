/** Lines of context around a difference. */
const context = 3;
/** More cells than this are compared as wholes: the table below grows with the square. */
const mostCells = 4_000_000;

/** A unified diff, as `diff -u` writes it: what a person wants to see before saying yes. */
export function diffLines(path: string, before: string, after: string): string[] {
  if (before === after) return [];
  const edits = numbered(editsOf(linesOf(before), linesOf(after)));
  return [`--- ${path} (before)`, `+++ ${path} (after)`, ...hunksOf(edits).flatMap(hunkLines)];
}

type Edit = readonly [sign: " " | "-" | "+", line: string];

/** An edit with the lines, counted from 0, at which it stands in both texts. */
interface Placed {
  readonly edit: Edit;
  readonly left: number;
  readonly right: number;
}

/** The last line is told apart by its missing newline, as diff does. */
function linesOf(text: string): string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  const last = lines.pop()!;
  return last === "" ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}

/** Equal lines at both ends are set aside first: most changes are small. */
function editsOf(left: readonly string[], right: readonly string[]): Edit[] {
  const shorter = Math.min(left.length, right.length);
  let head = 0;
  while (head < shorter && left[head] === right[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && left.at(-1 - tail) === right.at(-1 - tail)) tail += 1;
  const same = (lines: readonly string[]) => lines.map((line): Edit => [" ", line]);
  const middle = [left.slice(head, left.length - tail), right.slice(head, right.length - tail)] as const;
  return [...same(left.slice(0, head)), ...compared(...middle), ...same(left.slice(left.length - tail))];
}

function compared(left: readonly string[], right: readonly string[]): Edit[] {
  if (left.length * right.length <= mostCells) return shortest(left, right);
  return [...left.map((line): Edit => ["-", line]), ...right.map((line): Edit => ["+", line])];
}

/** The longest common subsequence keeps; everything else goes or comes. */
function shortest(left: readonly string[], right: readonly string[]): Edit[] {
  const common = commonLengths(left, right);
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      edits.push([" ", left[i]!]);
      i += 1;
      j += 1;
    } else if (i < left.length && (j >= right.length || common[i + 1]![j]! >= common[i]![j + 1]!)) edits.push(["-", left[i++]!]);
    else edits.push(["+", right[j++]!]);
  }
  return edits;
}

function commonLengths(left: readonly string[], right: readonly string[]): Uint32Array[] {
  const common = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      common[i]![j] = left[i] === right[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  return common;
}

function numbered(edits: readonly Edit[]): Placed[] {
  let [left, right] = [0, 0];
  return edits.map((edit) => {
    const placed = { edit, left, right };
    if (edit[0] !== "+") left += 1;
    if (edit[0] !== "-") right += 1;
    return placed;
  });
}

/** Differences with their context; those whose contexts touch are one hunk. */
function hunksOf(edits: readonly Placed[]): Placed[][] {
  const hunks: Placed[][] = [];
  let end = 0;
  for (const [index, { edit }] of edits.entries()) {
    if (edit[0] === " ") continue;
    const start = Math.max(index - context, 0);
    if (start > end || hunks.length === 0) hunks.push(edits.slice(start, index + 1));
    else hunks.at(-1)!.push(...edits.slice(end, index + 1));
    const after = edits.slice(index + 1, index + 1 + context);
    const next = after.findIndex((placed) => placed.edit[0] !== " ");
    const own = next === -1 ? after : after.slice(0, next);
    hunks.at(-1)!.push(...own);
    end = index + 1 + own.length;
  }
  return hunks;
}

function hunkLines(hunk: readonly Placed[]): string[] {
  const count = (sign: "-" | "+") => hunk.filter(({ edit }) => edit[0] === " " || edit[0] === sign).length;
  const range = (first: number, lines: number) => `${lines === 0 ? first : first + 1}${lines === 1 ? "" : `,${lines}`}`;
  const [first] = hunk;
  const head = `@@ -${range(first!.left, count("-"))} +${range(first!.right, count("+"))} @@`;
  return [head, ...hunk.flatMap(({ edit: [sign, line] }) => `${sign}${line}`.split("\n"))];
}
