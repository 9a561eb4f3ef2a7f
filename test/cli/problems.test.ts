import { join } from "node:path";
import { describeError } from "../../src/cli/problems.ts";
import { BowlineError, type Problem } from "../../src/core/errors.ts";
import { removeTrees, tree } from "../load/_files.ts";

afterEach(removeTrees);

const shown = (problems: Problem | readonly [Problem, ...Problem[]]) => describeError(new BowlineError(problems), { color: false, verbosity: 0 });

function at(text: string, line: number, column: number) {
  return { file: join(tree({ "f.yml": text }), "f.yml"), line, column };
}

test("the cause comes first, then the line with a caret, then expected, seen and hint", () => {
  const place = at("a: 1\nbb: two\n", 2, 5);
  expect(shown({ code: "E_ARGS", message: "what is wrong", at: place, expected: "this", seen: "that", hint: "do so" })).toBe(
    `${place.file}:2:5: what is wrong\n    bb: two\n        ^\n  expected: this\n  seen: that\n  hint: do so\n`,
  );
});

test("without a place there is only the cause", () => expect(shown({ code: "E_OPTIONS", message: "what is wrong" })).toBe("what is wrong\n"));

test("a place that is no file shows no line", () => {
  expect(shown({ code: "E_YAML", message: "what is wrong", at: { file: "-e", line: 1, column: 3 } })).toBe("-e:1:3: what is wrong\n");
});

test("several are counted", () => {
  expect(shown([{ code: "E_ARGS", message: "one" }, { code: "E_ARGS", message: "two" }])).toBe("one\ntwo\n2 problems\n");
});

test("of very many the first are shown, and all are counted", () => {
  const many = Array.from({ length: 300 }, (_, index): Problem => ({ code: "E_ARGS", message: `number ${index}` }));
  expect(shown(many as unknown as [Problem]).split("\n")).toEqual([...many.slice(0, 20).map((problem) => problem.message), "300 problems, the first 20 of them shown; --syntax-check shows all", ""]);
});

test("a tab is one column, as it is counted", () => {
  const place = at("\tx: y\n", 1, 5);
  expect(shown({ code: "E_YAML", message: "m", at: place }).split("\n").slice(1, 3)).toEqual(["     x: y", "        ^"]);
});

test("of a very long line what stands around the caret is shown", () => {
  const place = at(`key: ${"x".repeat(500)}here${"y".repeat(500)}\n`, 1, 506);
  const [, line, caret] = shown({ code: "E_YAML", message: "m", at: place }).split("\n");
  expect(line!.length).toBeLessThan(130);
  expect(line!.slice(caret!.indexOf("^")).startsWith("here")).toBe(true);
});

test("what is not ours is called a bug, and its trace comes with -vvv only", () => {
  const error = new TypeError("x is not a function");
  const quiet = describeError(error, { color: false, verbosity: 0 });
  expect(quiet).toBe("internal error: x is not a function\n  hint: This is a bug of Bowline; run again with -vvv and report the trace.\n");
  expect(describeError(error, { color: false, verbosity: 3 })).toContain("problems.test.ts");
});

test("an escape sequence in a message reaches no terminal", () => {
  expect(shown({ code: "E_FAILED", message: "said \u001b[31mred" })).not.toContain("\u001b");
});
