import { jest } from "@jest/globals";
import { FakeHost } from "./fake-transport.ts";
import { resultOf, statuses, statusOf, trial } from "./kit.ts";

/** A play of these tasks, written at column 1. */
const play = (tasks: string) => `- hosts: all\n  tasks:\n${tasks.replaceAll(/^(?=.)/gm, "    ")}`;

describe("when", () => {
  test.each([
    ["all hold", "[size > 3, 'name == \"web\"']", "changed"],
    ["one does not", "[size > 3, size > 9]", "skipped"],
    ["a word of YAML", "false", "skipped"],
    ["a variable of a task before", "first.changed", "changed"],
    ["a skipped task before", "second.skipped", "changed"],
  ])("%s", async (_, condition, status) => {
    const outcome = await trial(play(`
- act: say one
  register: first
- act: say two
  register: second
  when: size > 9
- act: say three
  when: ${condition}
`), { vars: { size: 5, name: "web" } });
    expect(statusOf(outcome, "p1.t3")).toBe(status);
  });

  test("says which condition is false", async () => {
    const outcome = await trial(play("- act: say x\n  when: [1 == 1, size > 9]\n"), { vars: { size: 5 } });
    expect(resultOf(outcome, "p1.t1").message).toBe("size > 9 is false");
    expect(outcome.world["a"]!.connects).toBe(0);
  });

  test("that is no condition fails the task at its place", async () => {
    const outcome = await trial(play("- act: say x\n  when: name\n"), { vars: { name: "web" } });
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", problem: { code: "E_EXPRESSION", at: { line: 4 } } });
  });
});

describe("loop", () => {
  test("does the task for each item, and is as its worst item", async () => {
    const outcome = await trial(play('- thing: {name: "{{ item }}"}\n  loop: [x, y, z]\n'), { world: { a: new FakeHost({ y: "up" }) } });
    const { status, items, changes } = resultOf(outcome, "p1.t1");
    expect(status).toBe("changed");
    expect(items!.map(({ item, status: own }) => [item, own])).toEqual([["x", "changed"], ["y", "ok"], ["z", "changed"]]);
    expect(changes.map(({ title }) => title)).toEqual(["make x up", "make z up"]);
  });

  test("goes on after an item that failed, and the host then leaves the play", async () => {
    const outcome = await trial(play('- act: "{{ item }}"\n  loop: [say x, fail 3 oh, say z]\n- act: say later\n'));
    expect(resultOf(outcome, "p1.t1").items!.map(({ status }) => status)).toEqual(["changed", "failed", "changed"]);
    expect(statuses(outcome)).toEqual(["p1.t1 failed"]);
    expect(resultOf(outcome, "p1.t1").problem).toMatchObject({ message: "exit code 3" });
  });

  test("an ignored item leaves the whole ignored and changed, as Ansible counts it", async () => {
    const outcome = await trial(play('- act: "{{ item }}"\n  loop: [say x, fail 3 oh]\n  ignore_errors: true\n'));
    expect(resultOf(outcome, "p1.t1").items!.map(({ status }) => status)).toEqual(["changed", "ignored"]);
    expect(outcome.summary.hosts["a"]).toMatchObject({ ok: 1, changed: 1, ignored: 1, failed: 0 });
    expect(outcome.exitCode).toBe(0);
  });

  test.each([
    ["of nothing is skipped", "[]", undefined, "skipped"],
    ["whose every item is skipped is skipped", "[1, 2]", "item > 5", "skipped"],
    ["asks its condition for each item", "[1, 9]", "item > 5", "changed"],
    ["over something that is no list fails", '"{{ word }}"', undefined, "failed"],
    ["over the result of a skipped task is skipped by its condition", '"{{ nothing.stdout_lines }}"', "!nothing.skipped", "skipped"],
    ["over a name that a result lacks fails", '"{{ nothing.stdout_lines }}"', "nothing.skipped", "failed"],
  ])("%s", async (_, loop, when, status) => {
    const outcome = await trial(play(`- act: say never\n  when: false\n  register: nothing\n- act: say {{ item }}\n  loop: ${loop}\n${when === undefined ? "" : `  when: "${when}"\n`}`), { vars: { word: "abc" } });
    expect(statusOf(outcome, "p1.t2")).toBe(status);
  });

  test("registers a result for each item", async () => {
    const outcome = await trial(play('- act: say {{ item.word }}\n  loop: [{word: x}, {word: y}]\n  register: all\n- debug: {msg: "{{ all.results.1.stdout }} {{ all.results.1.item.word }} {{ all.changed }}"}\n'));
    expect(resultOf(outcome, "p1.t2").message).toBe("y y true");
  });

  test("an item is never taken for a template", async () => {
    const outcome = await trial(play('- act: say x\n  register: r\n- debug: {msg: "{{ item }}"}\n  loop: ["{{ r.stdout }}", "a{{ open }}b"]\n'), { vars: { open: "{" } });
    expect(resultOf(outcome, "p1.t2").items!.map(({ message }) => message)).toEqual(["x", "a{b"]);
  });
});

