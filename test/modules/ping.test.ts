import { ping } from "../../src/modules/ping.ts";
import { actor } from "./_actor.ts";
import { answerOf, shells } from "./_shells.ts";

const { step, outcome, readOnly, badArguments } = actor(ping);

test.each(shells)("under %s it answers, and fails when it is told to", (_, shell) => {
  expect(outcome({}, answerOf(shell, step({}).script))).toEqual({ changed: false, data: { ping: "pong" } });
  expect(outcome({ data: "it's" }, answerOf(shell, step({ data: "it's" }).script))).toMatchObject({ data: { ping: "it's" } });
  expect(outcome({ data: "crash" }, answerOf(shell, step({ data: "crash" }).script))).toEqual({ changed: false, failed: "boom, as asked for" });
});

test("check mode does it too", () => {
  expect(readOnly({})).toBe(true);
  expect(badArguments({ data: "" })).toBe('ping: "data" must not be empty');
});
