import { FakeHost } from "./fake-transport.ts";
import { recap, resultOf, said, statusOf, story, trial } from "./kit.ts";

/** A play for all of these tasks, written at column 1. */
const play = (tasks: string, keys = "") => `- hosts: all\n${keys.replaceAll(/^(?=.)/gm, "  ")}\n  tasks:\n${tasks.replaceAll(/^(?=.)/gm, "    ")}`;
const say = (text: string, keys = "") => `- act: say ${text}\n${keys}`;

describe("include_tasks", () => {
  test.each<[string, string, Record<string, string>, string[]]>([
    ["brings its tasks in its place", `${say("1")}- include_tasks: t.yml\n${say("3")}`, { "t.yml": say("2") }, ["1", "2", "3"]],
    ["reads an empty file as no tasks", "- include_tasks: t.yml\n- act: say after\n", { "t.yml": "" }, ["after"]],
    ["finds files in files beside the one that names them", "- include_tasks: sub/one.yml\n", { "sub/one.yml": "- include_tasks: two.yml\n", "sub/two.yml": say("two") }, ["two"]],
    ["by a name that a template gives", '- include_tasks: "{{ which }}.yml"\n', { "t.yml": say("t"), "u.yml": say("u") }, ["t"]],
    ["once for each item, which its tasks see", "- include_tasks: t.yml\n  loop: [a, b]\n", { "t.yml": `${say("{{ item }} one")}${say("{{ item }} two")}` }, ["a one", "a two", "b one", "b two"]],
    ["once for each item, also of two that are alike", "- include_tasks: t.yml\n  loop: [a, a]\n", { "t.yml": say("{{ item }}") }, ["a", "a"]],
    ["with the names that loop_control gives", "- include_tasks: t.yml\n  loop: [a, b]\n  loop_control: {loop_var: outer, index_var: at}\n", { "t.yml": '- act: say {{ outer }}{{ item }}{{ at }}\n  loop: [x, y]\n' }, ["ax0", "ay0", "bx1", "by1"]],
    ["whose own loop hides the item of the include", "- include_tasks: t.yml\n  loop: [a]\n", { "t.yml": `- act: say {{ item }}\n  loop: [x]\n${say("{{ item }}")}` }, ["x", "a"]],
    ["with each file that the items name", '- include_tasks: "{{ item }}.yml"\n  loop: [u, t]\n', { "t.yml": say("t"), "u.yml": say("u") }, ["u", "t"]],
    ["not where its condition does not hold", `- include_tasks: t.yml\n  when: false\n${say("after")}`, { "t.yml": say("never") }, ["after"]],
    ["for the items for which it does", '- include_tasks: t.yml\n  loop: [1, 2, 3]\n  when: item != 2\n', { "t.yml": say("{{ item }}") }, ["1", "3"]],
    ["asking its condition once, before its tasks", "- include_tasks: t.yml\n  when: size == 1\n", { "t.yml": `- set_fact: {size: 2}\n${say("still")}` }, ["still"]],
    ["with variables that are stronger than what tasks set", "- set_fact: {word: set}\n- include_tasks: t.yml\n  vars: {word: given}\n- act: say {{ word }}\n", { "t.yml": `${say("{{ word }}")}- set_fact: {word: again}\n${say("{{ word }}")}` }, ["given", "given", "again"]],
    ["with variables made of the item", '- include_tasks: t.yml\n  vars: {word: "<{{ item }}>"}\n  loop: [a, b]\n', { "t.yml": say("{{ word }}") }, ["<a>", "<b>"]],
    ["with keywords under apply", "- include_tasks: {file: t.yml, apply: {become: true, become_user: ops, environment: {A: x}, vars: {word: w}, when: size == 1}}\n", { "t.yml": `- act: whoami\n  register: r\n- act: env A\n  register: e\n${say("{{ r.stdout }} {{ e.stdout }} {{ word }}")}` }, ["ops x w"]],
    ["and not with its own keywords, which are for itself", "- include_tasks: t.yml\n  become: true\n  become_user: ops\n  environment: {A: x}\n", { "t.yml": `- act: whoami\n  register: r\n- act: env A\n  register: e\n${say("{{ r.stdout }}{{ e.stdout }}")}` }, ["login"]],
    ["with the keywords of the blocks around it", "- block: [{include_tasks: t.yml}]\n  become: true\n  become_user: ops\n", { "t.yml": `- act: whoami\n  register: r\n${say("{{ r.stdout }}")}` }, ["ops"]],
    ["in an include in an include", "- include_tasks: 1.yml\n", { "1.yml": `- include_tasks: 2.yml\n${say("1")}`, "2.yml": `- include_tasks: 3.yml\n${say("2")}`, "3.yml": say("3") }, ["3", "2", "1"]],
    ["whose tasks set variables for the tasks behind", "- include_tasks: t.yml\n- act: say {{ found }} {{ r.stdout }}\n", { "t.yml": "- set_fact: {found: yes}\n- act: see r\n  register: r\n" }, ["yes "]],
    ["under rescue and always", "- block: [{fail: {msg: no}}]\n  rescue: [{include_tasks: t.yml, vars: {word: r}}]\n  always: [{include_tasks: t.yml, vars: {word: a}}]\n", { "t.yml": say("{{ word }}") }, ["r", "a"]],
  ])("%s", async (_, tasks, project, lines) => {
    const outcome = await trial(play(tasks), { project, vars: { which: "t", size: 1 } });
    expect(said(outcome)).toEqual(lines);
    expect(outcome.exitCode).toBe(0);
  });

  test("that includes itself until a condition ends it", async () => {
    const project = { "t.yml": '- set_fact: {left: !expr left - 1}\n- act: say {{ left }}\n- include_tasks: t.yml\n  when: left > 0\n' };
    expect(said(await trial(play("- include_tasks: t.yml\n"), { project, vars: { left: 3 } }))).toEqual(["2", "1", "0"]);
  });

  test("that includes itself without an end fails when it is too deep, at its place", async () => {
    const outcome = await trial(play("- include_tasks: t.yml\n"), { project: { "t.yml": "- include_tasks: t.yml\n" } });
    const last = outcome.events.filter((event) => event.type === "host:end").at(-1);
    expect(last?.result).toMatchObject({ status: "failed", problem: { message: "more than 100 includes inside each other", at: { file: "t.yml", line: 1 } } });
    expect(outcome.exitCode).toBe(2);
  });

  test("a failure in it is rescued by the block around the include", async () => {
    const outcome = await trial(play("- block: [{include_tasks: t.yml}, {act: say never}]\n  rescue: [{act: say rescue}]\n"), { project: { "t.yml": "- act: fail 3 oh\n- act: say never\n" } });
    expect(said(outcome)).toEqual(["rescue"]);
    expect(recap(outcome)).toEqual({ ok: 2, changed: 1, rescued: 1 });
  });

  test("register tells whether it was skipped", async () => {
    const outcome = await trial(play('- include_tasks: t.yml\n  when: false\n  register: no\n- include_tasks: t.yml\n  register: yes\n- debug: {msg: "{{ no.skipped }} {{ yes.skipped }}"}\n'), { project: { "t.yml": say("x") } });
    expect(resultOf(outcome, "p1.t3").message).toBe("true false");
  });

  test("an error in the loop of an include, or in its name, is the task's own", async () => {
    const outcome = await trial(play('- block: [{include_tasks: "{{ r.none }}.yml"}]\n  rescue: [{act: say rescue}]\n', 'vars: {r: {x: 1}}'));
    expect(story(outcome)).toEqual(["a: include_tasks rescued", "a: act changed"]);
  });
});

