import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diffLines } from "../../src/reporters/diff.ts";

const ten = Array.from({ length: 10 }, (_, index) => `${index + 1}\n`).join("");

describe("a difference reads as diff -u writes it", () => {
  test.each<[string, string, string]>([
    ["a line changed", "one\ntwo\nthree\n", "one\n2\nthree\n"],
    ["a new file", "", "a\nb\n"],
    ["a file emptied", "a\nb\n", ""],
    ["a line at the start", "b\n", "a\nb\n"],
    ["a line at the end", "a\n", "a\nb\n"],
    ["the last newline lost", "a\nb\n", "a\nb"],
    ["the last newline gained", "a\nb", "a\nb\n"],
    ["two places far apart", ten, ten.replace("1\n", "x\n").replace("10\n", "y\n")],
    ["two places whose context touches", ten, ten.replace("2\n", "x\n").replace("9\n", "y\n")],
    ["two places whose context does not", `${ten}${ten}`, `${ten}${ten}`.replace("2\n", "x\n").replace(/9\n10\n$/, "y\n10\n")],
    ["blank lines", "\n\n\n", "\n\n"],
    ["everything", "a\nb\nc\n", "d\ne\nf\n"],
  ])("%s", (_what, before, after) => {
    expect(diffLines("x", before, after).slice(2)).toEqual(byDiff(before, after));
  });

  test("and gives the new text when it is put to the old one, whatever they are", () => {
    const random = numbers(7);
    const text = () => Array.from({ length: random(30) }, () => `${"abcde"[random(5)]}\n`).join("");
    for (let round = 0; round < 25; round += 1) {
      const [before, after] = [text(), text()];
      if (before !== after) expect(patched(before, diffLines("x", before, after))).toBe(after);
    }
  });

  test("of nothing is nothing", () => {
    expect(diffLines("x", "a\n", "a\n")).toEqual([]);
  });

  test("of two huge texts is one as a whole and the other as a whole", () => {
    const lines = (word: string) => Array.from({ length: 2500 }, (_, index) => `${word}${index}\n`).join("");
    const shown = diffLines("x", `same\n${lines("a")}`, `same\n${lines("b")}`);
    expect(shown.slice(2, 6)).toEqual(["@@ -1,2501 +1,2501 @@", " same", "-a0", "-a1"]);
    expect(shown.filter((line) => line.startsWith("+b")).length).toBe(2500);
  });
});

function byDiff(before: string, after: string): string[] {
  const dir = mkdtempSync(join(tmpdir(), "bowline-diff-"));
  try {
    writeFileSync(join(dir, "before"), before);
    writeFileSync(join(dir, "after"), after);
    return attempt(() => execFileSync("diff", ["-u", join(dir, "before"), join(dir, "after")], { encoding: "utf8" })).trimEnd().split("\n").slice(2);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** What patch would make of the text; throws where a line of the difference is not the text's. */
function patched(before: string, diff: readonly string[]): string {
  const old = before.split("\n");
  const made: string[] = [];
  let next = 0;
  for (const line of diff.slice(2)) {
    const start = /^@@ -(\d+)(?:,(\d+))? /.exec(line);
    if (start) {
      const first = Number(start[1]) - (start[2] === "0" ? 0 : 1);
      made.push(...old.slice(next, first));
      next = first;
    } else if (line.startsWith("+")) made.push(line.slice(1));
    else {
      if (old[next] !== line.slice(1)) throw new Error(`line ${next + 1} is ${old[next]}, not ${line.slice(1)}`);
      next += 1;
      if (line.startsWith(" ")) made.push(line.slice(1));
    }
  }
  return [...made, ...old.slice(next)].join("\n");
}

/** diff's exit code is 1 when it has something to say. */
function attempt(work: () => string): string {
  try {
    return work();
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

/** Numbers below a limit that look random and are the same in every run. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * limit);
  };
}
