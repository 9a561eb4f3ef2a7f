import { mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "../../src/modules/command.ts";
import { actor } from "./_actor.ts";
import { syntaxErrors } from "./_planner.ts";
import { answerOf, shells } from "./_shells.ts";

const { badArguments, step, probe, readOnly, outcome, bind } = actor(command);

test.each<[Record<string, unknown>, string]>([
  [{}, 'command: takes exactly one of "cmd" and "argv"'],
  [{ cmd: "a", argv: ["a"] }, 'command: takes exactly one of "cmd" and "argv"'],
  [{ cmd: "echo 'a" }, `command: "cmd" cannot be read: a single quote (') has no partner`],
  [{ cmd: "  \t " }, "command: names no program"],
  [{ cmd: "''" }, "command: names no program"],
  [{ argv: [] }, "command: names no program"],
  [{ argv: ["", "a"] }, "command: names no program"],
  [{ cmd: "" }, 'command: "cmd" must not be empty'],
  [{ cmd: "ls", chdir: "tmp" }, 'command: "chdir" must be an absolute path'],
  [{ cmd: "ls", creates: "x" }, 'command: "creates" must be an absolute path'],
  [{ argv: [["a"]] }, 'command: "argv[0]" must be text'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test("check mode runs what changes nothing, and only that", () => {
  expect([readOnly({ cmd: "ls" }), readOnly({ cmd: "ls", read_only: true })]).toEqual([false, true]);
});

test.each<[string, Record<string, unknown>, object, object]>([
  ["success", { cmd: "ls  'a b'" }, { stdout: "a\n\nb\n" }, { changed: true, data: { cmd: "ls 'a b'", rc: 0, stdout: "a\n\nb", stderr: "", stdout_lines: ["a", "", "b"], stderr_lines: [] } }],
  ["an output of which only the ends were kept", { cmd: "ls" }, { stdout: "a", omitted: { stdout: 9, stderr: 0 } }, { data: { stdout: "a", stdout_truncated: true } }],
  ["success that changes nothing", { cmd: "ls", read_only: true }, {}, { changed: false, data: { stdout_lines: [] } }],
  ["failure", { cmd: "ls x" }, { code: 2, stderr: "trying\nls: x: No such file\n" }, { failed: "ls x: exit code 2: ls: x: No such file", data: { rc: 2, stderr_lines: ["trying", "ls: x: No such file"] } }],
  ["a shell's own words (dash)", { cmd: "nothing" }, { code: 127, stderr: "/proc/self/fd/3: 2: exec: nothing: not found\n" }, { failed: "nothing: exit code 127: nothing: not found", data: { rc: 127 } }],
  ["a shell's own words (bash)", { cmd: "nothing" }, { code: 127, stderr: "/proc/self/fd/3: line 2: exec: nothing: not found\n" }, { failed: "nothing: exit code 127: nothing: not found", data: { rc: 127 } }],
  ["failure without a word", { cmd: "false" }, { code: 1 }, { failed: "false: exit code 1", data: { rc: 1 } }],
])("%s", (_, raw, answer, expected) => {
  expect(outcome(raw, answer)).toMatchObject(expected);
});

test("what register sees when there was nothing to do has the same keys, in Ansible's words", () => {
  expect(command.idle!(bind({ cmd: "touch /a" }), "/a exists")).toEqual({ cmd: "touch /a", rc: 0, stdout: "skipped, since /a exists", stderr: "", stdout_lines: ["skipped, since /a exists"], stderr_lines: [] });
});

describe.each(shells)("under %s", (_, shell) => {
  test.each<[Record<string, unknown>, string]>([
    [{ cmd: "printf '%s.' a 'b c' \"d\\\"e\" f\\ g" }, 'a.b c.d"e.f g.'],
    [{ cmd: "printf '%s.' $HOME * ~ `id` a;b | >x && #" }, "$HOME.*.~.`id`.a;b.|.>x.&&.#."],
    [{ argv: ["printf", "%s.", "", " ", "'", "a\nb", "-n", 5] }, ". .'.a\nb.-n.5."],
    [{ cmd: "cat", stdin: "no newline" }, "no newline"],
    [{ cmd: "cat", stdin: "" }, ""],
    [{ cmd: "pwd", chdir: "/usr" }, "/usr\n"],
  ])("%j prints %j", (raw, stdout) => {
    const { script, stdin } = step(raw);
    expect(answerOf(shell, script, stdin === undefined ? {} : { stdin })).toEqual({ code: 0, stdout, stderr: "" });
  });

  test.each<[Record<string, unknown>, number | "not 0", RegExp]>([
    [{ cmd: "sh -c 'exit 7'" }, 7, /^$/],
    [{ cmd: "no-such-program a" }, 127, /no-such-program.*not found/],
    [{ cmd: "/etc/passwd" }, 126, /Permission denied/],
    [{ cmd: "pwd", chdir: "/no/such" }, "not 0", /cd.*\/no\/such/],
    [{ argv: ["A=1"] }, 127, /A=1.*not found/],
  ])("%j fails", (raw, code, stderr) => {
    const answer = answerOf(shell, step(raw).script);
    expect(code === "not 0" ? answer.code !== 0 : answer.code === code).toBe(true);
    expect(answer.stderr).toMatch(stderr);
    expect(answer.stdout).toBe("");
  });

  describe("creates and removes", () => {
    let home: string;
    beforeEach(() => (home = realpathSync(mkdtempSync(join(tmpdir(), "bowline-command-")))));
    afterEach(() => rmSync(home, { recursive: true }));

    test.each<[string, (home: string) => Record<string, unknown>, number, (home: string) => string]>([
      ["creates something that is there", (at) => ({ creates: at }), 0, (at) => `${at} exists\n`],
      ["creates something that is not there", (at) => ({ creates: `${at}/x` }), 1, () => ""],
      ["removes something that is there", (at) => ({ removes: at }), 1, () => ""],
      ["removes something that is not there", (at) => ({ removes: `${at}/it's` }), 0, (at) => `${at}/it's does not exist\n`],
      ["both, and there is something to do", (at) => ({ creates: `${at}/x`, removes: at }), 1, () => ""],
      ["both, and the one is there", (at) => ({ creates: at, removes: at }), 0, (at) => `${at} exists\n`],
      ["both, and the other is not there", (at) => ({ creates: `${at}/x`, removes: `${at}/y` }), 0, (at) => `${at}/y does not exist\n`],
      ["creates what a broken link only promises", (at) => ({ creates: `${at}/link` }), 1, () => ""],
    ])("%s", (__, raw, code, stdout) => {
      symlinkSync("nowhere", join(home, "link"));
      expect(answerOf(shell, probe({ cmd: "ls", ...raw(home) })!)).toEqual({ code, stdout: stdout(home), stderr: "" });
    });
  });
});

test("without creates and removes there is no look", () => {
  expect(probe({ cmd: "ls" })).toBeUndefined();
});

test("every shell can read the scripts", () => {
  const odd = { argv: ["it's", "a\nb", "$(x)"], chdir: "/it's\n$x", creates: "/it's", removes: "/a\nb" };
  expect(syntaxErrors([step(odd).script, probe(odd)!])).toEqual([]);
});
