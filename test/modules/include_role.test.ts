import { include_role } from "../../src/modules/include_role.ts";
import { control } from "./_actor.ts";

const { badArguments } = control(include_role);

test.each<[Record<string, unknown>]>([
  [{ name: "database" }],
  [{ name: "database", tasks_from: "backup", vars_from: "a", defaults_from: "b", handlers_from: "c" }],
  [{ name: "database", public: "true", apply: { tags: "db" } }],
])("%j", (raw) => {
  expect(badArguments(raw)).toBeUndefined();
});

test.each<[Record<string, unknown>, string]>([
  [{}, 'include_role: "name" is missing'],
  [{ name: "database", public: "often" }, 'include_role: "public" must be true or false'],
  [{ name: "database", apply: ["db"] }, 'include_role: "apply" must be a mapping'],
  [{ name: "database", tasks_form: "backup" }, 'include_role: "tasks_form" is not an argument'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test("a text is the role, and the engine does the rest", () => {
  expect([include_role.freeForm, include_role.act]).toEqual(["name", undefined]);
});