describe("register and set_fact", () => {
  test("what a host printed is never a template, not even in a later task", async () => {
    const outcome = await trial(play('- act: say {{brace}}\n  vars: {brace: x}\n  register: r\n- set_fact: {copy: "{{ r.stdout }}"}\n- debug: {msg: "{{ copy }}"}\n'));
    expect(resultOf(outcome, "p1.t3").message).toBe("x");
  });

  test("a fact is each host's own, lasts through the plays, and keeps its type", async () => {
    const outcome = await trial(`${play('- set_fact: {me: "{{ inventory_hostname }}", list: [1, 2]}\n')}- hosts: all\n  tasks:\n    - debug: {msg: "{{ me }} {{ length list }}"}\n`, { hosts: ["a", "b"] });
    expect(["a", "b"].map((host) => resultOf(outcome, "p2.t1", host).message)).toEqual(["a 2", "b 2"]);
  });

  test("an extra variable stays what it is", async () => {
    const outcome = await trial(play('- set_fact: {word: other}\n- debug: {msg: "{{ word }}"}\n'), { extraVars: { word: "given" } });
    expect(resultOf(outcome, "p1.t2").message).toBe("given");
  });

  test.each([
    ["an ok resource", "thing: {name: up, value: up}", "changed: false, failed: false, value: up"],
    ["a changed one", "thing: {name: x, value: up}", "changed: true, failed: false, value: up"],
    ["an ignored failure", "thing: {name: x, value: up, how: lie}\n  ignore_errors: true", "changed: true, failed: true, value: none"],
  ])("%s in Ansible's words", async (_, task, words) => {
    const outcome = await trial(play(`- ${task}\n  register: r\n- debug: {msg: "changed: {{ r.changed }}, failed: {{ r.failed }}, value: {{ default r.value 'none' }}"}\n`), { world: { a: new FakeHost({ up: "up" }) } });
    expect(resultOf(outcome, "p1.t2").message).toBe(words);
  });
});

describe("failed_when and changed_when", () => {
  test.each([
    ["failed_when: r.rc != 3", "fail 3 oh", "changed"],
    ["failed_when: false", "fail 3 oh", "changed"],
    ["failed_when: false\n  changed_when: false", "fail 3 oh", "ok"],
    ["failed_when: r.stdout.contains('bad')", "say all good", "changed"],
    ["failed_when: r.stdout == 'bad'", "say bad", "failed"],
    ["failed_when: [r.rc == 0, r.stdout == 'other']", "say bad", "changed"],
    ["changed_when: false", "say x", "ok"],
    ["changed_when: r.stdout == 'x'", "say x", "changed"],
    ["changed_when: r.stdout == 'y'", "say x", "ok"],
    ["changed_when: false", "fail 3 oh", "failed"],
  ])("%s after %s: %s", async (keys, line, status) => {
    const outcome = await trial(play(`- act: ${line}\n  register: r\n  ${keys}\n`));
    expect(statusOf(outcome, "p1.t1")).toBe(status);
  });

  test("says which condition failed it, and shows the step where there was one", async () => {
    const outcome = await trial(play("- act: say bad\n  register: r\n  failed_when: r.stdout == 'bad'\n"));
    expect(resultOf(outcome, "p1.t1").problem).toMatchObject({ message: "failed_when holds: r.stdout == 'bad'", at: { line: 5 } });
  });

  test("a condition that cannot be decided fails the task", async () => {
    const outcome = await trial(play("- act: say x\n  register: r\n  failed_when: r.nothing == 1\n"));
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", problem: { code: "E_UNDEFINED" } });
  });
});

