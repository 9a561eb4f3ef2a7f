import type { Event } from "../../src/events/event.ts";
import { play, things, up } from "./_things.ts";
import { FakeHost } from "./fake-transport.ts";
import { statuses, trial } from "./kit.ts";

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

  test("a change on another host while the look was on its way does, too", async () => {
    const a = new FakeHost({ x: "old", y: "up", z: "up" });
    const b = new FakeHost({ x: "up", y: "up", z: "up" });
    a.onScript = (line) => line === "put x up" && b.things.set("y", "lost");
    let release = () => {};
    const changed = new Promise<void>((resolve) => (release = resolve));
    b.waitFor = (line) => (line === "see z" ? changed : undefined);
    const journal = (event: Event) => event.type === "host:end" && event.host === "a" && event.task === "p1.t1" && release();
    const outcome = await trial(play("- thing: {name: x}\n- thing: {name: y}\n- thing: {name: z}\n"), { hosts: ["a", "b"], world: { a, b }, journal });
    expect(statuses(outcome, "b")).toEqual(["p1.t1 ok", "p1.t2 changed", "p1.t3 ok"]);
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
