import { FakeHost } from "./fake-transport.ts";
import { resultOf, statuses, statusOf, trial, typesOf } from "./kit.ts";

const play = (tasks: string) => `- hosts: all\n  tasks:\n${tasks.replaceAll(/^(?=.)/gm, "    ")}`;
const check = (tasks: string, things: Readonly<Record<string, string>> = {}) => trial(play(tasks), { mode: "check", world: { a: new FakeHost(things) } });

describe("check mode", () => {
  test("says what a run would change, with before and after, and changes nothing", async () => {
    const outcome = await check("- thing: {name: x}\n- thing: {name: y}\n", { y: "up" });
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "changed", changes: [{ title: "make x up", before: "", after: "up" }] });
    expect(statusOf(outcome, "p1.t2")).toBe("ok");
    expect(outcome.world["a"]!.ran).toEqual({ see: 2 });
    expect(typesOf(outcome)).not.toContain("step:start");
  });

  test.each<["check" | "run", string, string, string | undefined]>([
    ["check", "worn", "ok", "it is worn"],
    ["check", "new", "ok", undefined],
    ["check", "", "changed", undefined],
    ["run", "worn", "ok", "it is worn"],
    ["run", "new", "ok", undefined],
    ["run", "", "changed", "it is worn"],
  ])("%s says what is not as described though nothing is to be done about it (%j: %s, %j)", async (mode, value, status, message) => {
    const outcome = await trial(play("- worn: {name: x}\n"), { mode, world: { a: new FakeHost({ x: value }) } });
    const result = resultOf(outcome, "p1.t1");
    expect({ status: result.status, message: result.message }).toEqual({ status, message });
  });

  test("predicts a refusal", async () => {
    const outcome = await check("- thing: {name: x, how: refuse}\n");
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", problem: { code: "E_REFUSED" } });
    expect(outcome.exitCode).toBe(2);
  });

  test.each([
    ["an action is unknown", "act: say x", "unknown"],
    ["one that reads is run", "act: {line: say x, read_only: true}", "ok"],
    ["one whose probe says so has nothing to do", "act: {line: say x, creates: say there}", "ok"],
    ["a control is done", "debug: {msg: x}", "ok"],
  ])("%s", async (_, task, status) => {
    expect(statusOf(await check(`- ${task}\n`), "p1.t1")).toBe(status);
  });

  test("is never a guess: what needs the result of an action that did not run is unknown, and so on", async () => {
    const outcome = await check(`
- act: say x
  register: r
- debug: {msg: "{{ r.stdout }}"}
- thing: {name: "{{ default r.stdout 'x' }}"}
- act: {line: say y, read_only: true}
  when: r.changed
  register: second
- set_fact: {copy: "{{ r.rc }}"}
- debug: {msg: "{{ copy }}"}
- debug: {msg: "{{ second.stdout }}"}
- debug: {msg: not touched by it}
`);
    expect(statuses(outcome).map((line) => line.split(" ")[1])).toEqual(["unknown", "unknown", "unknown", "unknown", "unknown", "unknown", "unknown", "ok"]);
    expect(resultOf(outcome, "p1.t2").message).toBe('unknown, because it needs "r", which only a run gives');
    expect(outcome.exitCode).toBe(0);
  });

  test("a variable that is known again later is used again", async () => {
    const outcome = await check('- act: say x\n  register: r\n- act: {line: say y, read_only: true}\n  register: r\n- debug: {msg: "{{ r.stdout }}"}\n');
    expect(resultOf(outcome, "p1.t3").message).toBe("y");
  });

  test("an extra variable is what it is, whatever registers it", async () => {
    const outcome = await trial(play('- act: say x\n  register: r\n- debug: {msg: "{{ r }}"}\n'), { mode: "check", extraVars: { r: "given" } });
    expect(resultOf(outcome, "p1.t2").message).toBe("given");
  });

  test.each([
    ["a look that refuses", "thing: {name: y, how: refuse}"],
    ["a command that reads and fails", "act: {line: fail 3 oh, read_only: true}"],
    ["a command that reads until it holds", "act: {line: fail 3 oh, read_only: true}\n  until: r.rc == 0\n  register: r\n  retries: 9\n  delay: 3600"],
    ["an assertion", "assert: {that: [1 == 2]}"],
  ])("%s: unknown when a run would have changed the host by then, else failed", async (_, task) => {
    const before = await check(`- thing: {name: x}\n- ${task}\n`);
    expect(statusOf(before, "p1.t2")).toBe("unknown");
    expect(resultOf(before, "p1.t2").message).toMatch(/^unknown, because "thing" would change the host first \(now: /);
    expect(before.exitCode).toBe(0);
    const fresh = await check(`- thing: {name: x}\n- ${task.replace("3600", "0").replace("retries: 9", "retries: 1")}\n`, { x: "up" });
    expect(statusOf(fresh, "p1.t2")).toBe("failed");
  });

  test.each([
    ["a name that nothing defines", '- debug: {msg: "{{ r.nothing }}"}\n', "E_UNDEFINED"],
    ["a wrong argument", '- thing: {name: x, how: "{{ word }}"}\n', "E_ARGS"],
    ["a condition that is none", "- debug: {}\n  when: word\n", "E_EXPRESSION"],
  ])("a mistake of the playbook stays one after a change: %s", async (_, task, code) => {
    const outcome = await trial(play(`- thing: {name: x}\n  register: r\n${task}`), { mode: "check", vars: { word: "w" } });
    expect(resultOf(outcome, "p1.t2")).toMatchObject({ status: "failed", problem: { code } });
  });

  test("does not wait for what a run would change", async () => {
    const outcome = await check("- thing: {name: x}\n  until: r.value == 'up'\n  register: r\n  delay: 3600\n");
    expect(statusOf(outcome, "p1.t1")).toBe("changed");
  });

  test("a bug stays a bug", async () => {
    const outcome = await check("- thing: {name: x}\n- broken: {where: plan}\n");
    expect(statusOf(outcome, "p1.t2")).toBe("failed");
    expect(outcome.exitCode).toBe(250);
  });
});

