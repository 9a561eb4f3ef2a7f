import { include_vars } from "../../src/modules/include_vars.ts";
import { control } from "./_actor.ts";

const { badArguments } = control(include_vars);

test.each<[Record<string, unknown>]>([
  [{ file: "Debian.yml" }],
  [{ file: "Debian.yml", name: "os" }],
  [{ dir: "settings", ignore_files: "README.md" }],
  [{ dir: "settings", ignore_files: ["README.md", "old.yml"] }],
])("%j", (raw) => {
  expect(badArguments(raw)).toBeUndefined();
});

const oneOfBoth = 'include_vars: needs one of "file" and "dir"';

test.each<[Record<string, unknown>, string]>([
  [{}, oneOfBoth],
  [{ file: "a.yml", dir: "settings" }, oneOfBoth],
  [{ dir: "settings", ignore_files: [""] }, 'include_vars: "ignore_files[0]" must not be empty'],
  [{ file: "a.yml", depth: 1 }, 'include_vars: "depth" is not an argument'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test("a text is the file, and the engine does the rest", () => {
  expect([include_vars.freeForm, include_vars.act]).toEqual(["file", undefined]);
});
