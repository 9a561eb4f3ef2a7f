import { FakeHost } from "./fake-transport.ts";
import { recap, resultOf, said, story, trial } from "./kit.ts";

/** A play for all of these tasks and handlers, written at column 1. */
const play = (tasks: string, handlers: string, keys = "") => `- hosts: all\n${keys}  tasks:\n${deep(tasks)}  handlers:\n${deep(handlers)}`;
const deep = (text: string) => `${text}\n`.replaceAll(/^(?=.)/gm, "    ");
const change = (notify: string, line = "say task") => `- act: ${line}\n  notify: ${notify}\n`;
const handler = (name: string, body = `act: say ${name}`) => `- name: ${name}\n  ${body}\n`;

describe("who is notified", () => {
  test.each<[string, string, string, string[]]>([
    ["each once, in the order of their definition", change("[c, a]") + change("[a, c]"), handler("a") + handler("b") + handler("c"), ["task", "task", "a", "c"]],
    ["all that listen to a topic, and the one of that name", change("web"), handler("web") + handler("x", "act: say x\n  listen: web") + handler("y", "act: say y\n  listen: [other, web]"), ["task", "web", "x", "y"]],
    ["handlers without a name, by their topic", change("web"), "- act: say x\n  listen: web\n- act: say y\n  listen: web\n", ["task", "x", "y"]],
    ["a name that a template gives", change('"{{ which }}"'), handler("a") + handler("b"), ["task", "b"]],
    ["a list that a template gives", change('"{{ both }}"'), handler("a") + handler("b"), ["task", "a", "b"]],
    ["a handler whose name a template gives", change("restart b"), '- name: "restart {{ which }}"\n  act: say x\n', ["task", "x"]],
    ["by the items of a loop that changed something", '- act: say {{ item }}\n  loop: [a, b, c]\n  changed_when: item != "b"\n  notify: "{{ item }}"\n', handler("a") + handler("b") + handler("c"), ["a", "b", "c", "a", "c"]],
    ["what a block says as well as its tasks", '- block: [{act: say task, notify: b}]\n  notify: a\n', handler("a") + handler("b"), ["task", "a", "b"]],
    ["nobody by a task that changes nothing", change("a", "say task\n  changed_when: false"), handler("a"), ["task"]],
    ["nobody by a task that failed, not even when that is ignored", change("a", "fail 3 oh\n  ignore_errors: true"), handler("a"), []],
    ["nobody by a task that is skipped", change("a", "say task\n  when: false"), handler("a"), []],
    ["a handler by another one before it", change("a"), handler("a", "act: say a\n  notify: b") + handler("b"), ["task", "a", "b"]],
    ["a handler by another one behind it, in a further round at the end", change("b"), handler("a") + handler("b", "act: say b\n  notify: a"), ["task", "b", "a"]],
    ["not without an end, when handlers notify each other", change("a"), handler("a", "act: say a\n  notify: b") + handler("b", "act: say b\n  notify: a"), ["task", "a", "b", "a", "b", "a", "b"]],
  ])("%s", async (_, tasks, handlers, lines) => {
    const outcome = await trial(play(tasks, handlers), { vars: { which: "b", both: ["a", "b"] } });
    expect(said(outcome)).toEqual(lines);
  });

  test("a name that a template gives and that no handler has fails the task, which has changed something", async () => {
    const outcome = await trial(play(`${change('"{{ which }}"')}- act: say never\n`, handler("restart")), { vars: { which: "restrat" } });
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", alsoChanged: true, problem: { code: "E_PLAYBOOK", message: 'there is no handler "restrat" in this play', at: { line: 4 }, hint: 'did you mean "restart"?' } });
    expect(said(outcome)).toEqual(["task"]);
    expect(outcome.exitCode).toBe(2);
  });

  test("on each host for itself", async () => {
    const outcome = await trial(play(change("a", "say task\n  changed_when: mine"), handler("a")), { hosts: ["a", "b"], hostVars: { a: { mine: true }, b: { mine: false } } });
    expect([said(outcome, "a"), said(outcome, "b")]).toEqual([["task", "a"], ["task"]]);
  });
});

