import { fail } from "../../src/modules/fail.ts";
import { control } from "./_actor.ts";

const { badArguments, act } = control(fail);

test("it fails, with the words that it got", () => {
  expect(act({ msg: "not on this host" })).toEqual({ changed: false, failed: "not on this host" });
  expect(act({})).toEqual({ changed: false, failed: "failed as requested" });
});

test("its words must say something", () => {
  expect(badArguments({ msg: "" })).toBe('fail: "msg" must not be empty');
});
