import { meta } from "../../src/modules/meta.ts";
import { control } from "./_actor.ts";

const { badArguments } = control(meta);
const actions = ["flush_handlers", "end_host", "end_play", "end_batch", "clear_host_errors", "reset_connection", "noop"];

test.each(actions)("%s has its words", (action) => {
  expect(badArguments({ action })).toBeUndefined();
  expect(meta.notes).toContain(`| \`${action}\` | `);
});

test.each<[Record<string, unknown>, string]>([
  [{}, 'meta: "action" is missing'],
  [{ action: "end_role" }, `meta: "action" must be one of ${actions.join(", ")}`],
  [{ action: "flush_handlers", when: true }, 'meta: "when" is not an argument'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test("a text is the action, and the engine does the rest", () => {
  expect([meta.freeForm, meta.act]).toEqual(["action", undefined]);
});
