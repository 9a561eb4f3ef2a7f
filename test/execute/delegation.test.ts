import { FakeHost } from "./fake-transport.ts";
import { recap, resultOf, said, statusOf, story, trial, type Trial } from "./kit.ts";

/** A play for all of these tasks, written at column 1. */
const play = (tasks: string, keys = "") => `- hosts: all\n${keys.replaceAll(/^(?=.)/gm, "  ")}\n  tasks:\n${tasks.replaceAll(/^(?=.)/gm, "    ")}`;
const around = (more: Partial<Trial> = {}): Partial<Trial> => ({ hosts: ["a", "b"], others: ["db", "localhost"], ...more, world: { db: new FakeHost(), localhost: new FakeHost(), ...more.world } });

describe("delegate_to", () => {
  test("another host does the work; variables, name and result stay the task's own host's", async () => {
    const outcome = await trial(play(`
- act: say {{ inventory_hostname }} {{ word }}
  delegate_to: db
  register: r
- debug: {msg: "{{ r.stdout }}"}
`), around({ vars: { word: "own" }, hostVars: { db: { word: "other" } } }));
    expect(said(outcome, "db")).toEqual(["a own", "b own"]);
    expect([said(outcome, "a"), said(outcome, "b")]).toEqual([[], []]);
    expect(resultOf(outcome, "p1.t2", "b").message).toBe("b own");
    expect(outcome.events.filter((event) => event.type === "host:start").slice(0, 2)).toMatchObject([{ host: "a", on: "db" }, { host: "b", on: "db" }]);
  });

  test("the other host is reached in its own way, as its own user", async () => {
    const outcome = await trial(play("- act: say x\n  delegate_to: db\n- act: whoami\n  become: true\n  delegate_to: db\n"), around({
      hosts: ["a"],
      hostVars: { a: { ansible_user: "mine", ansible_become_user: "mine" }, db: { ansible_user: "dba", ansible_port: 2222, ansible_become_user: "postgres" } },
    }));
    expect(outcome.world["db"]!.targets).toMatchObject([{ name: "db", ansible_user: "dba", ansible_port: 2222 }]);
    expect(resultOf(outcome, "p1.t2").data).toMatchObject({ stdout: "postgres" });
  });

  test("a name that a template gives, for each item of a loop", async () => {
    const outcome = await trial(play('- act: say {{ item }}\n  delegate_to: "{{ item }}"\n  loop: [a, b, db]\n  run_once: true\n  register: r\n- debug: {msg: "{{ join r.results.2.stdout_lines }}"}\n'), around());
    expect(["a", "b", "db"].map((host) => said(outcome, host))).toEqual([["a"], ["b"], ["db"]]);
    expect(resultOf(outcome, "p1.t2").message).toBe("db");
  });

  test.each(["a", '"{{ inventory_hostname }}"', '"{{ none }}"', '"{{ omit }}"'])("%s leaves the task where it is", async (name) => {
    const outcome = await trial(play(`- act: say x\n  delegate_to: ${name}\n`), around({ hosts: ["a"], vars: { none: null } }));
    expect(said(outcome, "a")).toEqual(["x"]);
    expect(outcome.world["a"]!.connects).toBe(1);
  });

  test("a host that no inventory names is its own address", async () => {
    const far = new FakeHost();
    const outcome = await trial(play("- act: say x\n  delegate_to: far.example.org\n"), around({ hosts: ["a"], world: { "far.example.org": far } }));
    expect(far.targets).toMatchObject([{ name: "far.example.org" }]);
    expect(said(outcome, "far.example.org")).toEqual(["x"]);
  });

  test("a host that cannot be reached makes the own host unreachable", async () => {
    const db = new FakeHost();
    db.reachable = false;
    const outcome = await trial(play("- act: say x\n  delegate_to: db\n- act: say never\n"), around({ hosts: ["a"], world: { db } }));
    expect(story(outcome)).toEqual(["a: act unreachable"]);
    expect(said(outcome, "a")).toEqual([]);
    expect(outcome.exitCode).toBe(4);
  });

  test("a host that failed itself still does the work of others", async () => {
    const outcome = await trial(play("- act: fail 3 oh\n  when: inventory_hostname == 'a'\n- act: say x\n  delegate_to: a\n"), around());
    expect(said(outcome, "a")).toEqual(["x"]);
  });

  test.each(["5", "true"])("%s is no name", async (value) => {
    const outcome = await trial(play('- act: say x\n  delegate_to: "{{ name }}"\n'), around({ hosts: ["a"], vars: { name: JSON.parse(value) as unknown } }));
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", problem: { message: '"delegate_to" must be the name of a host' } });
  });

  test("a resource is looked at and changed there", async () => {
    const db = new FakeHost({ x: "up" });
    const outcome = await trial(play("- thing: {name: x}\n  delegate_to: db\n- thing: {name: y}\n  delegate_to: db\n"), around({ hosts: ["a"], world: { db } }));
    expect([statusOf(outcome, "p1.t1"), statusOf(outcome, "p1.t2")]).toEqual(["ok", "changed"]);
    expect(db.things.get("y")).toBe("up");
    expect(outcome.world["a"]!.connects).toBe(0);
  });

  test("a handler and a block may be delegated", async () => {
    const outcome = await trial(`${play("- block: [{act: say x, notify: h}]\n  delegate_to: db\n")}  handlers: [{name: h, act: say handler, delegate_to: db}]\n`, around({ hosts: ["a"] }));
    expect(said(outcome, "db")).toEqual(["x", "handler"]);
  });

  test("to the controller: hosts do not wait for each other there", async () => {
    const outcome = await trial(play("- act: say x\n  delegate_to: localhost\n"), around({ hostVars: { localhost: { ansible_connection: "local" } } }));
    expect(outcome.world["localhost"]!.connects).toBe(2);
    expect(said(outcome, "localhost")).toEqual(["x", "x"]);
  });

  test("an ignored host out of reach is asked again by the next task", async () => {
    const db = new FakeHost();
    db.reachable = false;
    const a = new FakeHost();
    a.onScript = () => (db.reachable = true);
    const outcome = await trial(play("- act: say x\n  delegate_to: db\n  ignore_unreachable: true\n- act: say y\n- act: say z\n  delegate_to: db\n"), around({ hosts: ["a"], world: { a, db } }));
    expect(story(outcome)).toEqual(["a: act ignored", "a: act changed", "a: act changed"]);
    expect(said(outcome, "db")).toEqual(["z"]);
    expect(recap(outcome)).toEqual({ ok: 3, changed: 2, ignored: 1 });
  });
});

