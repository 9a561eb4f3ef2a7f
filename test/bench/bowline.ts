import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunEnd } from "../../src/events/event.ts";
import { clocked, expectChanges, sumOf, type Ended } from "./clock.ts";
import type { Contestant } from "./contestant.ts";
import type { Course } from "./course.ts";
import { hostsOf, playbookText } from "./playbook.ts";

/** The built command: dist/ is what people get. */
export const main = join(import.meta.dirname, "../../dist/main.js");

/** The built command line, as a person starts it. */
export const bowline: Contestant = {
  name: "bowline run",
  words: "the built command",
  version: async () => `Node.js ${process.version}, Bowline ${(await clocked("node", [main, "--version"])).stdout.trim()}`,
  async race(course, changed) {
    const { stdout, ...ran } = await started(course);
    expectChanges("bowline", changed, sumOf(/\bchanged[= ](\d+)/g, stdout), stdout);
    return { ...ran, roundTrips: await roundTripsOf(stateOf(course)) };
  },
};

/** The same up to where the first host would be reached: start, reading and checking. */
export const syntaxCheck: Contestant = {
  name: "bowline run --syntax-check",
  words: "the same command, which ends where the first host would be reached",
  race: (course) => started(course, { more: ["--syntax-check"] }),
};

/** One run over the course, with Node.js told `node` and Bowline told `more`. */
export async function started(course: Course, { node = [], more = [] }: { node?: readonly string[]; more?: readonly string[] } = {}): Promise<Ended> {
  await mkdir(course.dir, { recursive: true });
  const [playbook, inventory] = [join(course.dir, "bowline.yml"), join(course.dir, "bowline-inventory.yml")];
  await writeFile(playbook, playbookText(course, "directory", []));
  const { port, user, identityFile, knownHostsFile } = course.login;
  const ssh = { port, user, identity_file: identityFile, identity_agent: "none", known_hosts_file: knownHostsFile };
  await writeFile(inventory, JSON.stringify({ all: { hosts: hostsOf(course), vars: { ssh } } }));
  const args = [...node, main, "run", playbook, "-i", inventory, "--forks", String(course.forks), ...more];
  return clocked("node", args, { env: { BOWLINE_STATE_DIR: stateOf(course) } });
}

function stateOf(course: Course): string {
  return join(course.dir, "state");
}

async function roundTripsOf(state: string): Promise<number> {
  const runs = (await readdir(join(state, "runs"))).filter((name) => name.endsWith(".ndjson")).sort();
  const lines = (await readFile(join(state, "runs", runs.at(-1)!), "utf8")).trimEnd().split("\n");
  const end = JSON.parse(lines.at(-1)!) as RunEnd;
  return Math.max(...Object.values(end.roundTrips));
}
