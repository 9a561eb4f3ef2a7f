import { execFileSync } from "node:child_process";
import { chmod, stat, writeFile } from "node:fs/promises";
import { cpus, loadavg, totalmem, userInfo } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Proxy } from "../lab/proxy.ts";
import { startSshd, type Sshd } from "../lab/sshd.ts";
import { ansible, bareLogin, bowline, script, type Contestant } from "./contestants.ts";
import { behindWire, makeCourse, type Course } from "./course.ts";
import { loginCounter } from "./logins.ts";
import { reportText, type Measured, type Report } from "./report.ts";
import { startUpTimes } from "./start-up.ts";

const usage = `npm run bench -- [--rounds N] [--without ansible-playbook]… [--write]

  --rounds N       how often each contestant runs each course, one after the other in turn (default 3)
  --without NAME   leave one out; Ansible takes most of the time
  --write          put the report into docs/bench.md
`;

const project = join(import.meta.dirname, "../..");
const forks = 10;
/** Milliseconds that a byte takes one way: a host in the next country. */
const wireDelay = 10;

/**
 * The fifty addresses are one machine, which has one lock; fifty machines would have one each. Here nobody locks, as on a
 * host without flock. Of several SetEnv lines sshd takes the first, so ours says also what startSshd's would.
 */
const withoutLock = "SetEnv SHLVL=2 BOWLINE_LOCK=/nonexistent/lock";

/** Seconds of a round after which a contestant has no other on that course: nobody needs its third digit. */
const longRound = 60;

const { values: options } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, without: { type: "string", multiple: true, default: [] }, write: { type: "boolean", default: false }, help: { type: "boolean", short: "h", default: false } },
});
const all = [bareLogin, script, bowline, ansible];
const unknown = options.without.filter((name) => !all.some((contestant) => contestant.name === name));

if (options.help) process.stdout.write(usage);
else if (!/^[1-9]\d*$/.test(options.rounds) || unknown.length > 0) refuse();
else await told(() => bench(Number(options.rounds), all.filter(({ name }) => !options.without.includes(name))));

function refuse(): void {
  process.stderr.write(`${usage}\nThe names are: ${all.map(({ name }) => name).join(", ")}\n`);
  process.exitCode = 5;
}

async function told(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

async function bench(rounds: number, contestants: readonly Contestant[]): Promise<void> {
  const sshd = await startSshd({ hosts: 50, config: ["LogLevel VERBOSE", withoutLock] });
  const load = loadavg()[0]!;
  let wire: Proxy | undefined;
  try {
    const startUp = await startUpTimes(join(project, "dist/main.js"), 25);
    const owner = { user: userInfo().username, group: execFileSync("id", ["-gn"], { encoding: "utf8" }).trim() };
    const one = await makeCourse(sshd, owner, { title: "1 host, 100 directories", hosts: 1, tasks: 100, forks });
    const fifty = await makeCourse(sshd, owner, { title: "50 hosts, 20 directories", hosts: 50, tasks: 20, forks });
    const far = await behindWire({ ...one, title: `1 host, 100 directories, ${2 * wireDelay} ms away` }, sshd, wireDelay);
    wire = far.wire;
    for (const contestant of contestants.filter((each) => each !== bareLogin)) await proves(contestant, one);
    const measured: Measured[] = [];
    for (const course of [one, far.course, fifty]) measured.push(await measure(course, sshd, contestants, rounds));
    await conclude({ startUp, measured, rounds, load });
  } finally {
    await wire?.close();
    await sshd.stop();
  }
}

/** Before its time counts, a contestant shows that it sees and mends what is wrong. */
async function proves(contestant: Contestant, course: Course): Promise<void> {
  const directory = course.directories[course.directories.length >> 1]!;
  await chmod(directory, 0o700);
  await contestant.race(course, 1);
  const { mode } = await stat(directory);
  if ((mode & 0o7777) !== Number.parseInt(course.mode, 8)) throw new Error(`${contestant.name} said that it mended ${directory}, and did not`);
}

/** Every contestant in turn, round after round, so that what else the machine does hits all of them alike. */
async function measure(course: Course, sshd: Sshd, contestants: readonly Contestant[], rounds: number): Promise<Measured> {
  const lines = contestants.map(({ name }) => ({ name, seconds: [] as number[], logins: 0, roundTrips: undefined as number | undefined }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, contestant] of contestants.entries()) {
      if (lines[index]!.seconds.some((seconds) => seconds > longRound)) continue;
      process.stderr.write(`${course.title}: round ${round} of ${rounds}: ${contestant.name} …\n`);
      const logins = await loginCounter(sshd);
      const ran = await contestant.race(course, 0);
      const line = lines[index]!;
      line.seconds.push(ran.seconds);
      line.logins = await logins();
      line.roundTrips = ran.roundTrips;
    }
  }
  return { title: course.title, lines };
}

async function conclude({ load, ...measured }: Pick<Report, "startUp" | "measured" | "rounds"> & { load: number }): Promise<void> {
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? "unknown", memory: totalmem(), load, node: process.version, ansible: ansibleVersion(), ssh: sshVersion() };
  const text = reportText({ ...measured, forks, machine });
  process.stdout.write(text);
  if (options.write) await writeFile(join(project, "docs/bench.md"), text);
}

function ansibleVersion(): string {
  return firstLine("ansible-playbook", "--version");
}

/** ssh says its version on standard error. */
function sshVersion(): string {
  return firstLine("sh", "-c", "ssh -V 2>&1");
}

function firstLine(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: "utf8" }).split("\n")[0]!;
}