describe("hosts that include different files", () => {
  test("go through them in turn, together where they are the same", async () => {
    const outcome = await trial(play('- include_tasks: "{{ family }}.yml"\n- name: after\n  act: say after\n'), {
      hosts: ["a", "b", "c"], hostVars: { a: { family: "deb" }, b: { family: "rpm" }, c: { family: "deb" } }, project: { "deb.yml": "- name: deb\n  act: say deb\n", "rpm.yml": "- name: rpm\n  act: say rpm\n" },
    });
    expect(story(outcome).slice(3)).toEqual(["a: deb changed", "c: deb changed", "b: rpm changed", "a: after changed", "b: after changed", "c: after changed"]);
  });

  test("each keep the order of their own items", async () => {
    const outcome = await trial(play('- include_tasks: t.yml\n  loop: "{{ mine }}"\n'), { hosts: ["a", "b"], hostVars: { a: { mine: ["x", "y"] }, b: { mine: ["y", "x"] } }, project: { "t.yml": say("{{ item }}") } });
    expect([said(outcome, "a"), said(outcome, "b")]).toEqual([["x", "y"], ["y", "x"]]);
  });

  test("whose condition does not hold go on without them", async () => {
    const outcome = await trial(play("- include_tasks: t.yml\n  when: inventory_hostname == 'b'\n"), { hosts: ["a", "b"], project: { "t.yml": say("x") } });
    expect([said(outcome, "a"), said(outcome, "b")]).toEqual([[], ["x"]]);
  });
});

