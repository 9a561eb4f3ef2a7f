import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sshOptions } from "../lab/ssh.ts";
import type { Sshd } from "../lab/sshd.ts";
import { clocked, expectChanges, sumOf, type Ended } from "./clock.ts";
import type { Row } from "./row.ts";
import type { Section, Stage } from "./section.ts";

const project = join(import.meta.dirname, "../..");
const forks = 10;
const megabyte = 1_000_000;
const smallFiles = 100;

export const files: Section = {
  name: "files",
  title: "Files",
  words: `\`copy\`, from the start of the command to its end, beside the program that a person would take: 100 MB of random bytes to one host beside \`scp\`, with the digest before and the proof after it; ${smallFiles} files of 4 kB, one loop, beside \`tar\` into \`ssh\`; the same again when nothing has changed; 10 MB to fifty hosts, ${forks} at a time, beside as many \`scp\`.`,
  measure: fileRows,
};

/** One of those who bring files, and what is to be there afterwards. */
interface Race {
  readonly name: string;
  readonly before: () => Promise<void>;
  readonly ours: () => Promise<Ended>;
  readonly theirs: () => Promise<Ended>;
  readonly after: () => Promise<void>;
}

async function fileRows(stage: Stage): Promise<Row[]> {
  const dir = join(stage.sshd.dir, "files");
  await mkdir(join(dir, "small"), { recursive: true });
  await writeFile(join(dir, "100MB"), randomBytes(100 * megabyte));
  await writeFile(join(dir, "10MB"), randomBytes(10 * megabyte));
  for (let index = 0; index < smallFiles; index += 1) await writeFile(join(dir, "small", `f${index}`), randomBytes(2000).toString("hex"));
  try {
    const [large, small, same, many] = [await largeFile(stage.sshd, dir), await manySmall(stage.sshd, dir, true), await manySmall(stage.sshd, dir, false), await manyHosts(stage.sshd, dir)];
    return [
      // As fast as 0.7 times scp.
      { ...(await raced(large, "scp", stage)), limit: 1 / 0.7 },
      await raced(small, "tar | ssh tar", stage),
      await raced(same, "tar | ssh tar", stage),
      await raced(many, `xargs -P ${forks} scp`, stage),
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** In turn, round after round, so that what else the machine does hits both alike. */
async function raced({ name, before, ours, theirs, after }: Race, other: string, { rounds, say }: Stage): Promise<Row> {
  const seconds: number[] = [];
  const cpu: number[] = [];
  const beside: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    say(`files: ${name}: round ${round} of ${rounds}`);
    await before();
    const ran = await ours();
    seconds.push(ran.seconds);
    cpu.push(ran.cpuSeconds ?? 0);
    await after();
    await before();
    beside.push((await theirs()).seconds);
    await after();
  }
  return { name, seconds, cpuSeconds: cpu.sort((a, b) => a - b)[cpu.length >> 1]!, against: { name: other, seconds: beside } };
}

async function largeFile(sshd: Sshd, dir: string): Promise<Race> {
  const [from, to] = [join(dir, "100MB"), join(dir, "out-100MB")];
  const run = await runOf(sshd, dir, { hosts: 1, task: [`    - copy: {src: ${from}, dest: ${to}, mode: "0644"}`], changed: 1 });
  return {
    name: "100 MB to one host",
    before: () => rm(to, { force: true }),
    ours: run,
    theirs: () => clocked("scp", [...loginOf(sshd), from, `${sshd.user}@${sshd.hosts[0]}:${to}`]),
    after: () => mustBeLike(to, from),
  };
}

async function manySmall(sshd: Sshd, dir: string, isNew: boolean): Promise<Race> {
  const [from, to] = [join(dir, "small"), join(dir, isNew ? "out-new" : "out-same")];
  const task = [`    - copy: {src: "${from}/f{{ item }}", dest: "${to}/f{{ item }}", mode: "0644"}`, `      with_sequence: start=0 end=${smallFiles - 1}`];
  const run = await runOf(sshd, dir, { hosts: 1, task, changed: isNew ? 1 : 0 });
  const empty = async () => {
    await rm(to, { recursive: true, force: true });
    await mkdir(to);
  };
  const tar = `tar -C ${from} -cf - . | ssh ${loginOf(sshd).join(" ")} ${sshd.user}@${sshd.hosts[0]} tar -C ${to} -xf -`;
  await empty();
  if (!isNew) await clocked("cp", ["-r", `${from}/.`, to]);
  return {
    name: isNew ? `${smallFiles} small files` : `${smallFiles} small files that are as they should be`,
    before: isNew ? empty : () => Promise.resolve(),
    ours: run,
    theirs: () => clocked("sh", ["-c", tar]),
    after: () => mustBeLike(join(to, `f${smallFiles - 1}`), join(from, `f${smallFiles - 1}`)),
  };
}

async function manyHosts(sshd: Sshd, dir: string): Promise<Race> {
  const [from, to] = [join(dir, "10MB"), join(dir, "out-many")];
  const run = await runOf(sshd, dir, { hosts: sshd.hosts.length, task: [`    - copy: {src: ${from}, dest: "${to}/{{ inventory_hostname }}", mode: "0644"}`], changed: sshd.hosts.length });
  return {
    name: `10 MB to ${sshd.hosts.length} hosts`,
    before: async () => {
      await rm(to, { recursive: true, force: true });
      await mkdir(to);
    },
    ours: run,
    theirs: () => clocked("xargs", ["-P", String(forks), "-I", "{}", "scp", ...loginOf(sshd), from, `${sshd.user}@{}:${to}/{}`], { stdin: sshd.hosts.join("\n") }),
    after: async () => {
      for (const host of sshd.hosts) await mustBeLike(join(to, host), from);
    },
  };
}

function loginOf(sshd: Sshd): string[] {
  return ["-q", ...sshOptions({ ...sshd, host: "" })];
}

/** A run of one task on the first hosts that must find so many of them changed. */
async function runOf(sshd: Sshd, dir: string, { hosts, task, changed }: { hosts: number; task: readonly string[]; changed: number }): Promise<() => Promise<Ended>> {
  const name = `${hosts}-${changed}-${task.length}-${task[0]!.length}`;
  const [playbook, inventory] = [join(dir, `${name}.yml`), join(dir, `${name}-hosts.yml`)];
  const { port, user, identityFile, knownHostsFile } = sshd;
  const ssh = { port, user, identity_file: identityFile, identity_agent: "none", known_hosts_file: knownHostsFile };
  await writeFile(playbook, ["- hosts: all", "  gather_facts: false", "  tasks:", ...task, ""].join("\n"));
  await writeFile(inventory, JSON.stringify({ all: { hosts: Object.fromEntries(sshd.hosts.slice(0, hosts).map((host) => [host, null])), vars: { ssh } } }));
  return async () => {
    const ended = await clocked("node", [join(project, "dist/main.js"), "run", playbook, "-i", inventory, "--forks", String(forks)], { env: { BOWLINE_STATE_DIR: join(dir, "state") } });
    expectChanges("bowline", changed, sumOf(/\bchanged[= ](\d+)/g, ended.stdout), ended.stdout);
    return ended;
  };
}

/** Who says that a file is there has brought it whole. */
async function mustBeLike(path: string, other: string): Promise<void> {
  const [one, two] = [await stat(path), await stat(other)];
  if (one.size !== two.size || !(await readFile(path)).equals(await readFile(other))) throw new Error(`${path} is not what ${other} is`);
}
