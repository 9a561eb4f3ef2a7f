import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { filesOf, storyOf } from "./twice/_ways.ts";
import { samples, type Sample } from "./twice/_programs.ts";

const place = mkdtempSync(join(tmpdir(), "bowline-twice-"));
const count = Number(process.env["TWICE_COUNT"] ?? 100);
const seed = Number(process.env["TWICE_SEED"] ?? 1);

beforeAll(() => void (process.env["BOWLINE_LOCK"] = join(place, "lock")));
afterAll(() => rmSync(place, { recursive: true, force: true }));

test("x", async () => {
  let ahead = 0;
  let alone = 0;
  let failed = false;
  let budget = Number(process.env["TWICE_SHRINK"] ?? 100);
  await fc.assert(
    fc.asyncProperty(samples, async (sample: Sample) => {
      if (failed && (budget -= 1) < 0) return;
      const one = await storyOf(sample, join(place, "p"), process.env["TWICE_SAME"] ? false : true);
      const other = await storyOf(sample, join(place, "p"), false);
      if (process.env["TWICE_STATS"]) stats(one.runs);
      ahead += one.roundTrips;
      alone += other.roundTrips;
      failed ||= JSON.stringify([one.runs, one.machines]) !== JSON.stringify([other.runs, other.machines]);
      expect({ ...one, roundTrips: 0 }).toEqual({ ...other, roundTrips: 0 });
    }),
    { numRuns: count, seed, reporter: (details) => {
      if (details.failed) throw new Error(`seed ${details.seed} path ${details.counterexamplePath} after ${details.numRuns}\n${details.counterexample ? JSON.stringify(details.counterexample[0]) + "\n" + filesOf(details.counterexample[0], place)["site.yml"] : ""}\n${String(details.errorInstance)}`);
    } },
  );
  console.log(ahead, alone, JSON.stringify([...seen].sort((a, b) => b[1] - a[1]).slice(0, 60), null, 0));
}, 100_000_000);
const seen = new Map<string, number>();
function stats(runs: any): void {
  for (const run of runs) { for (const e of Object.values(run.told).flat() as any[]) if (e.type === "host:end") for (const k of [e.result.status, e.result.problem ? e.result.status + " " + e.result.problem.code + ": " + e.result.problem.message.replace(/\/tmp\S+/g, "P") : ""]) if (k) seen.set(k, (seen.get(k) ?? 0) + 1);
    const n = "prog exit " + run.exitCode; seen.set(n, (seen.get(n) ?? 0) + 1); }
}
