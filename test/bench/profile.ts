import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { bowline, main, started } from "./bowline.ts";
import { makeCourse, type Course } from "./course.ts";
import { groupOf, groups, sourcesOf, type Frame, type Group, type Place } from "./profile-groups.ts";
import { median } from "./row.ts";
import type { Section, Stage } from "./section.ts";
import { table } from "./table.ts";

/** Microseconds between two looks at the stack. */
const interval = 250;

/** How many of the functions are named. */
const functionsShown = 12;

export const profiled: Section = {
  name: "profile",
  title: "Where the time goes",
  words: `One \`${bowline.name}\` of a profiled round, the median of the rounds: the main thread's wall time by what it worked on, a sample every ${interval} µs. A function that all parts use (Node's own, \`src/core\`) counts for the part that called it. *Waiting* is time in which hosts worked or the wire was under way. The profiler makes a run a little slower, and where processes wait for a processor, what the thread was at has that time too.`,
  async measure(stage) {
    const one = await makeCourse(stage.sshd, { name: "profile-one", hosts: 1, directories: 100 });
    const fifty = await makeCourse(stage.sshd, { name: "profile-fifty", hosts: 50, directories: 20 });
    const shown = [{ title: "100 tasks, one host", course: one }, { title: "20 tasks, 50 hosts", course: fifty }];
    const profiles: Breakdown[][] = [];
    for (const { title, course } of shown) profiles.push(await breakdowns(title, course, stage));
    const head = ["", ...shown.flatMap(({ title }) => [title, ""])];
    const rows = [...groups, "Node.js: start and end" as const].map((group) => [group, ...profiles.flatMap((rounds) => cells(rounds.map(({ byGroup, wall }) => [byGroup.get(group) ?? 0, wall])))]);
    const total = ["all", ...profiles.flatMap((rounds) => [`${Math.round(median(rounds.map(({ wall }) => wall)))} ms`, ""])];
    return [table(head, [...rows, total]), "", `The functions in which the run with 50 hosts spends most (self time, last round):`, "", functionsTable(profiles[1]!.at(-1)!)].join("\n");
  },
};

type Part = Group | "Node.js: start and end";

/** Milliseconds. */
interface Breakdown {
  readonly wall: number;
  readonly byGroup: ReadonlyMap<Part, number>;
  readonly byFunction: ReadonlyMap<string, number>;
}

async function breakdowns(title: string, course: Course, { rounds, say }: Stage): Promise<Breakdown[]> {
  const all: Breakdown[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    say(`profile: ${title}: round ${round} of ${rounds}`);
    const dir = await mkdtemp(join(course.dir, "profile-"));
    const { seconds } = await started(course, { node: ["--cpu-prof", "--cpu-prof-dir", dir, "--cpu-prof-interval", String(interval)] });
    const [name] = await readdir(dir);
    all.push(breakdown(JSON.parse(await readFile(join(dir, name!), "utf8")) as Profile, seconds * 1000));
  }
  return all;
}

function cells(rounds: readonly (readonly [ms: number, wall: number])[]): string[] {
  return [`${median(rounds.map(([ms]) => ms)).toFixed(0)} ms`, `${(100 * median(rounds.map(([ms, wall]) => ms / wall))).toFixed(0)} %`];
}

/** What `--cpu-prof` writes. */
interface Profile {
  readonly nodes: readonly ProfileNode[];
  /** Microseconds. */
  readonly startTime: number;
  readonly endTime: number;
  /** The node in which each look found the thread. */
  readonly samples: readonly number[];
  /** Microseconds since the look before. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: Place & { readonly functionName: string };
  readonly children?: readonly number[];
}

function breakdown(profile: Profile, wall: number): Breakdown {
  const sources = sourcesOf(profile.nodes.map(({ callFrame }) => callFrame.url), dirname(main));
  const traced = profile.nodes.map(({ callFrame }) => sources(callFrame));
  if (!traced.some((source) => source.startsWith("src/execute/"))) throw new Error(`the profile cannot be traced to src/: ${dirname(main)} has neither maps nor comments that name the files (npm run build)`);
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const nodes = new Map(profile.nodes.map(({ id, callFrame }, index) => [id, { ...callFrame, source: traced[index]! }]));
  const stackOf = (id: number) => {
    const stack: Frame[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) stack.push(nodes.get(at)!);
    return stack;
  };
  const partOf = new Map([...nodes.keys()].map((id) => [id, groupOf(stackOf(id))]));
  const byGroup = new Map<Part, number>([["Node.js: start and end", wall - (profile.endTime - profile.startTime) / 1000]]);
  const byFunction = new Map<string, number>();
  const add = <Key>(sums: Map<Key, number>, key: Key, ms: number) => void sums.set(key, (sums.get(key) ?? 0) + ms);
  for (const [index, id] of profile.samples.entries()) {
    const ms = profile.timeDeltas[index]! / 1000;
    add(byGroup, partOf.get(id)!, ms);
    add(byFunction, functionOf(stackOf(id)), ms);
  }
  return { wall, byGroup, byFunction };
}

/** Its name, where it is, and the innermost function that is not Node's own. */
function functionOf(stack: readonly Frame[]): string {
  const [{ functionName, source }] = stack as [Frame];
  const caller = stack.find((frame) => isOurs(frame.source));
  return [functionName || "(anonymous)", source, caller === undefined || caller === stack[0] ? "" : `${caller.functionName} in ${caller.source}`].join("\t");
}

function isOurs(source: string): boolean {
  return source !== "" && !source.startsWith("node:");
}

function functionsTable({ byFunction }: Breakdown): string {
  const busiest = [...byFunction].filter(([name]) => !name.startsWith("(idle)")).sort(([, a], [, b]) => b - a);
  return table(["function", "of", "called by", "self"], busiest.slice(0, functionsShown).map(([name, ms]) => [...name.split("\t").map((word) => (word === "" ? "" : `\`${word}\``)), `${ms.toFixed(0)} ms`]));
}