describe("a file that is not there", () => {
  test("is known before a host is asked where its name is", async () => {
    await expect(trial(play("- include_tasks: nowhere.yml\n"))).rejects.toMatchObject({ problems: [{ code: "E_FILE", message: "there is no file nowhere.yml", at: { line: 4 } }] });
    await expect(trial(play("- include_role: {name: nowhere}\n"))).rejects.toMatchObject({ problems: [{ code: "E_FILE", message: 'there is no role "nowhere"', at: { line: 4 } }] });
  });

  test.each<[string, string]>([
    ['- include_tasks: "{{ which }}.yml"', "there is no file web.yml"],
    ['- include_role: {name: "{{ which }}"}', 'there is no role "web"'],
    ['- include_role: {name: r, tasks_from: "{{ which }}"}', "there is no file web"],
    ['- include_vars: "{{ which }}.yml"', "there is no file"],
  ])("%s fails the task at its place, when a template gives the name", async (task, message) => {
    const outcome = await trial(play(`${task}\n`), { vars: { which: "web" }, project: { "roles/r/tasks/main.yml": "" } });
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", problem: { code: "E_FILE", message: expect.stringContaining(message), at: { line: 4 } } });
  });

  test("a mistake in a file that is found late is told with its own place", async () => {
    const outcome = await trial(play('- include_tasks: "{{ which }}.yml"\n'), { vars: { which: "web" }, project: { "web.yml": "- act: say x\n- acct: say y\n" } });
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", problem: { message: 'there is no module "acct"', at: { file: "web.yml", line: 2 } } });
  });

  test("a file outside of the role is refused also when a template names it", async () => {
    const outcome = await trial(play('- include_role: {name: r, tasks_from: "{{ which }}"}\n'), { vars: { which: "../../other/tasks/main" }, project: { "roles/r/tasks/main.yml": "", "roles/other/tasks/main.yml": say("never") } });
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", problem: { message: "tasks_from must stay inside the role" } });
  });
});

describe("tags", () => {
  const project = { "t.yml": `${say("plain")}${say("tagged", "  tags: two\n")}` };

  test.each<[string, string, string[], string[]]>([
    ["include_tasks needs its own tag to be reached, and its tasks theirs", "- include_tasks: t.yml\n  tags: one\n", ["one"], []],
    ["with both asked for, the task that has one runs", "- include_tasks: t.yml\n  tags: one\n", ["one", "two"], ["tagged"]],
    ["without its own tag nothing of it runs", "- include_tasks: t.yml\n", ["two"], []],
    ["apply gives its tasks a tag", "- include_tasks: {file: t.yml, apply: {tags: one}}\n  tags: one\n", ["one"], ["plain", "tagged"]],
    ["import_tasks gives its tasks its own", "- import_tasks: t.yml\n  tags: one\n", ["one"], ["plain", "tagged"]],
    ["import_tasks needs none to be read", "- import_tasks: t.yml\n", ["two"], ["tagged"]],
    ["the tags of a block around an include are those of its tasks", "- block: [{include_tasks: t.yml}]\n  tags: one\n", ["one"], ["plain", "tagged"]],
  ])("%s", async (_, tasks, tags, lines) => {
    expect(said(await trial(play(tasks), { project, tags }))).toEqual(lines);
  });
});

describe("import_tasks", () => {
  test("gives its tasks its condition, which each asks anew", async () => {
    const outcome = await trial(play("- import_tasks: t.yml\n  when: size == 1\n", "vars: {size: 1}"), { project: { "t.yml": `- set_fact: {size: 2}\n${say("never")}` } });
    expect(said(outcome)).toEqual([]);
    expect(statusOf(outcome, "p1.t2")).toBe("skipped");
  });

  test("its variables are weaker than those of the blocks in it, and than what tasks set", async () => {
    const project = { "t.yml": `${say("{{ word }}")}- block: [{act: "say {{ word }}"}]\n  vars: {word: block}\n- set_fact: {word: set}\n${say("{{ word }}")}` };
    expect(said(await trial(play("- import_tasks: t.yml\n  vars: {word: import}\n"), { project }))).toEqual(["import", "block", "set"]);
  });
});

