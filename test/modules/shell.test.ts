import { shell } from "../../src/modules/shell.ts";
import { actor } from "./_actor.ts";
import { syntaxErrors } from "./_planner.ts";
import { answerOf, shells } from "./_shells.ts";

const { badArguments, step, probe, readOnly, outcome, bind } = actor(shell);

test.each<[Record<string, unknown>, string]>([
  [{}, 'shell: "cmd" is missing'],
  [{ cmd: "" }, 'shell: "cmd" must not be empty'],
  [{ cmd: "ls", executable: "bash" }, 'shell: "executable" must be an absolute path'],
  [{ cmd: "ls", chdir: "tmp" }, 'shell: "chdir" must be an absolute path'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test.each<[string, string]>([
  ["ls | wc -l", "ls | wc -l"],
  ["\n  set -e\nmake\n", "set -e …"],
])("the title of %j is %j", (cmd, title) => {
  expect(step({ cmd }).title).toBe(title);
  expect(outcome({ cmd }, { code: 3 })).toMatchObject({ changed: true, failed: `${title}: exit code 3`, data: { cmd, rc: 3 } });
});

test("it is as read-only as it says, and has the probe of command", () => {
  expect([readOnly({ cmd: "ls" }), readOnly({ cmd: "ls", read_only: true })]).toEqual([false, true]);
  expect(probe({ cmd: "ls" })).toBeUndefined();
  expect(probe({ cmd: "ls", creates: "/a" })).toBeDefined();
  expect(shell.idle!(bind({ cmd: "ls" }), "/a exists")).toMatchObject({ rc: 0, stdout: "skipped, since /a exists" });
});

describe.each(shells)("under %s", (_, host) => {
  test.each<[string, Record<string, unknown>, object]>([
    ["a pipe", { cmd: "printf 'b\\na\\n' | sort" }, { code: 0, stdout: "a\nb\n" }],
    ["several lines and a here-document", { cmd: "a=1\ncat <<E\n  $a\n'b'\nE\n" }, { code: 0, stdout: "  1\n'b'\n" }],
    ["the last exit code counts", { cmd: "false; true" }, { code: 0 }],
    ["an exit", { cmd: "exit 7" }, { code: 7 }],
    ["a comment at the end", { cmd: "echo a # b" }, { code: 0, stdout: "a\n" }],
    ["stdin", { cmd: "read -r a; echo \"<$a>\"", stdin: "x y\n" }, { code: 0, stdout: "<x y>\n" }],
    ["a directory", { cmd: "pwd", chdir: "/usr" }, { code: 0, stdout: "/usr\n" }],
    ["a directory that is not there", { cmd: "echo went on", chdir: "/no/such" }, { stdout: "" }],
    ["bash", { cmd: "set -o pipefail; false | true; echo $?; a=(1 2); echo ${a[1]}", executable: "/bin/bash" }, { code: 0, stdout: "1\n2\n" }],
    ["bash, with stdin", { cmd: "read -r a; echo \"<$a>\"", executable: "/bin/bash", stdin: "x\n" }, { code: 0, stdout: "<x>\n" }],
    ["bash, in a directory, failing", { cmd: "pwd; exit 9", executable: "/bin/bash", chdir: "/usr" }, { code: 9, stdout: "/usr\n" }],
    ["a reader that is no shell", { cmd: "# it's\n1\n", executable: "/bin/cat" }, { code: 0, stdout: "# it's\n1\n\n" }],
    ["a reader that is not there", { cmd: "ls", executable: "/no/such" }, { code: 127 }],
    ["a long script", { cmd: `: ${"x".repeat(100_000)}\necho end`, executable: "/bin/bash" }, { code: 0, stdout: "end\n" }],
  ])("%s", (__, raw, expected) => {
    const { script, stdin } = step(raw);
    expect(answerOf(host, script, stdin === undefined ? {} : { stdin })).toMatchObject(expected);
  });

  test("a script for another interpreter does not stand in the list of processes", () => {
    const cmd = "marker=k7Jw2; tr '\\0' ' ' <\"/proc/$$/cmdline\"";
    expect(answerOf(host, step({ cmd, executable: "/bin/bash" }).script)).toEqual({ code: 0, stdout: "/bin/bash /dev/fd/3 ", stderr: "" });
  });
});

test("every shell can read the scripts", () => {
  expect(syntaxErrors([step({ cmd: "echo 'a'\n", chdir: "/it's" }).script, step({ cmd: "[[ a ]] <<< 'x", executable: "/bin/ba sh" }).script])).toEqual([]);
});
