import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../lab/process.ts";
import { sshOptions } from "../lab/ssh.ts";
import { clocked, expectChanges } from "./clock.ts";
import type { Contestant } from "./contestant.ts";
import type { Course } from "./course.ts";

/** One login and the smallest command: no tool that uses ssh can be faster. */
export const bareLogin: Contestant = {
  name: "ssh host true",
  words: "a login and nothing else",
  async race(course) {
    return clocked("xargs", ["-P", String(course.forks), "-I", "{}", "ssh", ...loginWords(course), "{}", "true"], { stdin: course.hosts.join("\n") });
  },
};

/**
 * What a careful person writes by hand: the same look at type, owner and mode, and the same repair. It goes to `ssh HOST sh`,
 * to several hosts at a time with xargs.
 */
export const script: Contestant = {
  name: "ssh host sh < script",
  words: "the same look and the same repair by hand, to several hosts at a time with `xargs -P`",
  // ssh says its version on standard error.
  version: async () => (await must("sh", ["-c", "ssh -V 2>&1"])).trim(),
  async race(course, changed) {
    await mkdir(course.dir, { recursive: true });
    const file = join(course.dir, "directories.sh");
    await writeFile(file, scriptText(course));
    const each = `ssh ${loginWords(course).join(" ")} "$1" sh <${file}`;
    const ended = await clocked("xargs", ["-P", String(course.forks), "-I", "{}", "sh", "-c", each, "sh", "{}"], { stdin: course.hosts.join("\n") });
    expectChanges("ssh", changed, ended.stdout.split("\n").filter((line) => line.startsWith("changed ")).length, ended.stdout);
    return ended;
  },
};

function loginWords({ login }: Course): string[] {
  return [...sshOptions({ ...login, host: "" }), "-l", login.user];
}

function scriptText({ directories, owner, group, mode }: Course): string {
  return `set -eu
directory() {
  if [ -d "$1" ]; then
    [ "$(stat -c '%U:%G %a' -- "$1")" != "$2 $3" ] || return 0
  else
    mkdir -p -- "$1"
  fi
  chown -- "$2" "$1"
  chmod -- "$3" "$1"
  echo "changed $1"
}
${directories.map((path) => `directory ${path} ${owner}:${group} ${mode.replace(/^0/, "")}`).join("\n")}
`;
}
