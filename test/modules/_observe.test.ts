import { spawnSync } from "node:child_process";
import { sh, verbatim } from "../../src/core/sh.ts";
import { missingToolCode, observeSections, reportsOf, requireTool, section, sectionsOf, toolProblem } from "../../src/modules/_observe.ts";

const shells = [["dash"], ["bash", "--posix"], ["busybox", "sh"]].filter(([name]) => spawnSync(name!, ["-c", "true"]).error === undefined);

function answerOf([shell, ...options]: readonly string[], text: string) {
  const { status, stdout, stderr } = spawnSync(shell!, [...options, "-c", text], { encoding: "utf8", input: "the session's own stdin\n" });
  return { code: status ?? -1, stdout, stderr };
}

describe.each(shells.map((shell) => [shell.join(" "), shell] as const))("sections under %s", (_, shell) => {
  test.each([
    ["one line", "echo a", { text: "a\n", code: 0 }],
    ["no final newline", "printf a", { text: "a", code: 0 }],
    ["nothing", ":", { text: "", code: 0 }],
    ["empty lines", "printf '\\n\\na\\n\\n'", { text: "\n\na\n\n", code: 0 }],
    ["blanks in front", "echo '  a'", { text: "  a\n", code: 0 }],
    ["what looks like a section", "printf 'x\\n=two\\n y\\n0\\n'", { text: "x\n=two\n y\n0\n", code: 0 }],
    ["an exit", "echo a; exit 7; echo b", { text: "a\n", code: 7 }],
    ["a comment at the end", "echo a # b", { text: "a\n", code: 0 }],
    ["a script that wants stdin", "cat", { text: "", code: 0 }],
  ])("%s", (__, script, expected) => {
    const { text } = observeSections([], [sh`v=1`, section("one", verbatim(script)), section("two", sh`echo "$v"`)]);
    const reports = reportsOf(answerOf(shell, text));
    expect([...reports]).toEqual([["one", expected], ["two", { text: "1\n", code: 0 }]]);
  });

  test("a missing tool ends the script and becomes a problem", () => {
    const script = observeSections([], [section("one", sh`echo a`), requireTool("no-such-tool", "no-such-package"), section("two", sh`echo b`)]);
    const answer = answerOf(shell, script.text);
    expect([...sectionsOf(answer)]).toEqual([["one", "a\n"]]);
    expect(answer.code).toBe(missingToolCode);
    expect(toolProblem(answer)).toEqual({ code: "E_TOOL", message: "no-such-tool is not on the host", hint: "install the package no-such-package" });
  });
});

test("an answer that is cut off has no half section", () => {
  expect([...sectionsOf({ stdout: "=one\n a\n \n 0\n=two\n b" })]).toEqual([["one", "a\n"]]);
});

test("other failures are no missing tool", () => {
  expect(toolProblem({ code: 1, stdout: "", stderr: "missing tool: a (package b)\n" })).toBeUndefined();
});
