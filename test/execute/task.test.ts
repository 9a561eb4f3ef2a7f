import { jest } from "@jest/globals";
import type { Mode, Status } from "../../src/events/event.ts";
import { FakeHost } from "./fake-transport.ts";
import { ends, resultOf, statuses, statusOf, trial, typesOf } from "./kit.ts";

const one = (task: string) => `- hosts: all\n  tasks:\n    - ${task.replaceAll("\n", "\n      ")}\n`;

describe("a resource", () => {
  test("that is as it should be is ok, after one round trip", async () => {
    const outcome = await trial(one("thing: {name: x}"), { world: { a: new FakeHost({ x: "up" }) } });
    expect(statuses(outcome)).toEqual(["p1.t1 ok"]);
    expect(outcome.roundTrips).toEqual({ a: 1 });
    expect(outcome.world["a"]).toMatchObject({ connects: 1, closes: 1 });
  });

  test("that differs is changed and proven, after two", async () => {
    const outcome = await trial(one("thing: {name: x}"));
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "changed", changes: [{ title: "make x up", before: "", after: "up" }] });
    expect(outcome.world["a"]!.batches).toEqual([["lock r1", "see x"], ["put x up", "see x"]]);
    expect(outcome.roundTrips).toEqual({ a: 2 });
    expect(outcome.exitCode).toBe(0);
  });

  test("is announced with what takes it back before its step is sent, and concluded before the task ends", async () => {
    const seen: string[] = [];
    const host = new FakeHost({ x: "old" });
    host.onScript = (line) => seen.push(line);
    const outcome = await trial(one("thing: {name: x}"), { world: { a: host }, journal: (event) => seen.push(event.type) });
    expect(seen).toEqual(["run:start", "play:start", "task:start", "host:start", "lock r1", "see x", "step:start", "put x up", "output", "see x", "step:end", "host:end", "play:end"]);
    expect(outcome.events.find((event) => event.type === "step:start")).toMatchObject({
      task: "p1.t1",
      host: "a",
      change: "make x up",
      undo: [{ kind: "run", script: { text: "put x old" }, title: "put x back" }],
    });
  });

  test("what it looks at is not told line by line", async () => {
    const outcome = await trial(one("thing: {name: x}"), { world: { a: new FakeHost({ x: "up" }) } });
    expect(typesOf(outcome)).not.toContain("output");
  });

  test("whose second look finds that it is not so has failed: did not converge", async () => {
    const outcome = await trial(one("thing: {name: x, how: lie}"));
    const { status, problem, alsoChanged } = resultOf(outcome, "p1.t1");
    expect({ status, alsoChanged }).toEqual({ status: "failed", alsoChanged: true });
    expect(problem).toMatchObject({ code: "E_FAILED", expected: "no further change", seen: "make x up", at: { file: "site.yml", line: 3 } });
    expect(problem!.message).toMatch(/did not converge/);
    expect(outcome.exitCode).toBe(2);
  });

  test("whose second look finds it worse than before has failed for that reason, and tells what it changed", async () => {
    const outcome = await trial(one("thing: {name: x, how: spoil}"));
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", alsoChanged: true, changes: [{ title: "make x up" }], problem: { code: "E_REFUSED", message: "x is spoilt", at: { line: 3 } } });
  });

  test("whose step failed says which, with its code and its words, and the steps behind it are not run", async () => {
    const outcome = await trial(one("thing: {name: x, how: half}"));
    expect(resultOf(outcome, "p1.t1")).toMatchObject({
      status: "failed",
      changes: [{ title: "make x up", before: "", after: "up" }],
      alsoChanged: true,
      problem: { code: "E_FAILED", message: "try x: no x today", seen: "exit code 3" },
      failedStep: { title: "try x", code: 3, stderr: "no x today" },
    });
    const concluded = outcome.events.filter((event) => event.type === "step:end");
    expect(concluded.map(({ change, ok, begun }) => ({ change, ok, begun }))).toEqual([
      { change: "make x up", ok: true, begun: undefined },
      { change: "break x", ok: false, begun: undefined },
      { change: "never x", ok: false, begun: false },
    ]);
    expect(outcome.roundTrips).toEqual({ a: 2 });
  });

  test("that is refused changes nothing and gives its reason and hint", async () => {
    const outcome = await trial(one("thing: {name: x, how: refuse}"), { world: { a: new FakeHost({ x: "mine" }) } });
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", changes: [], problem: { code: "E_REFUSED", message: "x must stay mine", hint: "leave it", at: { line: 3 } } });
    expect(outcome.world["a"]!.lines).toEqual(["lock r1", "see x"]);
    expect(typesOf(outcome)).not.toContain("step:start");
  });

  test("that converses asks step by step, and its remark joins the result", async () => {
    const outcome = await trial(one("thing: {name: x, how: talk}"));
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "changed", message: "cleaned" });
    expect(outcome.world["a"]!.batches.slice(1)).toEqual([["say ready"], ["put x up"], ["say cleaned"], ["see x"]]);
  });

  test("whose conversation fails still cleans up behind it", async () => {
    const outcome = await trial(one("thing: {name: x, how: talk-fail}"));
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", failedStep: { title: "try x" } });
    expect(outcome.world["a"]!.lines.at(-1)).toBe("say cleaned");
  });

  test("whose host loses the connection is unreachable, and what had begun has no end in the journal", async () => {
    const outcome = await trial(one("thing: {name: x, how: lose}"));
    expect(statusOf(outcome, "p1.t1")).toBe("unreachable");
    expect(typesOf(outcome)).toContain("step:start");
    expect(typesOf(outcome)).not.toContain("step:end");
    expect(outcome.exitCode).toBe(4);
  });
});

