import { median, ratioOf, type Row } from "./row.ts";
import { rowsText, verdictsOf } from "./table.ts";

const row = (more: Partial<Row>): Row => ({ name: "ours", seconds: [], ...more });
const beside = (...seconds: number[]) => ({ name: "theirs", seconds });

test.each([
  [[3], 3],
  [[9, 1, 2], 2],
  [[4, 1, 2, 9], 3],
])("the median of %j is %d", (values, middle) => expect(median(values)).toBe(middle));

test.each<[string, Partial<Row>, number | undefined]>([
  ["the median of the rounds' own ratios", { seconds: [1, 4, 30], against: beside(2, 4, 10) }, 1],
  ["the medians' ratio where the rounds are not the same", { seconds: [1, 2, 3], against: beside(8) }, 0.25],
  ["nothing without times", { against: beside(1) }, undefined],
  ["nothing beside nobody", { seconds: [1] }, undefined],
])("a row's ratio is %s", (_what, more, ratio) => expect(ratioOf(row(more))).toBe(ratio));

test("a limit is met at most exactly", () => {
  const met = (more: Partial<Row>) => verdictsOf(row(more)).map((verdict) => verdict.met);
  expect(met({ seconds: [3], against: beside(2), limit: 1.5 })).toEqual([true]);
  expect(met({ seconds: [3.01], against: beside(2), limit: 1.5 })).toEqual([false]);
  expect(met({ seconds: [1, 2, 3], within: 2 })).toEqual([true]);
  expect(met({ seconds: [1, 2.01, 3], within: 2 })).toEqual([false]);
  expect(met({ roundTrips: 3, cpuSeconds: 2, atMost: { roundTrips: 3, cpuSeconds: 1, bytes: 1 } })).toEqual([false, true]);
});

test("a table has the columns that some row fills, a line for each name, and what stands beside something below it", () => {
  const rows = [row({ seconds: [1, 2], roundTrips: 3 }), row({ name: "theirs", seconds: [], detail: "not installed" }), row({ seconds: [1, 2], against: beside(2, 4), limit: 0.4 })];
  expect(rowsText(rows)).toBe(
    [
      "|  | median | rounds | worst / median | round trips of a host |  |",
      "| --- | --- | --- | --- | --- | --- |",
      "| `ours` | 1.50 s | 2 | 1.33 | 3 |  |",
      "| `theirs` |  |  |  |  | not installed |",
      "",
      "|  | beside | × | limit |  |",
      "| --- | --- | --- | --- | --- |",
      "| `ours` | `theirs` | 0.50 | 0.40 | **not met** |",
    ].join("\n"),
  );
});
