import { raw } from "../../src/modules/raw.ts";
import { actor } from "./_actor.ts";
import { answerOf, shells } from "./_shells.ts";

const { step, outcome, readOnly } = actor(raw);

describe.each(shells)("under %s", (_, shell) => {
  test.each<[Record<string, unknown>, string]>([
    [{ cmd: "echo a | tr a b; echo $((1 + 1))" }, "b\n2\n"],
    [{ cmd: "echo $0 \"$1\"", executable: "/bin/bash" }, "/dev/fd/3 \n"],
  ])("%j", (args, stdout) => {
    expect(answerOf(shell, step(args).script)).toEqual({ code: 0, stdout, stderr: "" });
  });
});

test("its exit code decides", () => {
  expect(outcome({ cmd: "x" }, { stdout: "a\nb\n" })).toMatchObject({ changed: true, data: { rc: 0, stdout_lines: ["a", "b"] } });
  expect(outcome({ cmd: "x" }, { code: 3 })).toMatchObject({ failed: "x: exit code 3" });
  expect(readOnly({ cmd: "x" })).toBe(false);
});
