import { widest } from "../../src/execute/kept.ts";
import { FakeHost } from "./fake-transport.ts";
import { resultOf, statuses, trial } from "./kit.ts";
import { play, things, up } from "./_things.ts";

describe("a playbook that finds all as it should be costs a handful of round trips", () => {
  test.each([
    ["run", 1, 1],
    ["run", 8, 1],
    ["run", 100, 3],
    ["run", 300, 6],
    ["check", widest, 1],
    ["status", widest, 1],
    ["status", 300, 5],
  ] as const)("%s of %d: %d", async (mode, count, roundTrips) => {
    const outcome = await trial(play(things(count)), { mode, world: { a: new FakeHost(up(count)) } });
    expect(outcome.roundTrips).toEqual({ a: roundTrips });
    expect(outcome.world["a"]!.ran).toEqual({ see: count });
    expect(outcome.summary.hosts["a"]).toMatchObject({ ok: count });
    expect(outcome.exitCode).toBe(0);
  });

  test("check on a bare host too: nothing changes, so all of it is seen at once", async () => {
    const outcome = await trial(play(things(40)), { mode: "check" });
    expect(outcome.roundTrips).toEqual({ a: 1 });
    expect(outcome.summary.hosts["a"]).toMatchObject({ changed: 40 });
  });

  test("a loop is one batch, whatever the width", async () => {
    const items = Object.keys(up(100)).join(", ");
    const outcome = await trial(play(`- thing: {name: "{{ item }}"}\n  loop: [${items}]\n`), { world: { a: new FakeHost(up(100)) } });
    expect(outcome.roundTrips).toEqual({ a: 1 });
    expect(resultOf(outcome, "p1.t1").items).toHaveLength(100);
  });

  test("conditions and templates of what is known stand in nobody's way", async () => {
    const kinds = [
      (name: string) => `- thing: {name: ${name}}\n  register: r\n`,
      (name: string) => `- thing: {name: "{{ prefix }}${name.slice(1)}"}\n  when: prefix == 't' && inventory_hostname == 'a'\n`,
      (name: string) => `- set_fact: {set: "{{ prefix }}"}\n- thing: {name: ${name}}\n  when: known.changed == false\n`,
      (name: string) => `- act: say x\n  when: known.changed\n- thing: {name: "{{ item }}"}\n  loop: [${name}]\n`,
    ];
    const tasks = Object.keys(up(100)).map((name, index) => kinds[index % kinds.length]!(name)).join("");
    const outcome = await trial(play(`- debug: {}\n  register: known\n${tasks}`), { world: { a: new FakeHost(up(100)) }, vars: { prefix: "t" } });
    expect(outcome.world["a"]!.ran).toEqual({ see: 100 });
    expect(outcome.roundTrips["a"]).toBeLessThanOrEqual(4);
  });

  test("and one round trip for each look when it is told not to look ahead", async () => {
    const loop = `- thing: {name: "{{ item }}"}\n  loop: [t1, t2]\n`;
    const outcome = await trial(play(things(20) + loop), { lookAhead: false, world: { a: new FakeHost(up(20)) } });
    expect(outcome.roundTrips).toEqual({ a: 22 });
  });

  test("every host has its own", async () => {
    const outcome = await trial(play(things(20)), { hosts: ["a", "b"], forks: 1, world: { a: new FakeHost(up(20)), b: new FakeHost(up(20)) } });
    expect(outcome.roundTrips).toEqual({ a: 2, b: 2 });
  });
});

