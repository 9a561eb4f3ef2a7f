import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { run, tail } from "../lab/process.ts";
import { startSshd, type Sshd } from "../lab/sshd.ts";
import type { Row } from "./row.ts";
import type { Section } from "./section.ts";

const tasks = 20;
const fleets = [50, 200, 1000] as const;
const forks = 20;
const gigabyte = 1_000_000_000;

/** What a host prints, a gigabyte of it. */
const floods = {
  "one line without an end": `head -c ${gigabyte} /dev/zero | tr '\\0' x`,
  "lines of 70 letters": `yes 'a line of an ordinary length, as programs write them for people to see' | head -c ${gigabyte}`,
} as const;

const project = join(import.meta.dirname, "../..");

export const scale: Section = {
  name: "scale",
  title: "Many hosts, and a gigabyte of output",
  words: `${tasks} directories on 50, 200 and 1,000 addresses of OpenSSH's sshd on loopback, ${forks} at a time; each login has processes of its own, which share the machine with the controller. So the seconds say more about them than about it: its memory and its processor time are its own. A command prints 1 GB, once in one line without an end and once in short ones. One round.`,
  measure: ({ say }) => scaleRows(say),
};

async function scaleRows(say: (line: string) => void): Promise<Row[]> {
  const sshd = await startSshd({ hosts: Math.max(...fleets), config: [...ownProcesses(), withoutLock] });
  try {
    const directories = await makeDirectories(sshd);
    say("scale: 1 host");
    const one = await measured(sshd, { hosts: 1, playbook: directories, prove: sawAll(1) });
    const rows: Row[] = [];
    for (const hosts of fleets) {
      say(`scale: ${hosts} hosts`);
      const row = await measured(sshd, { hosts, playbook: directories, prove: sawAll(hosts) });
      const each = ((row.cpuSeconds - one.cpuSeconds) * 1000) / ((hosts - 1) * tasks);
      rows.push({ name: `${hosts} hosts × ${tasks} tasks`, ...row, atMost: { memoryMB: 300 }, detail: `${each.toFixed(2)} ms of processor for each host and task, logins included, start-up not` });
    }
    for (const [name, command] of Object.entries(floods)) {
      say(`scale: a gigabyte, ${name}`);
      const row = await measured(sshd, { hosts: 1, playbook: await makeFlood(sshd, command), prove: sawEnds });
      rows.push({ name: `1 GB of output, ${name}`, ...row, atMost: { memoryMB: 300 } });
    }
    return rows;
  } finally {
    await sshd.stop();
  }
}

/** As in the other courses: many addresses are one machine, which has one lock. */
const withoutLock = "SetEnv SHLVL=2 BOWLINE_LOCK=/nonexistent/lock";

/** A host sees its own processes in /proc and not those of a thousand others, where this machine lets us. */
function ownProcesses(): string[] {
  const words = ["--pid", "--fork", "--kill-child", "--mount-proc"];
  try {
    execFileSync("unshare", [...words, "true"], { stdio: "ignore" });
  } catch {
    // The hosts are slower then; the controller costs the same.
    return [];
  }
  return [`ForceCommand exec unshare ${words.join(" ")} sh -c "$SSH_ORIGINAL_COMMAND"`];
}

async function makeDirectories({ dir }: Sshd): Promise<string> {
  const { username: owner, gid } = userInfo();
  const paths = Array.from({ length: tasks }, (_, index) => join(dir, "scale", `part-${index + 1}`));
  for (const path of paths) await mkdir(path, { recursive: true, mode: 0o750 });
  return play(join(dir, "scale.yml"), paths.flatMap((path) => [`    - directory: {path: ${path}, owner: ${owner}, group: ${gid}, mode: "0750"}`]));
}

async function makeFlood({ dir }: Sshd, command: string): Promise<string> {
  const lines = [`    - shell: ${JSON.stringify(command)}`, "      register: flood", "    - assert:", "        that: flood.stdout_truncated && flood.rc == 0"];
  return play(join(dir, "flood.yml"), lines);
}

async function play(file: string, lines: readonly string[]): Promise<string> {
  await writeFile(file, ["- hosts: all", "  gather_facts: false", "  tasks:", ...lines, ""].join("\n"));
  return file;
}

interface Race {
  readonly hosts: number;
  readonly playbook: string;
  /** Throws when the output is not that of a run that did it all. */
  readonly prove: (output: string) => void;
}

function sawAll(hosts: number): Race["prove"] {
  return (output) => {
    const done = [...output.matchAll(new RegExp(`: ok=${tasks} +changed=0 `, "g"))].length;
    if (done !== hosts) throw new Error(`${done} of ${hosts} hosts came through\n${tail(output)}`);
  };
}

function sawEnds(output: string): void {
  if (!/warning: .* bytes in the middle of stdout were left out/.test(output)) throw new Error(`nothing was left out of a gigabyte\n${tail(output)}`);
}

async function measured(sshd: Sshd, { hosts, playbook, prove }: Race): Promise<{ seconds: number[]; memoryMB: number; cpuSeconds: number }> {
  const inventory = await makeInventory(sshd, hosts);
  const usageFile = join(sshd.dir, "usage.json");
  const env = [`BOWLINE_STATE_DIR=${join(sshd.dir, "scale-state")}`, `USAGE_FILE=${usageFile}`];
  const words = ["node", "--import", tellUsage, join(project, "dist/main.js"), "run", playbook, "-i", inventory, "--forks", String(forks)];
  const started = performance.now();
  const { code, stdout, stderr } = await run("env", [...env, ...words], { timeoutMs: 3_600_000 });
  const seconds = [(performance.now() - started) / 1000];
  if (code !== 0) throw new Error(`bowline run on ${hosts} hosts: exit code ${code}\n${tail(stderr)}\n${tail(stdout)}`);
  prove(stdout);
  const { kilobytes, microseconds } = JSON.parse(await readFile(usageFile, "utf8")) as Usage;
  return { seconds, memoryMB: kilobytes / 1024, cpuSeconds: microseconds / 1e6 };
}

interface Usage {
  /** VmHWM. */
  readonly kilobytes: number;
  /** User and system. */
  readonly microseconds: number;
}

/** Runs in the process that is measured, as its last words. getrusage's maxrss would count what forked it, too. */
const tellUsage = `data:text/javascript,${encodeURIComponent(`
import { readFileSync, writeFileSync } from "node:fs";
process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  const kilobytes = Number(/^VmHWM:\\s+(\\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  writeFileSync(process.env.USAGE_FILE, JSON.stringify({ kilobytes, microseconds: user + system }));
});
`)}`;

async function makeInventory({ dir, hosts: all, port, user, identityFile, knownHostsFile }: Sshd, count: number): Promise<string> {
  const file = join(dir, `scale-${count}.yml`);
  const ssh = { port, user, identity_file: identityFile, identity_agent: "none", known_hosts_file: knownHostsFile };
  await writeFile(file, JSON.stringify({ all: { hosts: Object.fromEntries(all.slice(0, count).map((host) => [host, null])), vars: { ssh } } }));
  return file;
}