describe("an action", () => {
  test.each([
    ["changes", "act: say hello", "changed", 1],
    ["that only reads is ok", "act: {line: say hello, read_only: true}", "ok", 1],
    ["that fails has failed", "act: fail 3 oh", "failed", 1],
    ["whose probe says so has nothing to do", "act: {line: say hello, creates: say there}", "ok", 1],
    ["whose probe does not is run", "act: {line: say hello, creates: fail 1 no}", "changed", 2],
  ])("%s", async (_, task, status, roundTrips) => {
    const outcome = await trial(one(task));
    expect(statusOf(outcome, "p1.t1")).toBe(status);
    expect(outcome.roundTrips).toEqual({ a: roundTrips });
  });

  test("a failed one may have changed something, and register says so as Ansible does", async () => {
    const outcome = await trial(one("act: fail 3 oh\nregister: r\nignore_errors: true") + "    - debug: {var: r.changed}\n");
    expect(statuses(outcome)).toEqual(["p1.t1 ignored", "p1.t2 ok"]);
    expect(resultOf(outcome, "p1.t2").message).toBe("r.changed: true");
    expect(outcome.summary.hosts["a"]).toMatchObject({ ok: 2, changed: 1, ignored: 1, failed: 0 });
  });

  test("its output arrives line by line under its task", async () => {
    const outcome = await trial(one("act: say hello"));
    expect(outcome.events.filter((event) => event.type === "output")).toMatchObject([{ task: "p1.t1", host: "a", stream: "stdout", text: "hello" }]);
  });

  test("takes up a new connection, and with it the lock again, after a reconnect", async () => {
    const outcome = await trial(`${one("act: say one")}    - reconnects: {}\n    - act: say two\n`);
    expect(outcome.world["a"]).toMatchObject({ connects: 2, batches: [["lock r1", "say one"], ["lock r1", "say two"]] });
    expect(outcome.roundTrips).toEqual({ a: 2 });
  });
});

describe("what a bug does", () => {
  test.each(["observe", "parse", "plan", "steps"])("in %s of a module: failed as E_BUG with its trace, exit code 250, and the run ends", async (where) => {
    const outcome = await trial(one(`broken: {where: ${where}}`), { hosts: ["a", "b"] });
    for (const host of ["a", "b"]) expect(resultOf(outcome, "p1.t1", host)).toMatchObject({ status: "failed", problem: { code: "E_BUG", message: "internal error: undefined is not a function" } });
    expect(outcome.events.find((event) => event.type === "warning")).toMatchObject({ message: expect.stringContaining("fake-modules.ts") });
    expect(outcome.exitCode).toBe(250);
  });

  test.each(["ignore_errors: true", "failed_when: false", "until: true\nretries: 3"])("%s does not hide it", async (key) => {
    const outcome = await trial(one(`broken: {where: plan}\n${key}`));
    expect(statusOf(outcome, "p1.t1")).toBe("failed");
    expect(outcome.exitCode).toBe(250);
  });
});

