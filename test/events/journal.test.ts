import { spawnSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BowlineError } from "../../src/core/errors.ts";
import type { Event } from "../../src/events/event.ts";
import { findRun, listRuns, newRunId, openJournal, readFrame, readJournal, stateDir } from "../../src/events/journal.ts";
import { scenario } from "../reporters/scenario.ts";

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "bowline-journal-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function eventsOf(path: string): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of readJournal(path)) events.push(event);
  return events;
}

function written(run: string, events: readonly Event[] = scenario): string {
  const journal = openJournal(dir, run);
  for (const event of events) journal.write(event);
  journal.close();
  return journal.path;
}

test.each([
  [{ BOWLINE_STATE_DIR: "/x" }, "/x"],
  [{ BOWLINE_STATE_DIR: "", XDG_STATE_HOME: "/state" }, "/state/bowline"],
  [{ BOWLINE_STATE_DIR: "/x", XDG_STATE_HOME: "/state" }, "/x"],
])("runs are kept where %j says", (environment, path) => expect(stateDir(environment)).toBe(path));

test("run ids sort by time, are short, and two of one moment differ", () => {
  const moments = ["02.000", "02.001", "02.035", "02.036", "02.999", "03.000"];
  const ids = moments.map((moment) => newRunId(new Date(`2026-11-23T19:07:${moment}Z`)));
  expect(ids[0]).toMatch(/^20261123-190702-[0-9a-z]{4}$/);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(Array.from({ length: 50 }, () => newRunId(new Date("2026-11-23T19:07:02.9Z")))).size).toBeGreaterThan(40);
});

test("what is written comes back event for event, as one JSON text a line, and for nobody else's eyes", async () => {
  const path = written("r1");
  expect(await eventsOf(path)).toEqual(scenario);
  expect(readFileSync(path, "utf8").split("\n")).toHaveLength(scenario.length + 1);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(dir, "runs")).mode & 0o777).toBe(0o700);
});

test("a long event is written in pieces, between which no character is cut", async () => {
  for (const shift of ["", "x"]) {
    const events = [{ type: "warning" as const, message: `${shift}${"😀é".repeat(900_000)}`, time: "t", sequence: 1 }, { type: "warning" as const, message: "next", time: "t", sequence: 2 }];
    expect(await eventsOf(written(`long${shift}`, events))).toEqual(events);
  }
});

test("an event is with the kernel as soon as it was written: kill -9 right behind it loses nothing", async () => {
  const code = `
    const { openJournal } = await import(${JSON.stringify(new URL("../../src/events/journal.ts", import.meta.url).href)});
    const journal = openJournal(${JSON.stringify(dir)}, "killed");
    journal.write({ type: "warning", message: "last words", time: "t", sequence: 1 });
    process.kill(process.pid, "SIGKILL");
  `;
  const child = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code], { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } });
  expect(child.signal).toBe("SIGKILL");
  expect(await eventsOf(join(dir, "runs", "killed.ndjson"))).toMatchObject([{ message: "last words" }]);
});

test.each([1, 2, 10, 60])("a last line that a crash cut by %d bytes is left out, and all before it is read", async (bytes) => {
  const path = written("r1");
  truncateSync(path, statSync(path).size - 1 - bytes);
  expect(await eventsOf(path)).toEqual(scenario.slice(0, -1));
});

test("a last line that only lacks its newline counts", async () => {
  const path = written("r1");
  truncateSync(path, statSync(path).size - 1);
  expect(await eventsOf(path)).toEqual(scenario);
});

test("an empty journal has no events", async () => {
  expect(await eventsOf(written("r1", []))).toEqual([]);
});

test("a file that is damaged in the middle is refused, with the line", async () => {
  const path = written("r1");
  const lines = readFileSync(path, "utf8").split("\n");
  lines[3] = "not JSON";
  writeFileSync(path, lines.join("\n"));
  await expect(eventsOf(path)).rejects.toMatchObject({ problems: [{ code: "E_RUN", seen: "not JSON" }] });
});

test("two runs never share a file", () => {
  written("r1");
  expect(() => openJournal(dir, "r1")).toThrow(BowlineError);
});

