import { script } from "../../src/modules/script.ts";
import { scriptWords } from "../../src/modules/args.ts";
import { actor } from "./_actor.ts";
import { syntaxErrors } from "./_planner.ts";
import { answerOf, shells } from "./_shells.ts";

const { step, outcome, probe, badArguments } = actor(script);

const of = (text: string | undefined, words = "") => ({ cmd: { file: { path: "/c/it's.sh", size: text?.length ?? 70000, sha256: "0", ...(text === undefined ? {} : { text }) }, words } });

test.each<[string, object]>([
  ["prepare.sh", { path: "prepare.sh", words: "" }],
  ["prepare.sh --a 'b c'", { path: "prepare.sh", words: "--a 'b c'" }],
  ["'my script.sh' a", { path: "my script.sh", words: "a" }],
  ["  a.sh\n  b\n  c", { path: "a.sh", words: "b\n  c" }],
])("%j is a path and arguments", (line, expected) => {
  expect(scriptWords(line)).toEqual(expected);
});

describe.each(shells)("under %s", (_, shell) => {
  test.each<[string, Record<string, unknown>, string]>([
    ["sh, when it does not say", of("echo \"$#\" \"$1\"\n", "'a b' c"), "2 a b\n"],
    ["its first line", of("#!/bin/bash\n[[ a = a ]] && echo \"${BASH_VERSION:+bash}\"\n"), "bash\n"],
    ["its first line, with an option", of("#!/bin/sh -e\nfalse\necho no\n"), ""],
    ["env", of("#!/usr/bin/env bash\necho \"${BASH_VERSION:+bash}\"\n"), "bash\n"],
    ["executable", { ...of("#!/no/such\ncase $- in *u*) echo strict ;; esac\n"), executable: "bash -u" }, "strict\n"],
    ["its own stdin", { ...of("cat\n"), stdin: "in" }, "in"],
    ["arguments that a shell would expand", of("printf '%s\\n' \"$@\"\n", "'$(x)' *"), "$(x)\n*\n"],
  ])("read by %s", (__, raw, stdout) => {
    const { script: sent, stdin } = step(raw);
    expect(answerOf(shell, sent, stdin === undefined ? {} : { stdin }).stdout).toBe(stdout);
  });

  test("it runs where it is told", () => {
    expect(answerOf(shell, step({ ...of("pwd\n"), chdir: "/" }).script)).toEqual({ code: 0, stdout: "/\n", stderr: "" });
  });

  test("creates and removes", () => {
    expect(answerOf(shell, probe({ ...of(""), creates: "/" })!)).toMatchObject({ code: 0, stdout: "/ exists\n" });
    expect(answerOf(shell, probe({ ...of(""), removes: "/" })!).code).toBe(1);
  });
});

test("results name the script as it would be typed", () => {
  expect(outcome(of("x", "'a b' c"), { code: 4, stderr: "no\n" })).toMatchObject({ changed: true, failed: "'/c/it'\\''s.sh' 'a b' c: exit code 4: no", data: { rc: 4 } });
});

test.each<[Record<string, unknown>, string]>([
  [of(undefined), "script: /c/it's.sh is larger than 64 KiB, or is no text"],
  [of("x", "'a"), `script: "cmd" cannot be read: a single quote (') has no partner`],
  [{ ...of("x"), executable: "'python" }, `script: "executable" cannot be read: a single quote (') has no partner`],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test("every shell can read it", () => {
  expect(syntaxErrors([step({ ...of("#!/bin/sh\nit's\n", "a"), chdir: "/it's" }).script])).toEqual([]);
});