describe("hosts that cannot be used", () => {
  test("an unreachable one leaves the play, and the others go on", async () => {
    const b = new FakeHost();
    b.reachable = false;
    const outcome = await trial(`${one("act: say one")}    - act: say two\n`, { hosts: ["a", "b"], world: { b } });
    expect(statuses(outcome, "a")).toEqual(["p1.t1 changed", "p1.t2 changed"]);
    expect(statuses(outcome, "b")).toEqual(["p1.t1 unreachable"]);
    expect(b.connects).toBe(1);
    expect(outcome.roundTrips).toEqual({ a: 2, b: 0 });
    expect(outcome.exitCode).toBe(4);
  });

  test("one that another run is changing fails, and is named with its owner", async () => {
    const a = new FakeHost();
    a.lockedBy = "20260101-aaaa";
    const outcome = await trial(one("act: say one"), { world: { a } });
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", problem: { code: "E_LOCKED", seen: "held by run 20260101-aaaa" } });
    expect(a.ran["say"]).toBeUndefined();
  });

  test("a machine whose other name has just taken the lock, and not yet written whose it is, is no stranger's", async () => {
    const a = new FakeHost();
    a.lockedBy = "r0 by root since 2025-12-31 00:00:00";
    a.onScript = () => void (a.batches.length === 2 && (a.lockedBy = "r1 by root since 2026-01-01 00:00:00"));
    const outcome = await trial(one("act: say one"), { world: { a } });
    expect(statuses(outcome)).toEqual(["p1.t1 changed"]);
    expect(a.batches).toEqual([["lock r1", "say one"], ["lock r1"], ["say one"]]);
  });

  test("a machine with two names in the inventory is locked once", async () => {
    const a = new FakeHost();
    a.lockedBy = "r1 by root since 2026-01-01 00:00:00";
    const outcome = await trial(one("act: say one"), { world: { a } });
    expect(statuses(outcome)).toEqual(["p1.t1 changed"]);
    expect(a.batches).toEqual([["lock r1", "say one"], ["say one"]]);
    expect(a.ran).toEqual({ say: 1 });
  });

  test.each(["check", "status"] as const)("%s changes nothing, so it takes no lock", async (mode) => {
    const a = new FakeHost();
    a.lockedBy = "20260101-aaaa";
    const outcome = await trial(one("thing: {name: x}"), { world: { a }, mode });
    expect(a.lines).toEqual(["see x"]);
    expect(outcome.exitCode).toBe(mode === "check" ? 0 : 3);
  });

  test("a connection that never ends does not hold the run up", async () => {
    const a = new FakeHost();
    a.neverCloses = true;
    jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "performance", "Date"] });
    const closing = new Promise<void>((resolve) => (a.onClose = resolve));
    const running = trial(one("act: say one"), { world: { a } });
    await closing;
    await jest.runAllTimersAsync();
    const outcome = await running;
    jest.useRealTimers();
    expect(outcome.exitCode).toBe(0);
    expect(outcome.roundTrips).toEqual({ a: 1 });
  });
});

describe("as whom and with what", () => {
  test.each([
    ["the user who logged in", "", ""],
    ["root by default", "become: true", "root"],
    ["another user", "become: true\nbecome_user: postgres", "postgres"],
    ["not when it is false", "become: false\nbecome_user: postgres", ""],
    ["a user from a variable", 'become: "{{ yes_please }}"\nbecome_user: "{{ who }}"', "deploy"],
  ])("%s", async (_, keys, user) => {
    const outcome = await trial(one(`act: whoami\nvars: {yes_please: true, who: deploy}${keys === "" ? "" : `\n${keys}`}`));
    expect(outcome.world["a"]!.users).toEqual([user]);
  });

  test.each<[string, string, Readonly<Record<string, unknown>>, string]>([
    ["the command line's user", "", {}, "typed"],
    ["the play's, before the command line's", "become_user: web", {}, "web"],
    ["the inventory's, before the command line's", "", { ansible_become_user: "ours" }, "ours"],
    ["nobody, where the play says so", "become: false", {}, ""],
    ["nobody, where the inventory says so", "", { ansible_become: false }, ""],
  ])("%s", async (_, keys, vars, user) => {
    const outcome = await trial(one(`act: whoami${keys === "" ? "" : `\n${keys}`}`), { vars, become: { become: true, user: "typed", method: "su" } });
    expect(outcome.world["a"]!.users).toEqual([user]);
  });

  test("a method that does not exist is told, wherever it comes from", async () => {
    const outcome = await trial(one("act: whoami\nbecome: true"), { become: { method: "runas" } });
    expect(resultOf(outcome, "p1.t1").problem).toMatchObject({ message: '"become_method" cannot be runas', expected: "one of sudo, su, doas" });
  });

  test("the play's become is the task's, until the task says otherwise", async () => {
    const outcome = await trial("- hosts: all\n  become: true\n  become_user: web\n  tasks:\n    - act: whoami\n    - act: whoami\n      become: false\n    - act: whoami\n      become_user: db\n");
    expect(outcome.world["a"]!.users).toEqual(["web", "", "db"]);
    expect(outcome.world["a"]!.connects).toBe(1);
  });

  test("the environment of the play and over it that of the task", async () => {
    const outcome = await trial(`- hosts: all
  environment: {LEVEL: play, PORT: 5000}
  tasks:
    - act: env LEVEL
      register: task
      environment: {LEVEL: "{{ level }}"}
      vars: {level: task}
    - act: env LEVEL
      register: play
    - act: env PORT
      register: number
    - debug: {msg: "{{ task.stdout }} {{ play.stdout }} {{ number.stdout }}"}
`);
    expect(resultOf(outcome, "p1.t4").message).toBe("task play 5000");
  });

  test.each([
    ["text", '"environment" must be a mapping of names to values'],
    ['{"A B": x}', '"A B" cannot be the name of an environment variable'],
    ["{A: [1]}", "the environment variable A must be text or a number"],
  ])("an environment of %s is refused before the host is touched", async (environment, message) => {
    const outcome = await trial(one(`act: say hello\nvars: {e: ${environment}}\nenvironment: "{{ e }}"`));
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", problem: { code: "E_ARGS", message } });
    expect(outcome.world["a"]!.connects).toBe(0);
  });
});