describe("status", () => {
  const status = (tasks: string, things: Readonly<Record<string, string>> = {}) => trial(play(tasks), { mode: "status", world: { a: new FakeHost(things) } });

  test("has a line for each resource and each item, folded to one exit code", async () => {
    const outcome = await status('- thing: {name: x}\n- name: many\n  thing: {name: "{{ item }}"}\n  loop: [y, z]\n- act: say x\n- debug: {}\n', { x: "up", y: "up" });
    expect(outcome.summary.states["a"]).toEqual([
      { resource: "thing#1", task: "thing", state: "up", label: "x", remarks: [] },
      { resource: "thing#2", task: "many (y)", state: "up", label: "y", remarks: [] },
      { resource: "thing#3", task: "many (z)", state: "down", label: "z", remarks: ["would make z up"] },
    ]);
    expect(outcome.exitCode).toBe(3);
    expect(outcome.world["a"]!.ran).toEqual({ see: 3 });
  });

  test.each([
    ["everything up", { x: "up" }, 0],
    ["not", {}, 3],
  ])("%s: the exit code tells", async (_, things, code) => {
    expect((await status("- thing: {name: x}\n", things)).exitCode).toBe(code);
  });

  test.each([
    ["that its condition leaves out is n/a", "thing: {name: x}\n  when: false", "n/a", "false is false"],
    ["that would be refused is a warning with its reason", "thing: {name: x, how: refuse}", "warn", "x must stay "],
    ["that needs what only a run gives is a warning", 'thing: {name: "{{ r.stdout }}"}', "warn", 'unknown, because it needs "r", which only a run gives'],
    ["with a wrong argument is a warning", 'thing: {name: x, how: "{{ word }}"}', "warn", 'thing: "how" must be one of'],
  ])("a resource %s", async (_, task, state, remark) => {
    const outcome = await trial(play(`- act: say x\n  register: r\n- ${task}\n`), { mode: "status", vars: { word: "w" } });
    const [line] = outcome.summary.states["a"]!;
    expect(line).toMatchObject({ state });
    expect(line!.remarks[0]!.startsWith(remark)).toBe(true);
  });

  test("nothing that a playbook says of change or failure or tries touches what is seen", async () => {
    const outcome = await status("- thing: {name: x}\n  changed_when: true\n  failed_when: true\n  until: false\n  delay: 3600\n", { x: "up" });
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "ok", state: { state: "up" } });
    expect(outcome.exitCode).toBe(0);
  });
});

