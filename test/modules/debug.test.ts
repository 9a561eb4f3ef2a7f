import { debug } from "../../src/modules/debug.ts";
import { control } from "./_actor.ts";

const { badArguments, act } = control(debug);

test.each<[string, Record<string, unknown>, string, unknown]>([
  ["nothing", {}, "Hello world!", "Hello world!"],
  ["a text", { msg: "a\nb" }, "a\nb", "a\nb"],
  ["an empty text", { msg: "" }, "", ""],
  ["a list", { msg: ["a", 1] }, '["a",1]', ["a", 1]],
  ["false", { msg: false }, "false", false],
  ["null", { msg: null }, "null", null],
  ["a variable", { var: { source: "result.rc", value: 0 } }, "result.rc: 0", 0],
  ["a variable that is text", { var: { source: "name", value: "a b" } }, "name: a b", "a b"],
  ["a variable that is nothing", { var: { source: "x", value: null } }, "x: null", null],
])("%s", (_, raw, message, msg) => {
  expect(act(raw)).toEqual({ changed: false, message, data: { msg } });
});

test("it shows one thing", () => {
  expect(badArguments({ msg: "a", var: { source: "a", value: 1 } })).toBe('debug: takes one of "msg" and "var"');
});
