import { FakeHost } from "./fake-transport.ts";
import { resultOf, said, trial } from "./kit.ts";

/** A play for all of these tasks, written at column 1. */
const play = (tasks: string) => `- hosts: all\n  tasks:\n${tasks.replaceAll(/^(?=.)/gm, "    ")}`;
const items = async (loop: string, more: Parameters<typeof trial>[1] = {}) => {
  const outcome = await trial(play(`- debug: {msg: "x"}\n${loop.replaceAll(/^(?=.)/gm, "  ")}\n`), more);
  const { items: found, status, problem } = resultOf(outcome, "p1.t1");
  return status === "failed" ? problem?.message : (found ?? []).map(({ item }) => item);
};

describe("the items of", () => {
  test.each<[string, unknown]>([
    ["loop: [a, [b], 3]", ["a", ["b"], 3]],
    ['loop: "{{ list }}"', ["x", "y"]],
    ["loop: !expr range(3)", [0, 1, 2]],
    ["with_items: [a, [b, c], [[d]]]", ["a", "b", "c", ["d"]]],
    ['with_items: "{{ list }}"', ["x", "y"]],
    ['with_items: ["{{ list }}", z]', ["x", "y", "z"]],
    ["with_items: one", ["one"]],
    ["ansible.builtin.with_items: one", '"ansible.builtin.with_items"'],
    ["with_list: [a, [b]]", ["a", ["b"]]],
    ["with_flattened: [a, [b, [c, [d]]]]", ["a", "b", "c", "d"]],
    ["with_dict: {a: 1, b: {c: 2}}", [{ key: "a", value: 1 }, { key: "b", value: { c: 2 } }]],
    ['with_dict: "{{ dict }}"', [{ key: "k", value: "v" }]],
    ['with_dict: ["{{ dict }}"]', [{ key: "k", value: "v" }]],
    ["with_dict: {}", []],
    ["with_indexed_items: [a, [b]]", [[0, "a"], [1, "b"]]],
    ["with_together: [[a, b, c], [1, 2]]", [["a", 1], ["b", 2], ["c", null]]],
    ['with_nested: ["{{ list }}", [1, 2]]', [["x", 1], ["x", 2], ["y", 1], ["y", 2]]],
    ["with_nested: [[a], [1], [true, false]]", [["a", 1, true], ["a", 1, false]]],
    ["with_nested: [[[a, b], [c, d]], [1]]", [["a", "b", 1], ["c", "d", 1]]],
    ["with_cartesian: [[a, b], [1]]", [["a", 1], ["b", 1]]],
    ["with_sequence: start=1 end=3", ["1", "2", "3"]],
    ["with_sequence: count=2", ["1", "2"]],
    ["with_sequence: count=0", []],
    ["with_sequence: start=4 end=16 stride=4", ["4", "8", "12", "16"]],
    ["with_sequence: start=3 end=1 stride=-1", ["3", "2", "1"]],
    ["with_sequence: start=0 end=2 format=host%02d", ["host00", "host01", "host02"]],
    ["with_sequence: start=10 end=11 format=%02x", ["0a", "0b"]],
    ["with_sequence: start=0x0f end=0x10 format=%x", ["f", "10"]],
    ['with_sequence: "3"', ["1", "2", "3"]],
    ['with_sequence: "5-8"', ["5", "6", "7", "8"]],
    ['with_sequence: "2-10/4"', ["2", "6", "10"]],
    ['with_sequence: "2:n%02d"', ["n01", "n02"]],
    ["with_sequence: {start: 2, end: 3}", ["2", "3"]],
    ["with_subelements: [[{n: a, k: [1, 2]}, {n: b, k: [3]}], k]", [[{ n: "a", k: [1, 2] }, 1], [{ n: "a", k: [1, 2] }, 2], [{ n: "b", k: [3] }, 3]]],
    ["with_subelements: [[{n: a, k: {l: [1]}}], k.l]", [[{ n: "a", k: { l: [1] } }, 1]]],
    ["with_subelements: [[{n: a}, {n: b, k: [3]}], k, {skip_missing: true}]", [[{ n: "b", k: [3] }, 3]]],
    ["with_random_choice: [one]", ["one"]],
    ["with_inventory_hostnames: all", ["a", "b"]],
    ["loop: abc", '"loop" must be a list'],
    ["with_together: abc", '"with_together" must be a list'],
    ["with_sequence: start=1 end=3 stride=0", '"with_sequence" needs a stride that is not 0'],
    ["with_sequence: end=x", '"with_sequence" needs whole numbers, not "x"'],
    ["with_subelements: [[{n: a}], k]", '"with_subelements" must be a list'],
    ['with_dict: "{{ list }}"', '"with_dict" must be a mapping'],
  ])("%s", async (loop, expected) => {
    const more = { hosts: ["a"], others: ["b"], vars: { list: ["x", "y"], dict: { k: "v" } } };
    if (typeof expected === "string") expect(await items(loop, more).catch((error: Error) => error.message)).toContain(expected);
    else expect(await items(loop, more)).toEqual(expected);
  });

  test("a random choice are one of them", async () => {
    expect(["a", "b", "c"]).toContain(((await items("with_random_choice: [a, b, c]")) as string[])[0]);
  });
});