describe("a lookup that leaves a trace is done when its task is reached, and once", () => {
  test.each([
    ["in an argument", `- thing: {name: "{{ lookup 'NAME' 'x' }}"}\n`],
    ["in a variable", `- thing: {name: "{{ which }}"}\n  vars: {which: "{{ lookup 'NAME' 'x' }}"}\n`],
    ["in a condition", `- thing: {name: t2}\n  when: lookup('NAME', 'x') == 't2'\n`],
    ["in the items of a loop", `- thing: {name: "{{ item }}"}\n  loop: ["{{ lookup 'NAME' 'x' }}"]\n`],
  ])("%s", async (_, task) => {
    for (const [name, times] of [["pipe", 1], ["lines", 1], ["password", 1], ["file", 2]] as const) {
      const a = new FakeHost(up(2));
      const asked: string[] = [];
      const lookups = (lookup: string) => {
        asked.push(lookup);
        return ["t2"];
      };
      await trial(play(`- thing: {name: t1}\n${task.replace("NAME", name)}`), { world: { a }, lookups });
      expect([asked, a.batches.length]).toEqual([Array<string>(times).fill(name), times === 1 ? 2 : 1]);
    }
  });

  test("as a way to loop", async () => {
    const asked: string[] = [];
    await trial(play(`- thing: {name: t1}\n- thing: {name: "{{ item }}"}\n  with_lines: x\n`), { world: { a: new FakeHost(up(2)) }, lookups: (name) => (asked.push(name), ["t2"]) });
    expect(asked).toEqual(["lines"]);
  });
});

describe("what is not looked at ahead of time", () => {
  const rest = (task: string) => play(`- thing: {name: t1}\n${task}- thing: {name: t3}\n`);
  test.each([
    ["what its condition leaves out", "- thing: {name: t2}\n  when: false\n", ["see t1", "see t3"]],
    ["what a coming result decides", "- thing: {name: t2}\n  when: r.value == 'x'\n", ["see t1", "see t3"]],
    ["what a coming result names", '- thing: {name: "{{ r.value }}"}\n', ["see t1", "see t3"]],
    ["what has a time limit of its own", "- thing: {name: t2}\n  timeout: 3\n", ["see t1", "see t3"]],
    ["what another user sees", "- thing: {name: t2}\n  become: true\n", ["see t1", "see t3"]],
    ["what other variables may change", "- thing: {name: t2}\n  environment: {A: b}\n", ["see t1", "see t3"]],
    ["what stands behind an action", "- act: say x\n", ["see t1"]],
    ["what stands behind tries", "- thing: {name: t2}\n  until: true\n", ["see t1"]],
    ["and an action that its condition leaves out is no wall", "- act: say x\n  when: false\n", ["see t1", "see t3"]],
    ["nor is a control", "- debug: {}\n", ["see t1", "see t3"]],
  ])("%s", async (_, task, first) => {
    const a = new FakeHost({ ...up(3), x: "up" });
    await trial(rest(task).replace("{name: t1}\n", "{name: t1}\n      register: r\n"), { world: { a } });
    expect(a.batches[0]!.filter((line) => line.startsWith("see"))).toEqual(first);
  });

  test("in status an action is no wall: it has no part in it", async () => {
    const outcome = await trial(play(`- thing: {name: t1}\n- act: say x\n- thing: {name: t2}\n  until: true\n- thing: {name: t3}\n`), { mode: "status" });
    expect(outcome.roundTrips).toEqual({ a: 1 });
  });

  test("in check an action that is not run is none either", async () => {
    const outcome = await trial(play(`- thing: {name: t1}\n- reconnects: {}\n- thing: {name: t3}\n`), { mode: "check" });
    expect(outcome.roundTrips).toEqual({ a: 1 });
  });

  test("two users in turn: each has its own batch", async () => {
    const a = new FakeHost(up(6));
    const tasks = Array.from({ length: 6 }, (_, index) => `- thing: {name: t${index + 1}}\n  become: ${index % 2 === 1}\n`).join("");
    await trial(play(tasks), { world: { a } });
    expect(a.users).toEqual(["", "root"]);
    expect(a.batches).toEqual([["lock r1", "see t1", "see t3", "see t5"], ["see t2", "see t4", "see t6"]]);
  });
});

test("a look ahead that hangs fails no task but its own", async () => {
  const a = new FakeHost(up(4));
  const outcome = await trial(play("- thing: {name: t1}\n- thing: {name: t2}\n- sticky: {}\n- thing: {name: t3}\n- thing: {name: t4}\n"), { world: { a } });
  expect(statuses(outcome)).toEqual(["p1.t1 ok", "p1.t2 ok", "p1.t3 failed"]);
  expect(a.limits.slice(0, 3)).toEqual([120, 20, 20]);
  expect(a.batches).toEqual([["lock r1", "see t1", "see t2", "hang", "see t3", "see t4"], ["hang", "see t3", "see t4"]]);
});
