import { Kept, widest } from "../../src/execute/kept.ts";
import { FakeHost } from "./fake-transport.ts";
import { resultOf, statuses, trial } from "./kit.ts";

const play = (tasks: string) => `- hosts: all\n  tasks:\n${tasks.replaceAll(/^(?=.)/gm, "    ")}`;
const things = (count: number) => Array.from({ length: count }, (_, index) => `- thing: {name: t${index + 1}}\n`).join("");
const up = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index + 1}`, "up"]));

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

describe("what was seen ahead is not used when something has changed since", () => {
  test("a change in the middle: everything behind it is looked at again", async () => {
    const a = new FakeHost({ ...up(20), t10: "old" });
    const looks: string[] = [];
    let changed = false;
    a.onScript = (line) => {
      changed ||= line.startsWith("put");
      if (changed && line.startsWith("see")) looks.push(line);
    };
    const outcome = await trial(play(things(20)), { world: { a } });
    expect(statuses(outcome).filter((line) => !line.endsWith(" ok"))).toEqual(["p1.t10 changed"]);
    expect(looks).toEqual(["see t10", ...Array.from({ length: 10 }, (_, index) => `see t${index + 11}`)]);
  });

  test("a change that makes a later thing so is seen: nothing is done twice", async () => {
    const a = new FakeHost({ t1: "old" });
    a.onScript = (line) => line === "put t1 up" && a.things.set("t2", "up");
    const outcome = await trial(play(things(2)), { world: { a } });
    expect(statuses(outcome)).toEqual(["p1.t1 changed", "p1.t2 ok"]);
  });

  test("a change on another host counts as well", async () => {
    const a = new FakeHost();
    const b = new FakeHost({ x: "up", y: "up" });
    a.onScript = (line) => line === "put x up" && b.things.set("y", "lost");
    const outcome = await trial(play("- debug: {}\n- thing: {name: x}\n- thing: {name: y}\n"), { hosts: ["b", "a"], forks: 1, world: { a, b } });
    expect(statuses(outcome, "b")).toEqual(["p1.t1 ok", "p1.t2 ok", "p1.t3 changed"]);
  });

  test.each([
    ["an action", "act: say x"],
    ["an action that only reads, for it may have waited", "act: {line: say x, read_only: true}"],
    ["a new connection", "reconnects: {}"],
    ["a change that failed", "thing: {name: w, how: fail}\n  ignore_errors: true"],
    ["tries with time between them", "thing: {name: w, value: ''}\n  until: tries > 0\n  retries: 0\n  ignore_errors: true"],
  ])("%s stands between", async (_, task) => {
    const a = new FakeHost({ x: "up", y: "up" });
    const outcome = await trial(play(`- thing: {name: x}\n- ${task}\n- thing: {name: y}\n`), { world: { a }, vars: { tries: 0 } });
    const before = a.lines.lastIndexOf("see y");
    expect(a.batches.at(-1)!.at(-1)).toBe("see y");
    expect(before).toBeGreaterThan(a.lines.findLastIndex((line) => /^(say|fail|lock|see w)/.test(line)));
    expect(statuses(outcome).at(-1)).toBe("p1.t3 ok");
  });

  test("nor when a person was waited for, who did something", async () => {
    const a = new FakeHost({ x: "up", y: "up" });
    const ask = () => Promise.resolve(a.things.set("y", "lost")).then(() => "");
    const outcome = await trial(play("- thing: {name: x}\n- pause: {prompt: Pull the plug}\n- thing: {name: y}\n"), { world: { a }, ask });
    expect(statuses(outcome)).toEqual(["p1.t1 ok", "p1.t2 ok", "p1.t3 changed"]);
  });

  test.each([
    ["a pause", "- thing: {name: x}\n- pause: {seconds: 0.01}\n- thing: {name: y}\n"],
    ["a pause behind a change, which took a look along", "- thing: {name: w}\n- pause: {seconds: 0.01}\n- thing: {name: y}\n"],
    ["a loop's pause", "- thing: {name: '{{ item }}'}\n  loop: [x, y]\n  loop_control: {pause: 0.01}\n"],
    ["a new connection that was asked for", "- thing: {name: x}\n- meta: reset_connection\n- thing: {name: y}\n"],
  ])("nor behind %s", async (_, tasks) => {
    const a = new FakeHost({ x: "up", y: "up" });
    await trial(play(tasks), { world: { a } });
    expect(a.batches.at(-1)!.filter((line) => line.startsWith("see"))).toEqual(["see y"]);
  });

  test("nor when a person is asked before each task", async () => {
    const outcome = await trial(play(things(3)), { world: { a: new FakeHost(up(3)) }, confirm: () => Promise.resolve(true) });
    expect(outcome.roundTrips).toEqual({ a: 3 });
  });

  test("nor when the host is reached in another way: another user may see another thing", async () => {
    const a = new FakeHost(up(2));
    await trial(play("- thing: {name: t1}\n- thing: {name: t2}\n  vars: {ansible_user: other}\n- thing: {name: t2}\n"), { world: { a } });
    expect(a.targets.map((target) => target["ansible_user"])).toEqual([undefined, "other"]);
    expect(a.batches).toEqual([["lock r1", "see t1", "see t2"], ["lock r1", "see t2"]]);
  });

  test("what is to be done is planned from what is seen now, though nothing of ours has changed", async () => {
    const a = new FakeHost({ t1: "up", t2: "old" });
    let looks = 0;
    a.onScript = (line) => {
      if (line === "see t2" && (looks += 1) === 2) a.things.set("t2", "up");
    };
    const outcome = await trial(play(things(2)), { world: { a } });
    expect(statuses(outcome)).toEqual(["p1.t1 ok", "p1.t2 ok"]);
    expect(a.ran["put"]).toBeUndefined();
    expect(outcome.roundTrips).toEqual({ a: 2 });
  });

  test("where everything changes, a task costs one round trip: the look of the next one comes back with its proof", async () => {
    const outcome = await trial(play(things(50)));
    const wasted = 7 + 2;
    expect(outcome.world["a"]!.ran).toEqual({ see: 50 * 2 + wasted, put: 50 });
    expect(outcome.roundTrips).toEqual({ a: 51 });
  });

  test("where other hosts change too, what was seen behind a change is not used, and after the first time not asked for", async () => {
    const outcome = await trial(play(things(20)), { hosts: ["a", "b"] });
    expect(outcome.roundTrips["a"]).toBeLessThanOrEqual(40);
    expect(outcome.world["a"]!.ran["see"]).toBeLessThanOrEqual(20 * 2 + 7 + 3);
    expect(statuses(outcome).every((line) => line.endsWith(" changed"))).toBe(true);
  });

  test("an action brings back what the task behind it looks at", async () => {
    const a = new FakeHost({ x: "up" });
    a.onScript = (line) => line === "say x" && a.things.set("x", "lost");
    const outcome = await trial(play("- act: say x\n- thing: {name: x}\n"), { world: { a } });
    expect(a.batches).toEqual([["lock r1", "say x", "see x"], ["put x up", "see x"]]);
    expect(statuses(outcome)).toEqual(["p1.t1 changed", "p1.t2 changed"]);
  });

  test("a step that fails stops the looks behind it, and one of those that fails is nothing to the change", async () => {
    const a = new FakeHost();
    const outcome = await trial(play("- thing: {name: w, how: fail}\n  ignore_errors: true\n- thing: {name: x}\n"), { world: { a } });
    expect(statuses(outcome)).toEqual(["p1.t1 ignored", "p1.t2 changed"]);
  });

  test.each([
    ["a change", "thing: {name: x}"],
    ["an action", "act: say x"],
    ["a look", "thing: {name: y}"],
  ])("a connection that is lost in a look behind %s is nothing to what was done before", async (_, task) => {
    const outcome = await trial(play(`- ${task}\n- sticky: {how: lose}\n`), { world: { a: new FakeHost({ y: "up" }) } });
    expect(statuses(outcome)).toEqual([task.endsWith("y}") ? "p1.t1 ok" : "p1.t1 changed", "p1.t2 unreachable"]);
  });

  test("a loop whose items are made one by one does not look at all the rest again and again", async () => {
    const outcome = await trial(play(`- thing: {name: "{{ item }}"}\n  loop: [${Object.keys(up(30)).join(", ")}]\n  loop_control: {break_when: [false]}\n`));
    expect(outcome.world["a"]!.ran).toEqual({ see: 30 * 2 + 29 + 2, put: 30 });
    expect(outcome.roundTrips).toEqual({ a: 31 });
  });

  test("a task that needs a result which changed asks with its own words", async () => {
    const a = new FakeHost({ t1: "up", old: "up", new: "up" });
    const outcome = await trial(play('- thing: {name: t1}\n  register: r\n- set_fact: {which: new}\n- thing: {name: "{{ which }}"}\n'), { world: { a }, vars: { which: "old" } });
    expect(a.batches).toEqual([["lock r1", "see t1", "see old"], ["see new"]]);
    expect(statuses(outcome)).toEqual(["p1.t1 ok", "p1.t2 ok", "p1.t3 ok"]);
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

describe("Kept", () => {
  const answer = { code: 0, stdout: "", stderr: "" };
  const answers = [["k", answer]] as const;

  test("gives an answer once", () => {
    const kept = new Kept(8);
    kept.keep("a", kept.era, answers);
    expect([kept.take("a", "k"), kept.take("a", "k"), kept.take("b", "k")]).toEqual([{ answer, isFresh: false }, undefined, undefined]);
  });

  test("takes no answer that was asked for before something changed", () => {
    const kept = new Kept(8);
    const { era } = kept;
    kept.drop("b");
    kept.keep("a", era, answers);
    expect(kept.take("a", "k")).toBeUndefined();
    expect(kept.width("a")).toBe(1);
  });

  test("an answer that came behind a change is fresh until the host is asked something else", () => {
    const kept = new Kept(8);
    kept.drop("a");
    kept.changed("a", kept.era, [["k", answer], ["l", answer]]);
    expect(kept.take("a", "k")).toEqual({ answer, isFresh: true });
    kept.keep("a", kept.era, []);
    expect(kept.take("a", "l")).toEqual({ answer, isFresh: false });
  });

  test.each(["a", "b"])("an answer that came behind a change is worth nothing when %s changed meanwhile", (other) => {
    const kept = new Kept(8);
    kept.drop("a");
    const { era } = kept;
    kept.drop(other);
    kept.changed("a", era, answers);
    expect(kept.take("a", "k")).toBeUndefined();
    expect(kept.width("a")).toBe(1);
  });

  test("looks less far where answers were dropped unused, and further with each task that had nothing to change", () => {
    const kept = new Kept(8);
    kept.keep("a", kept.era, answers);
    kept.keep("b", kept.era, []);
    kept.keep("c", kept.era, answers);
    kept.drop("c");
    expect([kept.width("a"), kept.width("b"), kept.width("c")]).toEqual([1, 8, 4]);
    const widths = Array.from({ length: 8 }, () => {
      kept.converged("a");
      return kept.width("a");
    });
    expect(widths).toEqual([2, 4, 8, 16, 32, widest, widest, widest]);
  });
});
