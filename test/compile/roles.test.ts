import type { Play } from "../../src/compile/program.ts";
import { plainOf } from "../../src/core/node.ts";
import { compileText, hintFor, mistakes, play, type Around } from "./_compile.ts";

const debug = (text: string, keys = "") => `- debug: {msg: ${text}}\n${keys}`;
const role = (name: string, text = name) => ({ [`roles/${name}/tasks/main.yml`]: debug(text) });

/** The tasks of the first play as what they say. */
function told(text: string, around: Around = {}): unknown[] {
  return playOf(text, around).tasks.map(({ args }) => (plainOf(args) as { msg?: unknown }).msg);
}

function playOf(text: string, around: Around = {}): Play {
  return compileText(text, around).program.plays[0]!;
}

describe("a role is found", () => {
  test.each<[string, string, Record<string, string>, unknown[]]>([
    ["in roles beside the playbook", "  roles: [r]\n", role("r"), ["r"]],
    ["as a mapping, under role or name", "  roles: [{role: r}, {name: s}]\n", { ...role("r"), ...role("s") }, ["r", "s"]],
    ["by a path", "  roles: [./own/r]\n", { "own/r/tasks/main.yml": debug("own") }, ["own"]],
    ["in a folder of roles", "  roles: [web/r]\n", role("web/r"), ["web/r"]],
    ["by a template of what is known already", '  roles: ["{{ which }}", {role: "{{ which }}", x: 1}]\n', role("r"), ["r", "r"]],
    ["without tasks", "  roles: [r]\n", { "roles/r/defaults/main.yml": "a: 1\n" }, []],
    ["with main.yaml", "  roles: [r]\n", { "roles/r/tasks/main.yaml": debug("yaml") }, ["yaml"]],
    ["its tasks before those of the play, in order", "  tasks: [{debug: {msg: t}}]\n  roles: [r, s]\n  pre_tasks: [{debug: {msg: pre}}]\n  post_tasks: [{debug: {msg: post}}]\n", { ...role("r"), ...role("s") }, ["pre", "r", "s", "t", "post"]],
    ["beside the role that names it", "  roles: [./far/r]\n", { "far/r/tasks/main.yml": "- import_role: {name: s}\n", "far/s/tasks/main.yml": debug("far s") }, ["far s"]],
  ])("%s", (_, keys, files, tasks) => {
    expect(told(`- hosts: web\n${keys}`, { files, extra: { which: "r" } })).toEqual(tasks);
  });

  test.each<[string, string, Record<string, string>]>([
    ["roles: [ngnix]", '2:11: there is no role "ngnix"', role("nginx")],
    ["roles: [5]", '2:11: a role must be a name, or a mapping with "role", not number 5', {}],
    ["roles: [{tags: x}]", '2:11: a role must be a name, or a mapping with "role", not a mapping', {}],
    ["roles: [{role: r, tags: {a: 1}}]", '2:27: "tags" must be text', role("r")],
    ['roles: ["{{ nobody }}"]', '2:15: "nobody" is not defined', {}],
  ])("%s is refused: %s", async (line, message, files) => {
    expect(await mistakes(`- hosts: web\n  ${line}\n`, { files })).toEqual([expect.stringContaining(message)]);
  });

  test("a near name is offered, and a collection's role explained", async () => {
    expect(await hintFor("- hosts: web\n  roles: [ngnix]\n", { files: role("nginx") })).toBe('did you mean "nginx"?');
    expect(await hintFor("- hosts: web\n  roles: [community.general.ngnix]\n")).toBe("collections are not looked into: copy the role to roles/ngnix");
  });
});

