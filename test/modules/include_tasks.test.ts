import { include_tasks } from "../../src/modules/include_tasks.ts";
import { control } from "./_actor.ts";

const { badArguments } = control(include_tasks);

test.each<[Record<string, unknown>]>([[{ file: "install.yml" }], [{ file: "install.yml", apply: { tags: ["install"], become: true } }]])("%j", (raw) => {
  expect(badArguments(raw)).toBeUndefined();
});

test.each<[Record<string, unknown>, string]>([
  [{}, 'include_tasks: "file" is missing'],
  [{ file: "" }, 'include_tasks: "file" must not be empty'],
  [{ file: "a.yml", apply: "become" }, 'include_tasks: "apply" must be a mapping'],
  [{ file: "a.yml", vars: {} }, 'include_tasks: "vars" is not an argument'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test("a text is the file, and the engine does the rest", () => {
  expect([include_tasks.freeForm, include_tasks.act]).toEqual(["file", undefined]);
});
