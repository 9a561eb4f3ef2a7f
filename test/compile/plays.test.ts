import type { Play } from "../../src/compile/program.ts";
import { compileText, hintFor, mistakes, type Around } from "./_compile.ts";

const groups = { web: ["a", "b", "c", "d", "e", "f", "g"] };
const playOf = (keys: string, around: Around = {}): Play => compileText(`- hosts: web\n${keys.replaceAll(/^(?=.)/gm, "  ")}\n`, { groups, ...around }).program.plays[0]!;

test.each<[string, string]>([
  ["", "abcdefg"],
  ["serial: 2", "ab cd ef g"],
  ['serial: "50%"', "abc def g"],
  ['serial: [1, "25%", 3]', "a b cde fg"],
  ["serial: 0", "abcdefg"],
  ['serial: "{{ size }}"', "abcd efg"],
  ["order: reverse_sorted\nserial: 4", "gfed cba"],
])("%j makes the batches %s", (keys, batches) => {
  expect(playOf(keys, { extra: { size: "4" } }).batches.map((batch) => batch.join("")).join(" ")).toBe(batches);
});

test("serial counts the hosts that --limit leaves", () => {
  expect(playOf('serial: "50%"', { limit: ["a", "b", "c", "d"] }).batches).toEqual([["a", "b"], ["c", "d"]]);
});

test.each<[string, Partial<Play>]>([
  ["", { strategy: "linear", forceHandlers: true }],
  ["strategy: free", { strategy: "free" }],
  ["strategy: host_pinned", { strategy: "host_pinned" }],
  ["force_handlers: false", { forceHandlers: false }],
  ["max_fail_percentage: 30", { maxFail: { batch: 30 } }],
  ['max_fail_percentage: "30%"', { maxFail: { batch: 30 } }],
  ["max_fail_percentage: {batch: 30, play: 10}", { maxFail: { batch: 30, play: 10 } }],
  ['max_fail_percentage: "{{ allowed }}"', { maxFail: { batch: 5 } }],
])("%j", (keys, expected) => {
  expect(playOf(keys, { extra: { allowed: 5 } })).toMatchObject(expected);
});

test.each<[string, string]>([
  ["serial: many", '"serial" must be a number of hosts or a percentage'],
  ["serial: [1, -2]", '"serial" must be a number of hosts or a percentage'],
  ['serial: "{{ inventory_hostname }}"', '"inventory_hostname" is not defined'],
  ["order: random", '"order" must be one of inventory, reverse_inventory, sorted, reverse_sorted, shuffle'],
  ["strategy: debug", '"strategy" must be one of linear, free, host_pinned'],
  ["max_fail_percentage: 101", '"max_fail_percentage" must be a number from 0 to 100'],
  ["max_fail_percentage: {batches: 1}", '"max_fail_percentage" has no "batches"'],
  ["force_handlers: maybe", '"force_handlers" must be true or false'],
  ["loop: [1]", '"loop" is not a key of a play'],
  ["delegate_to: x", '"delegate_to" is not a key of a play'],
])("%s is refused: %s", async (line, message) => {
  expect(await mistakes(`- hosts: web\n  ${line}\n`)).toEqual([expect.stringContaining(message)]);
});

describe("the flow of a play", () => {
  const shape = (parts: Play["flow"]): unknown[] => parts.map((part) => (part.kind === "block" ? { body: shape(part.body), rescue: shape(part.rescue), always: shape(part.always) } : part.kind === "task" ? part.task : "flush"));

  test("pre_tasks, roles and tasks, post_tasks, with the handlers behind each", () => {
    const around = { files: { "roles/r/tasks/main.yml": "- debug:\n" } };
    expect(shape(playOf("post_tasks: [{debug: {}}]\ntasks: [{debug: {}}]\nroles: [r]\npre_tasks: [{debug: {}}]", around).flow)).toEqual(["p1.t1", "flush", "p1.t2", "p1.t3", "flush", "p1.t4", "flush"]);
  });

  test("blocks keep their shape, and one of which the tags leave nothing is none", () => {
    const tasks = "tasks:\n  - block: [{debug: {}}, {block: [{debug: {}}], always: [{debug: {}}]}]\n    rescue: [{debug: {}}]\n  - block: [{debug: {}, tags: never}]";
    expect(shape(playOf(tasks).flow)).toEqual([{ body: ["p1.t1", { body: ["p1.t2"], rescue: [], always: ["p1.t3"] }], rescue: ["p1.t4"], always: [] }, "flush"]);
  });
});

describe("handlers", () => {
  const files = { "roles/r/handlers/main.yml": "- name: restart\n  debug:\n- name: reload\n  debug:\n  listen: topic\n", "roles/r/tasks/main.yml": "- debug:\n  notify: restart\n" };

  test.each(["restart", '"r : restart"', "topic", "own", '"{{ inventory_hostname }}"'])("%s is known", (name) => {
    expect(playOf(`roles: [r]\ntasks: [{debug: {}, notify: ${name}}]\nhandlers: [{name: own, debug: {}}]`, { files }).handlers.map((handler) => handler.name)).toEqual(["restart", "reload", "own"]);
  });

  test.each([
    ["restrat", 'there is no handler "restrat" in this play'],
    ['"s : restart"', 'there is no handler "s : restart" in this play'],
    ["5", '"notify" must be text'],
  ])("%s is not", async (name, message) => {
    expect(await mistakes(`- hosts: web\n  roles: [r]\n  tasks: [{debug: {}, notify: ${name}}]\n`, { files })).toEqual([expect.stringContaining(message)]);
  });

  test("the nearest name is offered", async () => {
    expect(await hintFor("- hosts: web\n  roles: [r]\n  tasks: [{debug: {}, notify: restrat}]\n", { files })).toBe('did you mean "restart"?');
  });

  test.each([
    ["a role that is included may bring one", "tasks: [{debug: {}, notify: restart}, {include_role: {name: r}}]"],
    ["a role that nobody can name yet may bring any", "tasks: [{debug: {}, notify: anything}, {include_role: {name: '{{ inventory_hostname }}'}}]"],
    ["a handler whose name is a template may be any", "tasks: [{debug: {}, notify: restart x}]\nhandlers: [{name: 'restart {{ inventory_hostname }}', debug: {}}]"],
  ])("%s", (_, keys) => {
    expect(playOf(keys, { files }).tasks.length).toBeGreaterThan(0);
  });

  test.each([
    ["[{name: h, debug: {}}, {name: h, debug: {}}]", 'there is a handler "h" already'],
    ["[{name: h, block: [{debug: {}}]}]", "a block cannot be a handler"],
    ["[{name: h, import_role: {name: r}}]", "import_role cannot be a handler"],
    ["[{name: h, include_role: {name: r}}]", "include_role cannot be a handler"],
    ["[restart]", "a handler must be a mapping"],
  ])("%s is refused: %s", async (handlers, message) => {
    expect(await mistakes(`- hosts: web\n  handlers: ${handlers}\n`, { files })).toEqual([expect.stringContaining(message)]);
  });
});
