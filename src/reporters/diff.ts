/** Lines of context around a difference. */
const context = 3;
/** Longer texts are compared as wholes: the table below grows with the square. */
const longest = 2000;

/** A unified diff without line numbers: what a person wants to see before saying yes. */
export function diffLines(path: string, before: string, after: string): string[] {
  if (before === after) return [];
  const left = linesOf(before);
  const right = linesOf(after);
  const edits = left.length + right.length > longest ? wholesale(left, right) : shortest(left, right);
  return [`--- ${path} (now)`, `+++ ${path} (then)`, ...withContext(edits)];
}

type Edit = readonly [sign: " " | "-" | "+", line: string];

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

function wholesale(left: readonly string[], right: readonly string[]): Edit[] {
  return [...left.map((line): Edit => ["-", line]), ...right.map((line): Edit => ["+", line])];
}

/** The longest common subsequence keeps; everything else goes or comes. */
function shortest(left: readonly string[], right: readonly string[]): Edit[] {
  const common = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0));
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      common[i]![j] = left[i] === right[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
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

function withContext(edits: readonly Edit[]): string[] {
  const near = (index: number) => edits.slice(Math.max(0, index - context), index + context + 1).some(([sign]) => sign !== " ");
  const lines: string[] = [];
  let skipped = false;
  for (const [index, [sign, line]] of edits.entries()) {
    if (sign !== " " || near(index)) lines.push(...(skipped ? [" …"] : []), `${sign}${line}`);
    skipped = sign === " " && !near(index);
  }
  return lines;
}