describe("down", () => {
  const down = (tasks: string, things: Readonly<Record<string, string>>, vars: Readonly<Record<string, unknown>> = {}) => trial(play(tasks), { mode: "down", vars, world: { a: new FakeHost(things) } });
  const puts = (outcome: Awaited<ReturnType<typeof down>>) => outcome.world["a"]!.lines.filter((line) => line.startsWith("put"));

  test("brings everything down in exact reverse order, items too, each proven", async () => {
    const outcome = await down('- thing: {name: x}\n- thing: {name: "{{ item }}"}\n  loop: [y, z]\n- thing: {name: w}\n', { x: "up", y: "up", z: "up", w: "up" });
    expect(puts(outcome)).toEqual(["put w ''", "put z ''", "put y ''", "put x ''"]);
    expect(statuses(outcome)).toEqual(["p1.t3 changed", "p1.t2 changed", "p1.t1 changed"]);
    expect(outcome.roundTrips).toEqual({ a: 8 });
  });

  test("plays too go backwards", async () => {
    const outcome = await trial("- hosts: all\n  tasks:\n    - thing: {name: x}\n- hosts: all\n  tasks:\n    - thing: {name: y}\n", { mode: "down", world: { a: new FakeHost({ x: "up", y: "up" }) } });
    expect(statuses(outcome)).toEqual(["p2.t1 changed", "p1.t1 changed"]);
  });

  test("what is down already is ok", async () => {
    expect(statuses(await down("- thing: {name: x}\n", {}))).toEqual(["p1.t1 ok"]);
  });

  test("leaves alone and names what has no part in it, and does none of it", async () => {
    const outcome = await down("- act: say x\n- debug: {}\n- broken: {where: observe}\n", {});
    expect(statuses(outcome)).toEqual(["p1.t3 skipped", "p1.t2 skipped", "p1.t1 skipped"]);
    expect(resultOf(outcome, "p1.t1").message).toBe("left alone: act has no part in down");
    expect(outcome.world["a"]!.connects).toBe(0);
  });

  test("is not held up by a message about a result that only a run gives", async () => {
    const outcome = await down('- thing: {name: x}\n- act: say y\n  register: said\n- debug: {msg: "{{ said.words }}"}\n- assert: {that: said.words == "y"}\n', { x: "up" });
    expect(statuses(outcome)).toEqual(["p1.t4 skipped", "p1.t3 skipped", "p1.t2 skipped", "p1.t1 changed"]);
  });

  test("facts that arguments need are made first, conditions hold as in a run", async () => {
    const outcome = await down('- set_fact: {which: x}\n- thing: {name: "{{ which }}"}\n- thing: {name: y}\n  when: which == "other"\n', { x: "up", y: "up" });
    expect(puts(outcome)).toEqual(["put x ''"]);
    expect(statuses(outcome)).toEqual(["p1.t3 skipped", "p1.t2 changed", "p1.t1 skipped"]);
  });

  test.each([
    ["stays up", "thing: {name: y, how: lie}", "did not converge"],
    ["refuses", "thing: {name: y, how: refuse}", "y must stay up"],
    ["cannot be named", 'act: say y\n  register: r\n- thing: {name: "{{ r.stdout }}"}', 'it needs "r", which only a run gives'],
    ["loops over no list", 'thing: {name: "{{ item }}"}\n  loop: "{{ word }}"', '"loop" must be a list'],
  ])("stops above what a resource stands on when that one %s", async (_, task, words) => {
    const outcome = await down(`- thing: {name: x}\n- ${task}\n`, { x: "up", y: "up" }, { word: "w" });
    const [last, ...others] = statuses(outcome);
    expect(last).toMatch(/failed$/);
    expect(others).toEqual([]);
    expect(outcome.world["a"]!.things.get("x")).toBe("up");
    expect(resultOf(outcome, last!.split(" ")[0]!).problem!.message).toContain(words);
  });

  test("a task's time begins when its turn comes", async () => {
    const clock = { ahead: 0 };
    const real = Date.now;
    Date.now = () => real() + clock.ahead;
    try {
      const a = new FakeHost({ x: "up", y: "up" });
      a.onScript = (line) => line === "put y ''" && (clock.ahead = 60_000);
      const outcome = await trial(play("- thing: {name: x}\n  timeout: 5\n- thing: {name: y}\n"), { mode: "down", world: { a } });
      expect(statuses(outcome)).toEqual(["p1.t2 changed", "p1.t1 changed"]);
      expect(a.limits.at(-1)).toBeGreaterThan(4);
    } finally {
      Date.now = real;
    }
  });
});