describe("dependencies", () => {
  const meta = (...names: string[]) => `dependencies: [${names.join(", ")}]\n`;

  test.each<[string, string, Record<string, string>, unknown[]]>([
    ["come before, the deepest first", "[a]", { ...role("a"), ...role("b"), ...role("c"), "roles/a/meta/main.yml": meta("b"), "roles/b/meta/main.yml": meta("c") }, ["c", "b", "a"]],
    ["that two roles share come once", "[a, b]", { ...role("a"), ...role("b"), ...role("c"), "roles/a/meta/main.yml": meta("c"), "roles/b/meta/main.yml": meta("c") }, ["c", "a", "b"]],
    ["come once though the roles that share them have tags of their own", "[{role: a, tags: a}, {role: b, tags: b}]", { ...role("a"), ...role("b"), ...role("c"), "roles/a/meta/main.yml": meta("c"), "roles/b/meta/main.yml": meta("c") }, ["c", "a", "b"]],
    ["come again with other parameters", "[a, b]", { ...role("a"), ...role("b"), ...role("c"), "roles/a/meta/main.yml": meta("{role: c, x: 1}"), "roles/b/meta/main.yml": meta("{role: c, x: 2}") }, ["c", "a", "c", "b"]],
    ["come again with other conditions", "[a, b]", { ...role("a"), ...role("b"), ...role("c"), "roles/a/meta/main.yml": meta("{role: c, when: true}"), "roles/b/meta/main.yml": meta("c") }, ["c", "a", "c", "b"]],
    ["come again when they allow duplicates themselves", "[a]", { ...role("a"), ...role("c"), "roles/a/meta/main.yml": meta("c", "c"), "roles/c/meta/main.yml": "allow_duplicates: true\n" }, ["c", "c", "a"]],
    ["do not come again when only their user allows duplicates", "[a]", { ...role("a"), ...role("c"), "roles/a/meta/main.yml": `allow_duplicates: true\n${meta("c", "c")}` }, ["c", "a"]],
  ])("%s", (_, roles, files, tasks) => {
    expect(told(`- hosts: web\n  roles: ${roles}\n`, { files })).toEqual(tasks);
  });

  test("of which the tags leave everything out do not count as done", () => {
    const files = { ...role("a"), ...role("b"), ...role("c"), "roles/a/meta/main.yml": meta("c"), "roles/b/meta/main.yml": meta("c") };
    expect(told("- hosts: web\n  roles: [{role: a, tags: a}, {role: b, tags: b}]\n", { files, tags: ["b"] })).toEqual(["c", "b"]);
  });

  test("a role in roles: comes once, unless something differs; import_role and include_role bring it each time", () => {
    const files = role("r");
    expect(told("- hosts: web\n  roles: [r, r, {role: r, x: 1}, {role: r, x: 1}, {role: r, tags: t}, {role: r, vars: {x: 2}}]\n", { files })).toEqual(["r", "r", "r", "r"]);
    expect(told(play("- import_role: {name: r}\n- import_role: {name: r}"), { files })).toEqual(["r", "r"]);
  });

  test("inherit the keywords of the role that depends on them", () => {
    const files = { ...role("a"), ...role("b"), "roles/a/meta/main.yml": meta("b") };
    const [task] = playOf("- hosts: web\n  roles: [{role: a, tags: [x], when: 1 == 1, become: true}]\n", { files }).tasks;
    expect(task).toMatchObject({ tags: ["x"], when: [{ source: "1 == 1" }], become: { become: { value: true } } });
  });

  test.each<[string, Record<string, string>, string]>([
    ["roles: [a]", { ...role("a"), ...role("b"), "roles/a/meta/main.yml": meta("b"), "roles/b/meta/main.yml": meta("a") }, "a role uses itself: a → b → a"],
    ["roles: [a]", { ...role("a"), "roles/a/meta/main.yml": meta("a") }, "a role uses itself: a → a"],
    ["roles: [a]", { "roles/a/tasks/main.yml": "- import_role: {name: b}\n", "roles/b/tasks/main.yml": "- import_role: {name: a}\n" }, "a role uses itself: a → b → a"],
    ["roles: [a]", { "roles/a/tasks/main.yml": "- import_tasks: x.yml\n", "roles/a/tasks/x.yml": "- import_tasks: main.yml\n" }, "a file of tasks imports itself: roles/a/tasks/main.yml → roles/a/tasks/x.yml → roles/a/tasks/main.yml"],
    ["roles: [a]", { "roles/a/tasks/main.yml": "- import_role: {name: a, tasks_from: x}\n", "roles/a/tasks/x.yml": "- import_role: {name: a, tasks_from: x}\n" }, "more than 50 roles use each other"],
  ])("%s in a circle is refused with the chain", async (line, files, message) => {
    expect(await mistakes(`- hosts: web\n  ${line}\n`, { files })).toEqual([expect.stringContaining(message)]);
  });
});