describe("meta: flush_handlers", () => {
  test("runs what was notified so far, and what is notified again runs again", async () => {
    const outcome = await trial(play(`${change("a")}- meta: flush_handlers\n${change("a")}`, handler("a")));
    expect(said(outcome)).toEqual(["task", "a", "task", "a"]);
  });

  test("goes through the handlers once: one that is notified by a later one waits for the next flush", async () => {
    const outcome = await trial(play(`${change("b")}- meta: flush_handlers\n- act: say between\n`, handler("a") + handler("b", "act: say b\n  notify: a")));
    expect(said(outcome)).toEqual(["task", "b", "between", "a"]);
  });

  test("runs them only on the hosts where its condition holds", async () => {
    const outcome = await trial(play(`${change("a")}- meta: flush_handlers\n  when: inventory_hostname == 'a'\n- act: say between\n`, handler("a")), { hosts: ["a", "b"] });
    expect([said(outcome, "a"), said(outcome, "b")]).toEqual([["task", "a", "between"], ["task", "between", "a"]]);
  });

  test("in a block: a handler that fails is rescued with it", async () => {
    const outcome = await trial(play(`- block:\n    - act: say task\n      notify: a\n    - meta: flush_handlers\n    - act: say never\n  rescue: [{act: say rescue}]\n  always: [{act: say always}]\n`, handler("a", "act: fail 3 oh")));
    expect(said(outcome)).toEqual(["task", "rescue", "always"]);
    expect(recap(outcome)).toEqual({ ok: 3, changed: 3, rescued: 1 });
    expect(outcome.exitCode).toBe(0);
  });

  test("of run_once: a handler runs on one host for each time that it is notified", async () => {
    const outcome = await trial(play(`${change("a")}- meta: flush_handlers\n${change("a")}`, handler("a", "act: say a\n  run_once: true")), { hosts: ["a", "b"] });
    expect([said(outcome, "a"), said(outcome, "b")]).toEqual([["task", "a", "task", "a"], ["task", "task"]]);
  });
});

test("handlers run after pre_tasks, after roles and tasks, and after post_tasks", async () => {
  const playbook = `- hosts: all
  pre_tasks: [{act: say pre, notify: h}]
  roles: [r]
  tasks: [{act: say task, notify: h}]
  post_tasks: [{act: say post, notify: h}]
  handlers: [{name: h, act: say handler}]
`;
  const outcome = await trial(playbook, { project: { "roles/r/tasks/main.yml": "- act: say role\n  notify: [h, own]\n", "roles/r/handlers/main.yml": "- name: own\n  act: say own\n" } });
  expect(said(outcome)).toEqual(["pre", "handler", "role", "task", "own", "handler", "post", "handler"]);
});

describe("a host that fails", () => {
  const tasks = `${change("[a, b]")}- act: fail 3 oh\n  when: inventory_hostname == 'a'\n`;

  test.each([
    ["", [["task", "a", "b"], ["task", "a", "b"]]],
    ["  force_handlers: true\n", [["task", "a", "b"], ["task", "a", "b"]]],
    ["  force_handlers: false\n", [["task"], ["task", "a", "b"]]],
    ['  force_handlers: "{{ forced }}"\n', [["task"], ["task", "a", "b"]]],
  ])("runs what it notified at the end of the play, unless force_handlers is false: %j", async (keys, lines) => {
    const outcome = await trial(play(tasks, handler("a") + handler("b"), keys), { hosts: ["a", "b"], extraVars: { forced: false } });
    expect([said(outcome, "a"), said(outcome, "b")]).toEqual(lines);
    expect(outcome.exitCode).toBe(2);
  });

  test("in a handler runs those behind it, but not with force_handlers: false", async () => {
    const handlers = handler("a", "act: fail 3 oh") + handler("b");
    expect(said(await trial(play(change("[a, b]"), handlers)))).toEqual(["task", "b"]);
    expect(said(await trial(play(change("[a, b]"), handlers, "  force_handlers: false\n")))).toEqual(["task"]);
  });

  test("because it is out of reach runs none, and nobody tries", async () => {
    const outcome = await trial(play(`${change("a")}- act: lose\n  when: inventory_hostname == 'a'\n`, handler("a")), { hosts: ["a", "b"] });
    expect([said(outcome, "a"), said(outcome, "b")]).toEqual([["task"], ["task", "a"]]);
    expect(outcome.world["a"]!.connects).toBe(1);
  });

  test("because others did, by any_errors_fatal or max_fail_percentage, runs what it notified", async () => {
    for (const key of ["any_errors_fatal: true", "max_fail_percentage: 0"]) {
      const outcome = await trial(play(`${tasks}- act: say never\n`, handler("a") + handler("b"), `  ${key}\n`), { hosts: ["a", "b"] });
      expect([said(outcome, "a"), said(outcome, "b")]).toEqual([["task", "a", "b"], ["task", "a", "b"]]);
    }
  });

  test.each(["end_host", "end_play"])("%s ends it without its handlers, for it has not failed", async (action) => {
    expect(said(await trial(play(`${change("a")}- meta: ${action}\n`, handler("a"))))).toEqual(["task"]);
  });
});