describe("ignore_errors", () => {
  test("lets the host go on, and is counted", async () => {
    const outcome = await trial(play("- act: fail 3 oh\n  ignore_errors: true\n  register: r\n- act: say later\n  when: r.failed\n"));
    expect(statuses(outcome)).toEqual(["p1.t1 ignored", "p1.t2 changed"]);
    expect(resultOf(outcome, "p1.t1").problem).toMatchObject({ message: "exit code 3" });
    expect(outcome.exitCode).toBe(0);
  });

  test.each([
    ["an unreachable host", "- thing: {name: x, how: lose}\n", "unreachable"],
    ["a name that nothing defines", '- debug: {msg: "{{ r.never }}"}\n', "failed"],
    ["false", "- act: fail 3 oh\n", "failed", "false"],
  ])("%s is not ignored", async (_, task, status, value = "true") => {
    const outcome = await trial(play(`- act: say x\n  register: r\n${task}  ignore_errors: ${value}\n`));
    expect(statusOf(outcome, "p1.t2")).toBe(status);
  });
});

describe("until", () => {
  test("tries until it holds, with an event for each further try", async () => {
    const host = new FakeHost();
    host.onScript = (line) => line === "see n" && host.things.set("n", `${Number(host.things.get("n") ?? 0) + 1}`);
    const outcome = await trial(play('- act: see n\n  register: r\n  until: r.stdout == "3"\n  retries: 5\n  delay: 0\n'), { world: { a: host } });
    expect(statusOf(outcome, "p1.t1")).toBe("changed");
    expect(host.ran["see"]).toBe(3);
    expect(outcome.events.filter((event) => event.type === "retry").map(({ attempt, attempts, delay }) => [attempt, attempts, delay])).toEqual([[1, 6, 0], [2, 6, 0]]);
  });

  test("gives up after so many retries, and says what was seen last", async () => {
    const outcome = await trial(play("- act: fail 3 oh\n  register: r\n  until: r.rc == 0\n  retries: 2\n  delay: 0\n"));
    expect(outcome.world["a"]!.ran["fail"]).toBe(3);
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", problem: { message: "until did not hold after 3 tries: r.rc == 0", seen: "exit code 3" }, failedStep: { code: 3 } });
  });

  test("asks nothing of a failure that has not what it asks for: the failure itself is told in the end", async () => {
    const outcome = await trial(play("- thing: {name: x, how: fail}\n  register: r\n  until: r.rc == 0\n  retries: 1\n  delay: 0\n"));
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", problem: { message: "until did not hold after 2 tries: r.rc == 0", seen: expect.stringContaining("no x today") as string } });
  });

  test("that never held can be ignored", async () => {
    const outcome = await trial(play("- act: say x\n  until: false\n  retries: 1\n  delay: 0\n  ignore_errors: true\n"));
    expect(statusOf(outcome, "p1.t1")).toBe("ignored");
  });

  test("is not tried again on a host that is gone", async () => {
    const outcome = await trial(play("- thing: {name: x, how: lose}\n  until: false\n  retries: 5\n  delay: 0\n"));
    expect(statusOf(outcome, "p1.t1")).toBe("unreachable");
    expect(outcome.world["a"]!.ran["lose"]).toBe(1);
  });

  test("waits three times five seconds when nothing else is said", async () => {
    jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "performance", "Date"] });
    const delays: number[] = [];
    const running = trial(play("- act: say x\n  until: false\n"), { journal: (event) => event.type === "retry" && void delays.push(event.delay) });
    let over = false;
    void running.then(() => (over = true));
    while (!over) {
      await jest.advanceTimersByTimeAsync(5000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    jest.useRealTimers();
    expect(delays).toEqual([5, 5, 5]);
    expect(statusOf(await running, "p1.t1")).toBe("failed");
  });
});

test.each([
  ["debug: {msg: hello}", "ok", "hello"],
  ["assert: {that: [1 == 1], success_msg: fine}", "ok", "fine"],
  ["assert: {that: [1 == 2], fail_msg: odd}", "failed", undefined],
  ["fail: {msg: stop}", "failed", undefined],
])("a control needs no host: %s", async (task, status, message) => {
  const outcome = await trial(play(`- ${task}\n`));
  expect(resultOf(outcome, "p1.t1")).toMatchObject({ status, ...(message === undefined ? {} : { message }) });
  expect(outcome.world["a"]!.connects).toBe(0);
});