describe("keywords, variables and parameters of a role", () => {
  const files = { "roles/r/tasks/main.yml": `${debug("one", "  tags: own\n  when: b == 1\n")}- block: [{debug: {msg: two}}]\n`, "roles/r/defaults/main.yml": "a: 1\nb: 1\n", "roles/r/vars/main.yml": "c: 1\n" };

  test("its tasks inherit its tags and conditions, the outermost first", () => {
    const { tasks } = playOf("- hosts: web\n  tags: play\n  roles: [{role: r, tags: [role], when: a == 1}]\n", { files });
    expect(tasks.map(({ tags }) => tags)).toEqual([["play", "role", "own"], ["play", "role"]]);
    expect(tasks.map(({ when }) => when.map(({ source }) => source))).toEqual([["a == 1", "b == 1"], ["a == 1"]]);
  });

  test("other keys are parameters, and vars are not", () => {
    const { roles, tasks } = playOf("- hosts: web\n  roles: [{role: r, amount: 80, vars: {b: 2}}]\n", { files });
    const [own] = Object.values(roles);
    expect(own!.parameters.filter(({ level }) => level === "role parameters").map(({ name }) => name)).toEqual(["amount"]);
    expect(own!.variables.map(({ name, level }) => [name, level])).toEqual([["a", "role defaults"], ["b", "role defaults"], ["c", "role vars"]]);
    expect(tasks[0]!.variables.map(({ name, level }) => [name, level])).toEqual([["b", "role vars"]]);
  });

  test("defaults and vars may be directories with main/*.yml", () => {
    const split = { "roles/r/tasks/main.yml": debug("'{{ a }}{{ b }}{{ c }}'"), "roles/r/defaults/main/1.yml": "a: 1\n", "roles/r/defaults/main/2.yml": "b: 1\n", "roles/r/vars/main/x.yaml": "c: 1\n" };
    const [own] = Object.values(playOf("- hosts: web\n  roles: [r]\n", { files: split }).roles);
    expect(own!.variables.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });
});

describe("files of a role by name", () => {
  const files = {
    "roles/r/tasks/main.yml": debug("main"), "roles/r/tasks/more.yml": debug("more"), "roles/r/tasks/deep/er.yml": debug("deeper"), "roles/r/vars/alt.yml": "x: alt\n", "roles/r/defaults/alt.yml": "y: alt\n", "roles/r/handlers/alt.yml": "- name: h\n  debug:\n", "roles/other/tasks/main.yml": debug("other"), "secret.yml": "x: 1\n",
  };

  test.each([
    ["tasks_from: more", ["more"]],
    ["tasks_from: more.yml", ["more"]],
    ["tasks_from: deep/er", ["deeper"]],
    ["vars_from: alt", ["main"]],
    ["defaults_from: alt", ["main"]],
    ["handlers_from: alt", ["main"]],
  ])("%s", (from, tasks) => {
    expect(told(play(`- import_role: {name: r, ${from}}`), { files })).toEqual(tasks);
  });

  test.each([
    ["tasks_from: ../../other/tasks/main", "tasks_from must stay inside the role"],
    ["tasks_from: ..", "tasks_from must stay inside the role"],
    ["vars_from: ../../../secret", "vars_from must stay inside the role"],
    ["defaults_from: ../vars/alt", "defaults_from must stay inside the role"],
    ["tasks_from: /etc/passwd", "there is no file /etc/passwd"],
    ["tasks_from: mroe", "there is no file mroe"],
    ["vars_from: none", "there is no file none"],
    ['tasks_from: "{{ nobody }}"', '"nobody" is not defined'],
  ])("%s is refused: %s", async (from, message) => {
    for (const module of ["import_role", "include_role"]) {
      if (from.includes("{{") && module === "include_role") continue;
      expect(await mistakes(play(`- ${module}: {name: r, ${from}}`), { files })).toEqual([expect.stringContaining(message)]);
    }
  });
});

describe("argument_specs", () => {
  const spec = "argument_specs:\n  main:\n    options:\n      amount: {type: int, required: true}\n  more:\n    options:\n      other: {type: str}\n";
  const files = { "roles/r/tasks/main.yml": debug("main"), "roles/r/tasks/more.yml": debug("more") };

  test.each<[string, Record<string, string>]>([
    ["in a file of their own", { "roles/r/meta/argument_specs.yml": spec }],
    ["in the meta of the role", { "roles/r/meta/main.yml": spec }],
  ])("%s make a task that checks them first, whatever the tags", (_, more) => {
    const { tasks } = playOf("- hosts: web\n  roles: [{role: r, tags: x}]\n", { files: { ...files, ...more }, tags: ["y"] });
    expect(tasks.map(({ name, module }) => [name, module])).toEqual([["Validate the arguments of r", "validate_argument_spec"]]);
  });

  test("are those of the entry point that is called", () => {
    const around = { files: { ...files, "roles/r/meta/argument_specs.yml": spec } };
    const options = (text: string) => (plainOf(playOf(text, around).tasks[0]!.args) as { argument_spec: object }).argument_spec;
    expect(Object.keys(options("- hosts: web\n  roles: [r]\n"))).toEqual(["amount"]);
    expect(Object.keys(options(play("- import_role: {name: r, tasks_from: more}")))).toEqual(["other"]);
  });
});

test("every mistake in every role is told at once, each in its own file", async () => {
  const files = { "roles/a/tasks/main.yml": "- debgu: {}\n- debug: {msg: '{{ nobody }}'}\n", "roles/b/tasks/main.yml": "- import_tasks: none.yml\n", "roles/b/handlers/main.yml": "- debug: {mgs: x}\n", "roles/b/defaults/main.yml": "- list\n" };
  expect((await mistakes("- hosts: web\n  roles: [a, b, c]\n", { files })).sort()).toEqual([
    '1:11: debug: "mgs" is not an argument', "1:17: there is no file none.yml", "1:1: variables must be a mapping, not a list", '1:3: there is no module "debgu"', '2:17: there is no role "c"', '2:20: "nobody" is not defined',
  ]);
});
