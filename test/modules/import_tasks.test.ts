import { import_tasks } from "../../src/modules/import_tasks.ts";
import { control } from "./_actor.ts";

const { badArguments } = control(import_tasks);

test("a file", () => {
  expect(badArguments({ file: "install.yml" })).toBeUndefined();
});

test.each<[Record<string, unknown>, string]>([
  [{}, 'import_tasks: "file" is missing'],
  [{ file: ["a.yml"] }, 'import_tasks: "file" must be text'],
  [{ file: "a.yml", apply: {} }, 'import_tasks: "apply" is not an argument'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test("a text is the file, and the compiler does the rest", () => {
  expect([import_tasks.freeForm, import_tasks.act]).toEqual(["file", undefined]);
});
