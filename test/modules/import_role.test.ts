import { import_role } from "../../src/modules/import_role.ts";
import { include_role } from "../../src/modules/include_role.ts";
import { control } from "./_actor.ts";

const { badArguments } = control(import_role);

test.each<[Record<string, unknown>]>([[{ name: "database" }], [{ name: "database", tasks_from: "backup", handlers_from: "c" }]])("%j", (raw) => {
  expect(badArguments(raw)).toBeUndefined();
});

test.each<[Record<string, unknown>, string]>([
  [{ tasks_from: "backup" }, 'import_role: "name" is missing'],
  [{ name: "database", tasks_from: "" }, 'import_role: "tasks_from" must not be empty'],
  [{ name: "database", public: true }, 'import_role: "public" is not an argument'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test("it takes what include_role takes, less what only a role that is found late can need", () => {
  const late = Object.keys(include_role.args).filter((name) => !(name in import_role.args));
  expect([late, import_role.freeForm, import_role.act]).toEqual([["apply", "public"], "name", undefined]);
});
