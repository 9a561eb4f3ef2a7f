import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Event } from "../../../src/events/event.ts";
import { prepare, runProgram, type RunRequest } from "../../../src/pipeline.ts";
import type { Sample, Thing } from "./_programs.ts";

/** What there is to know of a sample's runs, and what they leave on the machines. */
export interface Story {
  /** One for each mode: its exit code, and all that it told of each host, or under "" of none. */
  readonly runs: readonly { readonly exitCode: number; readonly told: Readonly<Record<string, readonly unknown[]>> }[];
  readonly machines: Readonly<Record<string, string>>;
  readonly roundTrips: number;
}

/** Runs a sample on fresh machines, which are directories of this one; every time in the same place, so that paths are the same. */
export async function storyOf(sample: Sample, place: string, lookAhead: boolean): Promise<Story> {
  rmSync(place, { recursive: true, force: true });
  furnish(sample, place);
  const runs: Story["runs"][number][] = [];
  let roundTrips = 0;
  for (const mode of sample.modes) {
    const request: RunRequest = { playbook: join(place, "site.yml"), inventories: [join(place, "inventory.yml")], extraVars: [], tags: sample.tags, skipTags: [], mode, diff: true, forks: sample.forks, verbosity: 0, version: "0", rolesPath: [], ask: () => Promise.resolve(""), lookAhead };
    const events: Event[] = [];
    const prepared = await prepare(request);
    const { exitCode } = await runProgram(prepared, request, { journal: (event) => void events.push(event), sinks: [], signal: new AbortController().signal, warnings: prepared.warnings, run: "20260101-000000-aaaa", bowline: "0" });
    for (const event of events) if (event.type === "run:end") roundTrips += Object.values(event.roundTrips).reduce((sum, each) => sum + each, 0);
    runs.push({ exitCode, told: toldOf(events) });
  }
  return { runs, machines: treeOf(join(place, "m")), roundTrips };
}

/** What lies beside each other in one directory. */
const slots = ["f", "g", "l", "k"] as const;

/** The project as its files: JSON is YAML, but for expressions. */
export function filesOf(sample: Sample, place: string): Record<string, string> {
  const hosts = Object.fromEntries(sample.machines.map((machine, index) => ["abcd"[index]!, { root: join(place, "m", String(machine)), slots: slots.map((_, at) => slots[(at + index) % slots.length]) }]));
  const result = { changed: false, failed: false, skipped: false, stdout: "g" };
  return {
    "inventory.yml": yaml({ all: { hosts, vars: { ansible_connection: "local", v0: "f", v1: "e", r0: result, r1: result, r2: result } } }),
    "site.yml": yaml(sample.plays),
    "one.yml": yaml(sample.includes[0]),
    "two.yml": yaml(sample.includes[1]),
    "plain.hbs": "plain\n",
    "templates/plain.hbs": "plain {{ v0 }}\n",
    ...Object.fromEntries(["f", "g", "d", "a", "b", "c"].map((name) => [`templates/${name}.hbs`, `${name} {{ inventory_hostname }} {{ r0.changed }}\n`])),
    "templates/looks.hbs": "{{ lookup 'pipe' 'echo looked' }} {{ v1 }}\n",
  };
}

function yaml(value: unknown): string {
  return `${JSON.stringify(value, null, 1).replace(/"!expr ((?:[^"\\]|\\.)*)"/g, '!expr "$1"')}\n`;
}

function furnish(sample: Sample, place: string): void {
  for (const [path, text] of Object.entries(filesOf(sample, place))) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), text);
  }
  for (const machine of new Set(sample.machines)) {
    const root = join(place, "m", String(machine));
    mkdirSync(root, { recursive: true });
    for (const [name, thing] of sample.trees) put(join(root, name), thing);
  }
}

/** What does not fit what is there already stays away. */
function put(path: string, { kind, mode, text }: Thing): void {
  try {
    if (lstatSync(path, { throwIfNoEntry: false })) return;
    mkdirSync(dirname(path), { recursive: true });
    if (kind === "link") return symlinkSync(text.trim().split("\n")[0]!, path);
    if (kind === "directory") mkdirSync(path);
    else writeFileSync(path, text);
    chmodSync(path, mode);
  } catch {
    // A file stands where its parent would have to be.
  }
}

/** Every path with its type, mode, owner, and its text or what it leads to. */
function treeOf(dir: string, under = ""): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(dir, under)).sort()) {
    const path = join(under, name);
    const { mode, uid, gid } = lstatSync(join(dir, path));
    const kind = mode & 0o170000;
    const inside = kind === 0o120000 ? readlinkSync(join(dir, path)) : kind === 0o100000 ? readFileSync(join(dir, path), "latin1") : "";
    found[path] = `${mode.toString(8)} ${uid}:${gid} ${inside}`;
    if (kind === 0o040000) Object.assign(found, treeOf(dir, path));
  }
  return found;
}

/** Host by host: which of two hosts was told of first is nobody's business, and neither is when the first one came to a task. */
function toldOf(events: readonly Event[]): Record<string, unknown[]> {
  const told: Record<string, unknown[]> = {};
  for (const event of events) {
    if (event.type === "task:start") continue;
    const host = "host" in event ? (event.host ?? "") : "";
    (told[host] ??= []).push(timeless(event));
  }
  return told;
}

/** What two runs of the same can never have in common. */
const ofTime = new Set(["time", "sequence", "elapsed", "roundTrips", "inode", "atime", "mtime", "ctime"]);

function timeless(event: Event): unknown {
  return JSON.parse(JSON.stringify(event, (key, value: unknown) => (ofTime.has(key) ? undefined : value)));
}
