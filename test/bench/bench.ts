import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { cpus, tmpdir, totalmem, userInfo } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startSshd, type Sshd } from "../lab/sshd.ts";
import { ansible, bareLogin, bowline, script, type Contestant } from "./contestants.ts";
import { behindWire, makeCourse, type Course } from "./course.ts";
import { loginCounter } from "./logins.ts";
import { reportText, type Measured, type StartUp } from "./report.ts";
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

const { values: options } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, without: { type: "string", multiple: true, default: [] }, write: { type: "boolean", default: false }, help: { type: "boolean", short: "h", default: false } },
});
if (options.help) process.stdout.write(usage);
else await told(() => bench(Number(options.rounds), [bareLogin, script, bowline, ansible].filter(({ name }) => !options.without.includes(name))));

async function told(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

async function bench(rounds: number, contestants: readonly Contestant[]): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), "bowline-bench-"));
  await writeFile(join(path, "flock"), "#!/bin/sh\n", { mode: 0o755 });
  const sshd = await startSshd({ hosts: 50, config: serverConfig(path) });
  try {
    const startUp = await startUpTimes(join(project, "dist/main.js"), 3 * rounds);
    const owner = { user: userInfo().username, group: execFileSync("id", ["-gn"], { encoding: "utf8" }).trim() };
    const one = await makeCourse(sshd, owner, { title: "1 host, 100 directories", hosts: 1, tasks: 100, forks });
    const fifty = await makeCourse(sshd, owner, { title: "50 hosts, 20 directories", hosts: 50, tasks: 20, forks });
    const far = await behindWire({ ...one, title: `1 host, 100 directories, ${2 * wireDelay} ms away` }, sshd, wireDelay);
    for (const contestant of contestants.filter((each) => each !== bareLogin)) await proves(contestant, one);
    const measured: Measured[] = [];
    for (const course of [one, far.course, fifty]) measured.push(await measure(course, sshd, contestants, rounds));
    await far.wire.close();
    await conclude(startUp, measured, rounds);
  } finally {
    await sshd.stop();
    await rm(path, { recursive: true, force: true });
  }
}

/**
 * The fifty addresses are one machine, which has one lock: on fifty machines each would get its own at once, and so does
 * each here, from a flock that always says yes. Of several SetEnv lines sshd takes the first, so ours says also what
 * startSshd's would.
 */
function serverConfig(path: string): string[] {
  return ["LogLevel VERBOSE", `SetEnv SHLVL=2 PATH=${path}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`];
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

async function conclude(startUp: StartUp, measured: readonly Measured[], rounds: number): Promise<void> {
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? "unknown", memory: totalmem(), node: process.version, ansible: ansibleVersion(), ssh: sshVersion() };
  const text = reportText({ startUp, measured, rounds, forks, machine });
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
