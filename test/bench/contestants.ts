import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunEnd } from "../../src/events/event.ts";
import { run, tail } from "../lab/process.ts";
import { sshOptions } from "../lab/ssh.ts";
import type { Course } from "./course.ts";

/** Somebody who runs the course. */
export interface Contestant {
  readonly name: string;
  /** Runs the course once, from nothing to the end: no connection is open before. Throws unless it found `changed` differences. */
  race(course: Course, changed: number): Promise<Ran>;
}

export interface Ran {
  readonly seconds: number;
  /** Of the host that took most of them, as Bowline's journal has it. */
  readonly roundTrips?: number;
}

const project = join(import.meta.dirname, "../..");

/** One login and the smallest command: no tool that uses ssh can be faster. */
export const bareLogin: Contestant = {
  name: "ssh host true",
  async race(course) {
    const words = [...sshOptions({ ...course.login, host: "" }), "-l", course.login.user];
    return finished("ssh", await clocked("xargs", ["-P", String(course.forks), "-I", "{}", "ssh", ...words, "{}", "true"], { stdin: course.hosts.join("\n") }));
  },
};

/**
 * What a careful person writes by hand: the same look at type, owner and mode, and the same repair. It goes to `ssh HOST sh`,
 * to several hosts at a time with xargs.
 */
export const script: Contestant = {
  name: "ssh host sh < script",
  async race(course, changed) {
    await mkdir(course.dir, { recursive: true });
    const file = join(course.dir, "directories.sh");
    await writeFile(file, scriptText(course));
    const words = [...sshOptions({ ...course.login, host: "" }), "-l", course.login.user].join(" ");
    const each = `ssh ${words} "$1" sh <${file}`;
    const ended = await clocked("xargs", ["-P", String(course.forks), "-I", "{}", "sh", "-c", each, "sh", "{}"], { stdin: course.hosts.join("\n") });
    const ran = finished("ssh", ended);
    expectChanges("ssh", changed, ended.stdout.split("\n").filter((line) => line.startsWith("changed ")).length, ended.stdout);
    return ran;
  },
};

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

/** The built command line, as a person starts it. */
export const bowline: Contestant = {
  name: "bowline run",
  async race(course, changed) {
    await mkdir(course.dir, { recursive: true });
    const [playbook, inventory] = [join(course.dir, "bowline.yml"), join(course.dir, "bowline-inventory.yml")];
    await writeFile(playbook, playbookText(course, "directory", []));
    const { port, user, identityFile, knownHostsFile } = course.login;
    const ssh = { port, user, identity_file: identityFile, identity_agent: "none", known_hosts_file: knownHostsFile };
    await writeFile(inventory, JSON.stringify({ all: { hosts: hostsOf(course), vars: { ssh } } }));
    const args = [join(project, "dist/main.js"), "run", playbook, "-i", inventory, "--forks", String(course.forks)];
    const state = join(course.dir, "state");
    const ended = await clocked("node", args, { env: { BOWLINE_STATE_DIR: state } });
    const ran = finished("bowline", ended);
    expectChanges("bowline", changed, sumOf(/\bchanged[= ](\d+)/g, ended.stdout), ended.stdout);
    return { ...ran, roundTrips: await roundTripsOf(state) };
  },
};

async function roundTripsOf(state: string): Promise<number> {
  const runs = (await readdir(join(state, "runs"))).filter((name) => name.endsWith(".ndjson")).sort();
  const lines = (await readFile(join(state, "runs", runs.at(-1)!), "utf8")).trimEnd().split("\n");
  const end = JSON.parse(lines.at(-1)!) as RunEnd;
  return Math.max(...Object.values(end.roundTrips));
}

/** As its documentation says for speed: pipelining, connections that are kept for the run, no facts. */
export const ansible: Contestant = {
  name: "ansible-playbook",
  async race(course, changed) {
    await mkdir(course.dir, { recursive: true });
    const at = (name: string) => join(course.dir, name);
    // The path of a unix socket may have 107 characters, so not where the rest is.
    const sockets = await mkdtemp(join(course.dir, "../../s-"));
    await writeFile(at("ansible.yml"), playbookText(course, "ansible.builtin.file", ["state: directory"]));
    const vars = { ansible_python_interpreter: "/usr/bin/python3", ansible_user: course.login.user };
    await writeFile(at("ansible-inventory.yml"), JSON.stringify({ all: { hosts: hostsOf(course), vars } }));
    const options = [...sshOptions({ ...course.login, host: "" }), "-o", "ControlMaster=auto", "-o", "ControlPersist=60s"].join(" ");
    await writeFile(at("ansible.cfg"), `[defaults]\nforks = ${course.forks}\nretry_files_enabled = False\n[ssh_connection]\npipelining = True\nssh_args = ${options}\ncontrol_path_dir = ${sockets}\n`);
    try {
      const ended = await clocked("ansible-playbook", ["-i", at("ansible-inventory.yml"), at("ansible.yml")], { env: { ANSIBLE_CONFIG: at("ansible.cfg"), ANSIBLE_HOME: at("ansible-home"), ANSIBLE_NOCOLOR: "1" } });
      const ran = finished("ansible-playbook", ended);
      expectChanges("ansible-playbook", changed, sumOf(/\bchanged=(\d+)/g, ended.stdout), ended.stdout);
      return ran;
    } finally {
      await hangUp(sockets);
    }
  },
};

/** The connections that ssh keeps for Ansible would give its next round a start that no other has. */
async function hangUp(sockets: string): Promise<void> {
  for (const name of await readdir(sockets)) await run("ssh", ["-F", "none", "-o", `ControlPath=${join(sockets, name)}`, "-O", "exit", "any"]);
  await rm(sockets, { recursive: true, force: true });
}

/** The same playbook for both, but for the name of the module and what it must be told besides. */
function playbookText({ directories, owner, group, mode }: Course, module: string, more: readonly string[]): string {
  const tasks = directories.flatMap((path) => [
    `    - name: directory ${path}`,
    `      ${module}:`,
    ...[`path: ${path}`, ...more, `owner: ${owner}`, `group: ${group}`, `mode: "${mode}"`].map((line) => `        ${line}`),
  ]);
  return ["- hosts: all", "  gather_facts: false", "  tasks:", ...tasks, ""].join("\n");
}

function hostsOf(course: Course): Record<string, null> {
  return Object.fromEntries(course.hosts.map((host) => [host, null]));
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

async function clocked(command: string, args: readonly string[], { stdin, env = {} }: { stdin?: string; env?: Readonly<Record<string, string>> }): Promise<Ended> {
  const words = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const started = performance.now();
  const ended = await run("env", [...words, command, ...args], { timeoutMs: 3_600_000, ...(stdin === undefined ? {} : { stdin }) });
  return { ...ended, seconds: (performance.now() - started) / 1000 };
}

function finished(name: string, { code, stdout, stderr, seconds }: Ended): Ran {
  if (code !== 0) throw new Error(`${name}: exit code ${code}\n${tail(stderr)}\n${tail(stdout)}`);
  return { seconds };
}

/** A contestant that does not look, or does not see, must not win. */
function expectChanges(name: string, expected: number, seen: number, output: string): void {
  if (seen !== expected) throw new Error(`${name}: ${seen} changes, where ${expected} were to be found\n${tail(output)}`);
}

function sumOf(pattern: RegExp, text: string): number {
  return [...text.matchAll(pattern)].reduce((sum, [, digits]) => sum + Number(digits), 0);
}
