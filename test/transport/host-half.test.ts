import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { bootstrap, hostHalf } from "../../src/transport/wire.ts";

const path = "src/transport/session.sh";

test.each([["dash"], ["busybox", "sh"], ["bash"], ["bash", "--posix"]])("%s %s can read the host's half, and what is sent of it", (shell, ...more) => {
  execFileSync(shell, [...more, "-n", path]);
  execFileSync(shell, [...more, "-n"], { input: hostHalf });
});

test("shellcheck finds nothing in the host's half, nor in what starts it", () => {
  execFileSync("shellcheck", [path]);
  execFileSync("shellcheck", ["--shell=sh", "-"], { input: bootstrap });
});

test("what is sent of the host's half fits its budget, and loses only comments and indentation", () => {
  expect(hostHalf.length).toBeLessThan(8.25 * 1024);
  const text = readFileSync(path, "utf8");
  const lines = (from: string) => from.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines(hostHalf)).toEqual(lines(text));
});

test("no line of the host's half is the one that ends it", () => {
  expect(hostHalf.split("\n")).not.toContain(".");
});

test("what starts it has no character that a login shell could take for its own", () => {
  const [, quoted] = /^sh -c '([^']*)'$/.exec(bootstrap)!;
  expect(quoted).not.toMatch(/[!\n]/);
});