describe("delegate_facts", () => {
  const set = (keys: string) => play(`- set_fact: {word: "{{ inventory_hostname }}"}\n  delegate_to: db\n${keys}- debug: {msg: "{{ default word 'none' }} {{ default hostvars.db.word 'none' }}"}\n`);

  test.each([
    ["", "a none"],
    ["  delegate_facts: false\n", "a none"],
    ["  delegate_facts: true\n", "none a"],
    ['  delegate_facts: "{{ yes }}"\n', "none a"],
  ])("%j gives %s", async (keys, message) => {
    const outcome = await trial(set(keys), around({ hosts: ["a"], vars: { yes: true } }));
    expect(resultOf(outcome, "p1.t2").message).toBe(message);
  });

  test("for each item of a loop", async () => {
    const outcome = await trial(play('- set_fact: {word: "{{ item }}"}\n  delegate_to: "{{ item }}"\n  delegate_facts: true\n  loop: [b, db]\n- debug: {msg: "{{ hostvars.b.word }} {{ hostvars.db.word }}"}\n'), around({ hosts: ["a"], others: ["b", "db"] }));
    expect(resultOf(outcome, "p1.t2").message).toBe("b db");
  });
});

describe("how a host is reached", () => {
  const reached = async (tasks: string, keys: string, more: Partial<Trial> = {}) => (await trial(play(tasks, keys), around({ hosts: ["a"], ...more }))).world["a"]!.targets.at(-1);

  test.each<[string, string, string, Record<string, unknown>]>([
    ["the keywords of the play", "remote_user: ops\nport: 2200", "- act: say x\n", { ansible_user: "ops", ansible_port: 2200 }],
    ["those of the task over them", "remote_user: ops\nport: 2200", "- act: say x\n  remote_user: deploy\n", { ansible_user: "deploy", ansible_port: 2200 }],
    ["a connection", "connection: local", "- act: say x\n", { ansible_connection: "local" }],
    ["one that a template gives", 'remote_user: "{{ who }}"', "- act: say x\n", { ansible_user: "whoever" }],
    ["the variables of the play", "vars: {ansible_user: ops, ansible_port: 2200}", "- act: say x\n", { ansible_user: "ops", ansible_port: 2200 }],
    ["those of a block and of a task", "vars: {ansible_user: ops}", "- block: [{act: say x, vars: {ansible_port: 2201}}]\n  vars: {ansible_user: deploy}\n", { ansible_user: "deploy", ansible_port: 2201 }],
    ["what set_fact said", "vars: {ansible_user: ops}", "- set_fact: {ansible_user: found}\n- act: say x\n", { ansible_user: "found" }],
    ["variables are stronger than keywords", "remote_user: ops\nvars: {ansible_user: var}", "- act: say x\n", { ansible_user: "var" }],
  ])("%s", async (_, keys, tasks, target) => {
    expect(await reached(tasks, keys, { vars: { who: "whoever" } })).toMatchObject(target);
  });

  test("the inventory is stronger than keywords, and weaker than the play's variables", async () => {
    expect(await reached("- act: say x\n", "remote_user: ops", { vars: { ansible_user: "inv" } })).toMatchObject({ ansible_user: "inv" });
    expect(await reached("- act: say x\n", "vars: {ansible_user: ops}", { vars: { ansible_user: "inv" } })).toMatchObject({ ansible_user: "ops" });
  });

  test("the play's variables hold where the work is delegated, too", async () => {
    const outcome = await trial(play("- act: say x\n  delegate_to: db\n", "vars: {ansible_user: ops}"), around({ hosts: ["a"] }));
    expect(outcome.world["db"]!.targets).toMatchObject([{ name: "db", ansible_user: "ops" }]);
  });

  test("variables of the play that say how to become count beside a keyword that says how to connect", async () => {
    const outcome = await trial(play("- act: whoami\n", "remote_user: ops\nvars: {ansible_become: true, ansible_become_user: boss}"), around({ hosts: ["a"] }));
    expect(resultOf(outcome, "p1.t1").data).toMatchObject({ stdout: "boss" });
  });

  test("tasks that are reached alike share one connection", async () => {
    const outcome = await trial(play("- act: say x\n- act: say y\n", "remote_user: ops\nvars: {ansible_port: 2200}"), around({ hosts: ["a"] }));
    expect(outcome.world["a"]!.connects).toBe(1);
  });
});

test("hostvars tells of hosts that no play names, by their own names too", async () => {
  const outcome = await trial(play('- debug: {msg: "{{ hostvars.db.word }} {{ hostvars.db.inventory_hostname }} {{ join hostvars.db.group_names }}"}\n'), around({ hosts: ["a"], hostVars: { db: { word: "other" } } }));
  expect(resultOf(outcome, "p1.t1").message).toBe("other db all");
});