describe("loop_control", () => {
  test("loop_var and index_var name what the task sees, and label what reports show", async () => {
    const outcome = await trial(play('- act: say {{ user.name }} {{ at }}\n  loop: [{name: ada}, {name: grace}]\n  loop_control: {loop_var: user, index_var: at, label: "{{ user.name }}"}\n  register: r\n- debug: {msg: "{{ r.results.1.user.name }} {{ r.results.1.ansible_loop_var }} {{ r.results.1.at }} {{ r.results.1.ansible_index_var }}"}\n'));
    expect(said(outcome)).toEqual(["ada 0", "grace 1"]);
    expect(resultOf(outcome, "p1.t1").items!.map(({ item }) => item)).toEqual(["ada", "grace"]);
    expect(resultOf(outcome, "p1.t2").message).toBe("grace user 1 at");
  });

  test("extended tells where an item stands", async () => {
    const outcome = await trial(play('- act: say {{ ansible_loop.index }}{{ ansible_loop.index0 }}{{ ansible_loop.revindex }}{{ ansible_loop.revindex0 }} {{ ansible_loop.first }} {{ ansible_loop.last }} {{ ansible_loop.length }} {{ default ansible_loop.previtem "-" }}{{ default ansible_loop.nextitem "-" }} {{ join ansible_loop.allitems "" }}\n  loop: [a, b, c]\n  loop_control: {extended: true}\n'));
    expect(said(outcome)).toEqual(["1032 true false 3 -b abc", "2121 false false 3 ac abc", "3210 false true 3 b- abc"]);
  });

  test("extended_allitems: false leaves the list of all out", async () => {
    const outcome = await trial(play('- act: say {{ default ansible_loop.allitems "none" }} {{ ansible_loop.length }}\n  loop: [a]\n  loop_control: {extended: true, extended_allitems: false}\n'));
    expect(said(outcome)).toEqual(["none 1"]);
  });

  test("break_when ends the loop after the item for which it holds", async () => {
    const outcome = await trial(play('- act: say {{ item }}\n  loop: [a, b, c]\n  loop_control: {break_when: "item == \'b\'"}\n'));
    expect(said(outcome)).toEqual(["a", "b"]);
  });

  test("break_when sees the item's result", async () => {
    const outcome = await trial(play("- act: say {{ item }}\n  loop: [a, b, c]\n  register: r\n  loop_control: {break_when: ['r.stdout == \"b\"']}\n"));
    expect(said(outcome)).toEqual(["a", "b"]);
  });

  test("a pause of 0 is none", async () => {
    const outcome = await trial(play("- act: say {{ item }}\n  loop: [a, b]\n  loop_control: {pause: 0}\n"));
    expect(said(outcome)).toEqual(["a", "b"]);
  });
});