describe("timeout", () => {
  test("stops what takes too long, and says so", async () => {
    const outcome = await trial(one("act: hang\nname: wait\ntimeout: 3"));
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", alsoChanged: true, problem: { message: "wait: took too long, and was stopped with all it had started" } });
  });

  test("must be a number", async () => {
    const outcome = await trial(one('act: hang\ntimeout: "{{ never }}"\nvars: {never: soon}'));
    expect(resultOf(outcome, "p1.t1").problem).toMatchObject({ code: "E_ARGS", message: "must be a number that is not negative" });
  });
});

describe("no_log", () => {
  const playbook = (task: string) => `- hosts: all\n  tasks:\n    - name: quiet {{ password }}\n      no_log: true\n      vars: {password: hunter2x}\n      ${task}\n`;
  test.each([
    ["a change", 'thing: {name: "{{ password }}", value: "{{ password }}"}', "changed"],
    ["a conversation", 'thing: {name: x, value: "{{ password }}", how: talk}', "changed"],
    ["output", 'act: say {{ password }}', "changed"],
    ["a failed step", 'act: fail 3 {{ password }}', "failed"],
    ["a refusal", 'thing: {name: "{{ password }}", how: refuse}', "failed"],
    ["a message", 'debug: {msg: "{{ password }}"}', "ok"],
    ["items", 'act: say {{ item }}\n      loop: ["{{ password }}"]', "changed"],
    ["an undefined part of it", 'debug: {msg: "{{ password.hunter2x }}"}', "failed"],
    ["a check", 'thing: {name: "{{ password }}", value: "{{ password }}"}', "changed", "check"],
    ["a status", 'thing: {name: "{{ password }}", value: "{{ password }}"}', "ok", "status"],
  ] as [string, string, Status, Mode?][])("nothing of it stands in any event: %s", async (_, task, status, mode: Mode = "run") => {
    const outcome = await trial(playbook(task), { mode });
    expect(statusOf(outcome, "p1.t1")).toBe(status);
    expect(JSON.stringify(outcome.events)).not.toMatch(/hunter2x/);
    expect(outcome.world["a"]!.lines.length).toBeGreaterThanOrEqual(/debug/.test(task) ? 0 : 1);
  });

  test("the state of what is hidden still counts in status", async () => {
    const outcome = await trial(playbook('thing: {name: "{{ password }}"}\n      loop: [1, 2]'), { mode: "status" });
    expect(outcome.summary.states["a"]).toMatchObject([{ state: "down", label: "[redacted]" }, { state: "down", label: "[redacted]" }]);
    expect(outcome.exitCode).toBe(3);
  });

  test("a bug under it shows no trace", async () => {
    const outcome = await trial(playbook("broken: {where: plan}"));
    expect(JSON.stringify(outcome.events)).not.toMatch(/undefined is not a function/);
    expect(outcome.exitCode).toBe(250);
  });
});

test("a secret argument is taken out of everything that the host prints", async () => {
  const outcome = await trial(one("thing: {name: x, how: whisper, password: correct-horse}") + "    - act: say correct-horse\n");
  expect(JSON.stringify(outcome.events)).not.toMatch(/correct-horse/);
  expect(outcome.events.filter((event) => event.type === "output").map(({ text }) => text)).toEqual(["[redacted]", "now x is up", "[redacted]"]);
});

test("every host:start has its host:end, and the name of a task is rendered for its host", async () => {
  const outcome = await trial('- hosts: all\n  tasks:\n    - name: hello {{ inventory_hostname }}\n      debug: {}\n', { hosts: ["a", "b"] });
  const starts = outcome.events.filter((event) => event.type === "host:start");
  expect(starts.map(({ host, name }) => [host, name])).toEqual([["a", "hello a"], ["b", "hello b"]]);
  expect([...ends(outcome, "a"), ...ends(outcome, "b")]).toHaveLength(2);
});