describe("roles on the way", () => {
  const role = {
    "roles/r/tasks/main.yml": `${say("{{ word }} {{ other }} {{ role_name }}", "  notify: h\n")}`,
    "roles/r/tasks/more.yml": say("more {{ word }}"),
    "roles/r/defaults/main.yml": "word: default\nother: default\n",
    "roles/r/vars/main.yml": "other: vars\n",
    "roles/r/vars/alt.yml": "other: alt\n",
    "roles/r/defaults/alt.yml": "word: alt default\n",
    "roles/r/handlers/main.yml": "- name: h\n  act: say handler {{ word }}\n",
    "roles/r/handlers/alt.yml": "- name: h\n  act: say alt handler\n",
  };

  test.each<[string, string, string[]]>([
    ["include_role", "- include_role: {name: r}\n", ["default vars r", "handler default"]],
    ["import_role", "- import_role: {name: r}\n", ["default vars r", "handler default"]],
    ["include_role with variables", "- include_role: {name: r}\n  vars: {word: given, other: given}\n", ["given given r", "handler given"]],
    ["import_role with variables", "- import_role: {name: r}\n  vars: {word: given, other: given}\n", ["given given r", "handler given"]],
    ["another file of it", "- include_role: {name: r, tasks_from: more}\n", ["more default"]],
    ["another file of it, by a template", '- include_role: {name: r, tasks_from: "{{ file }}"}\n', ["more default"]],
    ["another file of it, with an ending", "- import_role: {name: r, tasks_from: more.yml}\n", ["more default"]],
    ["another file of it that is imported by a template", '- import_role: {name: r, tasks_from: "{{ early }}"}\n', ["more default"]],
    ["other variables, defaults and handlers", "- include_role: {name: r, vars_from: alt, defaults_from: alt, handlers_from: alt}\n", ["alt default alt r", "alt handler"]],
    ["in a loop", "- include_role: {name: r}\n  vars: {word: \"{{ item }}\"}\n  loop: [x, y]\n", ["x vars r", "y vars r", "handler x", "handler y"]],
    ["by a name that a template gives", '- include_role: {name: "{{ which }}"}\n', ["default vars r", "handler default"]],
  ])("%s", async (_, tasks, lines) => {
    const outcome = await trial(play(tasks, "vars: {which: r}"), { project: role, vars: { file: "more" }, extraVars: { early: "more" } });
    expect(said(outcome)).toEqual(lines);
    expect(outcome.exitCode).toBe(0);
  });

  test.each([
    ["- include_role: {name: r}\n", "none none"],
    ["- include_role: {name: r, public: true}\n", "default vars"],
    ["- import_role: {name: r}\n", "default vars"],
  ])("%s: the tasks behind see %s of it", async (task, message) => {
    const outcome = await trial(play(`${task}- debug:\n    msg: "{{ default word 'none' }} {{ default other 'none' }}"\n`), { project: role });
    const last = outcome.events.filter((event) => event.type === "host:end").findLast(({ result }) => result.message !== undefined);
    expect(last?.result.message).toBe(message);
  });

  test("the variables and parameters of the role that includes it are known in a role", async () => {
    const project = { ...role, "roles/outer/tasks/main.yml": "- include_role: {name: inner}\n", "roles/outer/vars/main.yml": "mine: outer vars\n", "roles/inner/tasks/main.yml": say("{{ mine }} {{ given }} {{ role_name }} {{ join ansible_parent_role_names }}") };
    expect(said(await trial("- hosts: all\n  roles: [{role: outer, given: parameter}]\n", { project }))).toEqual(["outer vars parameter inner outer"]);
    expect(said(await trial(play("- include_role: {name: outer}\n  vars: {given: variable}\n"), { project }))).toEqual(["outer vars variable inner outer"]);
  });

  test("a role may include itself under a condition", async () => {
    const project = { "roles/r/tasks/main.yml": '- set_fact: {left: !expr left - 1}\n- act: say {{ left }}\n- include_role: {name: r}\n  when: left > 0\n' };
    expect(said(await trial("- hosts: all\n  roles: [r]\n", { project, vars: { left: 3 } }))).toEqual(["2", "1", "0"]);
  });

  test("what an included role depends on comes before it, and its handlers are known", async () => {
    const project = { ...role, "roles/r/meta/main.yml": "dependencies: [base]\n", "roles/base/tasks/main.yml": say("base {{ word }}", "  notify: b\n"), "roles/base/handlers/main.yml": "- name: b\n  act: say b\n" };
    expect(said(await trial(play("- include_role: {name: r}\n"), { project }))).toEqual(["base default", "default vars r", "b", "handler default"]);
  });

  test("its arguments are checked first", async () => {
    const project = { ...role, "roles/r/meta/argument_specs.yml": "argument_specs:\n  main:\n    options:\n      amount: {type: int, required: true}\n" };
    const outcome = await trial(play("- include_role: {name: r}\n  vars: {amount: many}\n"), { project });
    expect(said(outcome)).toEqual([]);
    expect(story(outcome)).toEqual(["a: include_role ok", "a: Validate the arguments of r failed"]);
  });
});