describe("what a loop registers, as Ansible has it", () => {
  const registered = async (tasks: string, show: string) => {
    const outcome = await trial(play(`${tasks}  register: r\n- debug: {msg: "${show}"}\n`), { world: { a: new FakeHost({ y: "up" }) } });
    return resultOf(outcome, "p1.t2").message;
  };

  test.each<[string, string, string, string]>([
    ["whether one changed", '- thing: {name: "{{ item }}"}\n  loop: [x, y]\n', "{{ r.changed }} {{ r.results.0.changed }} {{ r.results.1.changed }} {{ r.msg }}", "true true false All items completed"],
    ["that none did", '- thing: {name: "{{ item }}"}\n  loop: [y]\n', "{{ r.changed }} {{ r.failed }} {{ r.skipped }}", "false false false"],
    ["whether one failed", '- act: "{{ item }}"\n  loop: [say x, fail 3 oh]\n  ignore_errors: true\n', "{{ r.failed }} {{ r.results.0.failed }} {{ r.results.1.failed }} {{ r.results.1.rc }} {{ r.msg }}", "true false true 3 One or more items failed"],
    ["items that were skipped", "- act: say {{ item }}\n  loop: [1, 2]\n  when: item == 2\n", "{{ r.skipped }} {{ r.results.0.skipped }} {{ r.results.1.skipped }} {{ r.results.0.item }}", "false true false 1"],
    ["that all were skipped", "- act: say {{ item }}\n  loop: [1, 2]\n  when: item == 3\n", "{{ r.skipped }} {{ r.changed }} {{ length r.results }} {{ r.msg }}", "true false 2 All items skipped"],
    ["an empty loop", "- act: say {{ item }}\n  loop: []\n", "{{ r.skipped }} {{ length r.results }} {{ r.changed }}", "true 0 false"],
    ["the item and its name", "- act: say {{ item.k }}\n  loop: [{k: v}]\n", "{{ r.results.0.item.k }} {{ r.results.0.ansible_loop_var }} {{ r.results.0.stdout }}", "v item v"],
    ["tries of each item", "- act: say {{ item }}\n  loop: [a, b]\n  until: true\n", "{{ r.results.0.attempts }} {{ r.results.1.attempts }}", "1 1"],
  ])("%s", async (_, tasks, show, message) => {
    expect(await registered(tasks, show)).toBe(message);
  });

  test("and the next task loops over the results", async () => {
    const outcome = await trial(play('- act: say {{ item }}\n  loop: [a, b]\n  register: r\n- act: say {{ item.item }} {{ item.stdout }} {{ item.changed }}\n  loop: "{{ r.results }}"\n'));
    expect(said(outcome)).toEqual(["a", "b", "a a true", "b b true"]);
  });
});

describe("each item", () => {
  test("has its own tries", async () => {
    const host = new FakeHost();
    host.onScript = (line) => line === "see n" && host.things.set("n", `${Number(host.things.get("n") ?? 0) + 1}`);
    const outcome = await trial(play('- act: see n\n  loop: ["2", "5"]\n  register: r\n  until: r.stdout == item\n  retries: 4\n  delay: 0\n- debug: {msg: "{{ r.results.0.attempts }} {{ r.results.1.attempts }}"}\n'), { world: { a: host } });
    expect(resultOf(outcome, "p1.t2").message).toBe("2 3");
  });

  test("is judged by itself: failed_when, changed_when and ignore_errors", async () => {
    const outcome = await trial(play('- act: say {{ item }}\n  loop: [a, b, c]\n  register: r\n  changed_when: item == "a"\n  failed_when: r.stdout == "b"\n  ignore_errors: "{{ eq item \'b\' }}"\n'));
    expect(resultOf(outcome, "p1.t1").items!.map(({ status }) => status)).toEqual(["changed", "ignored", "ok"]);
  });

  test("is rendered anew in the variables of the task", async () => {
    const outcome = await trial(play('- act: say {{ word }}\n  vars: {word: "<{{ item }}>"}\n  loop: [a, b]\n'));
    expect(said(outcome)).toEqual(["<a>", "<b>"]);
  });
});

test.each([
  ["when guards a loop over what is not there", '- act: say never\n  loop: "{{ missing }}"\n  when: defined(missing)\n', "skipped"],
  ["a default guards it, too", '- act: say never\n  loop: "{{ default missing list }}"\n', "skipped"],
])("%s", async (_, task, status) => {
  const outcome = await trial(play(task), { vars: { list: [] } });
  expect(resultOf(outcome, "p1.t1").status).toBe(status);
});