describe("handlers of roles", () => {
  const role = (name: string, handlers: string, tasks = `- act: say ${name}\n  notify: restart\n`) => ({ [`roles/${name}/tasks/main.yml`]: tasks, [`roles/${name}/handlers/main.yml`]: handlers });

  test("the last one of a name wins, and the play's own is the last", async () => {
    const project = { ...role("one", handler("restart", "act: say one restarts")), ...role("two", handler("restart", "act: say two restarts")) };
    expect(said(await trial("- hosts: all\n  roles: [one, two]\n", { project }))).toEqual(["one", "two", "two restarts"]);
    expect(said(await trial("- hosts: all\n  roles: [one, two]\n  handlers: [{name: restart, act: say the play restarts}]\n", { project }))).toEqual(["one", "two", "the play restarts"]);
  });

  test("each is found by the name of its role before its own, too", async () => {
    const project = { ...role("one", handler("restart", "act: say one restarts"), '- act: say one\n  notify: "one : restart"\n'), ...role("two", handler("restart", "act: say two restarts")) };
    expect(said(await trial("- hosts: all\n  roles: [one, two]\n", { project }))).toEqual(["one", "two", "one restarts", "two restarts"]);
  });

  test("see the variables and parameters of their role", async () => {
    const project = { ...role("one", '- name: restart\n  act: say {{ door }} {{ word }} {{ role_name }}\n'), "roles/one/defaults/main.yml": "door: 1\nword: default\n" };
    expect(said(await trial("- hosts: all\n  roles: [{role: one, door: 2}]\n", { project }))).toEqual(["one", "2 default one"]);
  });

  test("of a role that is used twice are those of the last use", async () => {
    const project = { ...role("one", '- name: restart\n  act: say restart {{ door }}\n- name: other\n  act: say other {{ door }}\n  listen: restart\n', "- act: say {{ door }}\n  notify: restart\n") };
    expect(said(await trial("- hosts: all\n  roles: [{role: one, door: 1}, {role: one, door: 2}]\n", { project }))).toEqual(["1", "2", "restart 2", "other 2"]);
  });

  test("of a role that is included twice are those of the last include that was reached", async () => {
    const project = { ...role("one", '- name: restart\n  act: say restart {{ door }}\n- name: other\n  act: say other {{ door }}\n  listen: restart\n', "- act: say {{ door }}\n  notify: restart\n") };
    const tasks = "- include_role: {name: one}\n  vars: {door: 1}\n- include_role: {name: one}\n  vars: {door: 2}\n- act: say later\n  notify: restart\n";
    expect(said(await trial(`- hosts: all\n  tasks:\n${deep(tasks)}`, { project }))).toEqual(["1", "2", "later", "restart 1", "other 1", "restart 2", "other 2"]);
  });
});

describe("a handler that is an include", () => {
  const project = { "tasks.yml": "- act: say one {{ word }}\n- act: say two\n" };

  test("include_tasks brings its tasks when it runs", async () => {
    const outcome = await trial(play(change("a"), "- name: a\n  include_tasks: tasks.yml\n  vars: {word: w}\n"), { project });
    expect(said(outcome)).toEqual(["task", "one w", "two"]);
  });

  test("import_tasks puts handlers in its place, each with its own name", async () => {
    const outcome = await trial(play(change("[first, second]"), "- import_tasks: handlers.yml\n"), { project: { "handlers.yml": "- name: first\n  act: say 1\n- name: second\n  act: say 2\n" } });
    expect(said(outcome)).toEqual(["task", "1", "2"]);
  });

  test("import_role and blocks are refused, for nobody could notify them", async () => {
    await expect(trial(play(change("a"), "- name: a\n  import_role: {name: r}\n"), { project: { "roles/r/tasks/main.yml": "" } })).rejects.toThrow("import_role cannot be a handler");
    await expect(trial(play(change("a"), "- name: a\n  block: [{act: say x}]\n"))).rejects.toThrow("a block cannot be a handler");
  });
});

test("handlers are not chosen by tags: what was notified runs", async () => {
  const outcome = await trial(play("- act: say x\n  tags: config\n  notify: a\n", handler("a")), { tags: ["config"] });
  expect(said(outcome)).toEqual(["x", "a"]);
});

test("the handlers of a batch run before the next one begins", async () => {
  const outcome = await trial(play(change("a").replace("- act", "- name: t\n  act"), handler("a"), "  serial: 1\n"), { hosts: ["a", "b"] });
  expect(story(outcome)).toEqual(["a: t changed", "a: a changed", "b: t changed", "b: a changed"]);
});

test("a handler that only looks ahead in check mode is foreseen, and notifies those that it would", async () => {
  const outcome = await trial(play("- thing: {name: x}\n  notify: a\n", handler("a", "thing: {name: y}\n  notify: b") + handler("b", "thing: {name: z}")), { mode: "check", world: { a: new FakeHost({ z: "up" }) } });
  expect(story(outcome)).toEqual(["a: thing changed", "a: a changed", "a: b ok"]);
});