describe("include_vars", () => {
  const project = { "one.yml": "word: one\nother: one\n", "vars/two.yml": "word: two\n", "many/1.yml": "word: 1\nfirst: 1\n", "many/2.yml": "word: 2\n", "many/3.yml": "word: 3\n" };
  const shown = '- debug: {msg: "{{ word }} {{ default other \'-\' }}"}\n';

  test.each<[string, string, string]>([
    ["a file", "- include_vars: one.yml\n", "one one"],
    ["one in vars", "- include_vars: two.yml\n", "two -"],
    ["one that a template names", '- include_vars: "{{ which }}.yml"\n', "one one"],
    ["a later one over an earlier one", "- include_vars: one.yml\n- include_vars: two.yml\n", "two one"],
    ["one after the other in a loop", '- include_vars: "{{ item }}"\n  loop: [one.yml, two.yml]\n', "two one"],
    ["under a name", "- include_vars: {file: one.yml, name: all}\n- set_fact: {word: \"{{ all.word }}\", other: \"{{ all.other }}\"}\n", "one one"],
    ["not where its condition does not hold", "- include_vars: one.yml\n  when: false\n", "task -"],
    ["over the play, the block and the task, under set_fact", "- include_vars: one.yml\n- set_fact: {other: set}\n", "one set"],
  ])("%s", async (_, tasks, message) => {
    const outcome = await trial(play(`${tasks}${shown}  vars: {word: task}\n`, "vars: {word: play}"), { project, vars: { which: "one" } });
    expect(outcome.events.filter((event) => event.type === "host:end").at(-1)?.result.message).toBe(message);
  });

  test("of a role are looked for in its vars", async () => {
    const roles = { "roles/r/tasks/main.yml": "- include_vars: web.yml\n- act: say {{ word }}\n", "roles/r/vars/web.yml": "word: role\n", "web.yml": "word: no\n" };
    expect(said(await trial("- hosts: all\n  roles: [r]\n", { project: roles }))).toEqual(["role"]);
  });

  test("are known for the rest of the run", async () => {
    const outcome = await trial(`${play("- include_vars: one.yml\n")}${play(shown)}`, { project });
    expect(resultOf(outcome, "p2.t1").message).toBe("one one");
  });
});

describe("in status and down", () => {
  const project = { "t.yml": "- thing: {name: x}\n- thing: {name: y}\n", "roles/r/tasks/main.yml": "- thing: {name: z}\n" };
  const tasks = "- thing: {name: w}\n- include_tasks: t.yml\n- include_role: {name: r}\n";

  test("status looks at what an include brings", async () => {
    const outcome = await trial(play(tasks), { mode: "status", project, world: { a: new FakeHost({ w: "up", x: "up", z: "up" }) } });
    expect(story(outcome).filter((line) => line.includes("thing"))).toEqual(["a: thing ok", "a: thing ok", "a: thing ok", "a: thing ok"]);
  });

  test("down takes it down in reverse, the items of its loop too", async () => {
    const a = new FakeHost({ w: "up", x: "up", y: "up", z: "up" });
    await trial(play(tasks), { mode: "down", project, world: { a } });
    expect(a.lines.filter((line) => line.startsWith("put"))).toEqual(["put z ''", "put y ''", "put x ''", "put w ''"]);
    const b = new FakeHost({ "1": "up", "2": "up" });
    await trial(play("- include_tasks: one.yml\n  loop: ['1', '2']\n"), { mode: "down", project: { "one.yml": '- thing: {name: "{{ item }}"}\n' }, world: { a: b } });
    expect(b.lines.filter((line) => line.startsWith("put"))).toEqual(["put 2 ''", "put 1 ''"]);
  });
});