test("a place that cannot be written is an error in words, before anything is run", () => {
  writeFileSync(join(dir, "file"), "");
  expect(() => openJournal(join(dir, "file"), "r1")).toThrow(expect.objectContaining({ code: "E_RUN", message: expect.stringContaining("cannot be written"), problems: [expect.objectContaining({ hint: expect.stringContaining("BOWLINE_STATE_DIR") })] }));
});

test("what cannot be written is thrown in words, and so is everything after it: a record has no hole", () => {
  const code = `
    const { openJournal } = await import(${JSON.stringify(new URL("../../src/events/journal.ts", import.meta.url).href)});
    const journal = openJournal(${JSON.stringify(dir)}, "full");
    const say = (message) => {
      try { journal.write({ type: "warning", message, time: "t", sequence: 1 }); return "written"; } catch (error) { return error.code + " " + error.message; }
    };
    console.log(JSON.stringify([say("short"), say("x".repeat(5000)), say("short")]));
  `;
  // A limit on the size of files is the disk that is full.
  const child = spawnSync("bash", ["-c", 'ulimit -f 1; trap "" XFSZ; exec "$0" --import tsx --input-type=module -e "$1"', process.execPath, code], { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "", TSX_DISABLE_CACHE: "1" } });
  const [first, second, third] = JSON.parse(child.stdout) as string[];
  expect(first).toBe("written");
  expect(second).toMatch(/^E_RUN the journal .*full\.ndjson cannot be written: .*EFBIG/);
  expect(third).toBe(second);
});

describe("finding runs", () => {
  beforeEach(() => {
    for (const run of ["20260101-000000-aaaa", "20260101-000000-aabb", "20260202-000000-cccc"]) written(run, scenario.slice(0, 1));
    writeFileSync(join(dir, "runs", "notes.txt"), "");
  });

  test("lists them oldest first, and nothing that is none", () => {
    expect(listRuns(dir)).toEqual(["20260101-000000-aaaa", "20260101-000000-aabb", "20260202-000000-cccc"]);
    expect(listRuns(join(dir, "nowhere"))).toEqual([]);
  });

  test.each([
    ["last", "20260202-000000-cccc"],
    ["20260202", "20260202-000000-cccc"],
    ["20260101-000000-aaaa", "20260101-000000-aaaa"],
    ["20260101-000000-aab", "20260101-000000-aabb"],
  ])("%s is %s", (wanted, run) => expect(findRun(dir, wanted)).toBe(join(dir, "runs", `${run}.ndjson`)));

  test.each([
    ["20260101", "20260101 begins several runs: 20260101-000000-aaaa, 20260101-000000-aabb"],
    ["2027", "there is no run 2027 in"],
  ])("%s: %s", (wanted, words) => expect(() => findRun(dir, wanted)).toThrow(expect.objectContaining({ code: "E_OPTIONS", message: expect.stringContaining(words) })));

  test("where nothing was run, the hint says so", () => {
    const nowhere = join(dir, "nowhere");
    mkdirSync(nowhere);
    expect(() => findRun(nowhere, "last")).toThrow(expect.objectContaining({ problems: [expect.objectContaining({ hint: expect.stringContaining("nothing was run yet") })] }));
  });
});

describe("the frame of a run", () => {
  test("is its first and its last event", () => {
    expect(readFrame(written("r1"))).toEqual({ start: scenario[0], end: scenario.at(-1) });
  });

  test("has no end when the run has none yet, or was killed", () => {
    const path = written("r1", scenario.slice(0, 5));
    expect(readFrame(path)).toEqual({ start: scenario[0] });
    truncateSync(path, statSync(path).size - 7);
    expect(readFrame(path)).toEqual({ start: scenario[0] });
    truncateSync(path, 0);
    expect(readFrame(path)).toEqual({});
  });

  test("is read without what lies between, however long that is", () => {
    const long: Event = { type: "output", task: "p1.t1", host: "a", stream: "stdout", text: "x".repeat(300_000), time: "t", sequence: 1 };
    const path = written("r1", [scenario[0]!, ...Array.from({ length: 10 }, () => long), scenario.at(-1)!]);
    expect(readFrame(path)).toEqual({ start: scenario[0], end: scenario.at(-1) });
  });
});
