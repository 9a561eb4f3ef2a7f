import { assert } from "../../src/modules/assert.ts";
import { control } from "./_actor.ts";

const { badArguments, act } = control(assert);
const holds = { source: "a == 1", holds: true };
const broken = { source: "b == 2", holds: false };
const alsoBroken = { source: "c", holds: false };

test.each<[string, Record<string, unknown>, object]>([
  ["all hold", { that: [holds] }, { changed: false, message: "all conditions hold" }],
  ["all hold, in words of one's own", { that: [holds, holds], success_msg: "fine" }, { changed: false, message: "fine" }],
  ["one does not", { that: [holds, broken] }, { changed: false, failed: "does not hold: b == 2", data: { assertion: "b == 2" } }],
  ["two do not", { that: [broken, holds, alsoBroken] }, { changed: false, failed: "does not hold: b == 2; does not hold: c", data: { assertion: "b == 2" } }],
  ["one does not, in words of one's own", { that: [broken], fail_msg: "set b", success_msg: "fine" }, { changed: false, failed: "set b (does not hold: b == 2)", data: { assertion: "b == 2" } }],
])("%s", (_, raw, outcome) => {
  expect(act(raw)).toEqual(outcome);
});

test("it needs conditions", () => {
  expect(badArguments({})).toBe('assert: "that" is missing');
});
