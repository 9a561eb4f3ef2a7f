import { plainOf } from "../../src/core/node.ts";
import { compileText, mistakes, play, type Around } from "./_compile.ts";

const say = (text: string) => `- hosts: web\n  tasks: [{debug: {msg: ${text}}}]\n`;

/** Each play as its name and what its tasks say, as they are written. */
function told(text: string, around: Around = {}): unknown[][] {
  return compileText(text, around).program.plays.map(({ tasks }) => tasks.map(({ args }) => (plainOf(args) as { msg?: unknown }).msg));
}

describe("import_playbook", () => {
  test.each<[string, string, Record<string, string>, unknown[][]]>([
    ["puts the plays of a file in its place", `${say("one")}- import_playbook: two.yml\n${say("three")}`, { "two.yml": say("two") + say("too") }, [["one"], ["two"], ["too"], ["three"]]],
    ["finds files beside the file that names them", "- import_playbook: sub/a.yml\n", { "sub/a.yml": "- import_playbook: b.yml\n", "sub/b.yml": say("b") }, [["b"]]],
    ["twice brings the plays twice", "- import_playbook: a.yml\n- import_playbook: a.yml\n", { "a.yml": say("a") }, [["a"], ["a"]]],
    ["by a template of what is known already", '- import_playbook: "{{ which }}.yml"\n', { "a.yml": say("a") }, [["a"]]],
    ["by a template of the variables of the import around", "- import_playbook: a.yml\n  vars: {next: b}\n", { "a.yml": '- import_playbook: "{{ next }}.yml"\n', "b.yml": say("b") }, [["b"]]],
    ["in Ansible's long form", "- ansible.builtin.import_playbook: a.yml\n", { "a.yml": say("a") }, [["a"]]],
    ["looks for roles and files beside the playbook that has the play", "- import_playbook: sub/a.yml\n", { "sub/a.yml": "- hosts: web\n  vars_files: [v.yml]\n  roles: [r]\n  tasks: [{import_tasks: t.yml}]\n", "sub/v.yml": "v: 1\n", "sub/roles/r/tasks/main.yml": "- debug: {msg: r}\n", "sub/t.yml": "- debug: {msg: t}\n" }, [["r", "t"]]],
  ])("%s", (_, text, files, plays) => {
    expect(told(text, { files, extra: { which: "a" } })).toEqual(plays);
  });

  test("its tags and conditions are those of every task of its plays, the outermost first", () => {
    const files = { "a.yml": "- import_playbook: b.yml\n  tags: [two]\n  when: 2 == 2\n", "b.yml": "- hosts: web\n  tags: three\n  roles: [r]\n  tasks: [{debug: {msg: x}, tags: four, when: 3 == 3}]\n  handlers: [{name: h, debug: {}}]\n", "roles/r/tasks/main.yml": "- debug: {msg: r}\n" };
    const { tasks } = compileText("- import_playbook: a.yml\n  tags: one\n  when: 1 == 1\n", { files }).program.plays[0]!;
    expect(tasks.map(({ tags }) => tags)).toEqual([["one", "two", "three"], ["one", "two", "three", "four"]]);
    expect(tasks.map(({ when }) => when.map(({ source }) => source))).toEqual([["1 == 1", "2 == 2"], ["1 == 1", "2 == 2", "3 == 3"]]);
  });

  test("its variables are stronger than those of the play, those of the outermost import most", () => {
    const files = { "a.yml": "- import_playbook: b.yml\n  vars: {x: a, y: a}\n", "b.yml": "- hosts: web\n  vars: {x: b, y: b, z: b}\n  tasks: [{debug: {}}]\n" };
    const { variables } = compileText("- import_playbook: a.yml\n  vars: {x: site}\n", { files }).program.plays[0]!;
    expect(Object.fromEntries(variables.map(({ name, value }) => [name, plainOf(value)]))).toEqual({ x: "site", y: "a", z: "b" });
  });

  test("--tags choose among its plays' tasks", () => {
    expect(told("- import_playbook: a.yml\n  tags: a\n- import_playbook: b.yml\n", { files: { "a.yml": say("a"), "b.yml": say("b") }, tags: ["a"] })).toEqual([["a"], []]);
  });

  test.each<[string, Record<string, string>, string]>([
    ["- import_playbook: none.yml\n", { "nine.yml": say("x") }, "1:20: there is no file none.yml"],
    ["- import_playbook: a.yml\n", { "a.yml": "- import_playbook: b.yml\n", "b.yml": "- import_playbook: a.yml\n" }, "1:20: a playbook imports itself: a.yml → b.yml → a.yml"],
    ["- import_playbook: site.yml\n", { "site.yml": "" }, "1:20: a playbook imports itself: site.yml → site.yml"],
    ["- import_playbook: a.yml\n", { "a.yml": "hosts: web\n" }, "1:1: a playbook must be a list of plays, not a mapping"],
    ["- import_playbook: [a.yml]\n", {}, '1:20: "import_playbook" must be the path of a playbook'],
    ["- import_playbook: a.yml\n  hosts: web\n", { "a.yml": say("x") }, '2:3: "hosts" is not a key of import_playbook'],
    ['- import_playbook: "{{ nobody }}.yml"\n', {}, '1:24: "nobody" is not defined'],
  ])("%j is refused", async (text, files, message) => {
    expect(await mistakes(text, { files })).toEqual([message]);
  });
});

describe("import_tasks", () => {
  test("gives its tasks everything: conditions, tags, variables, become, environment, notify", () => {
    const files = { "t.yml": "- debug: {msg: x}\n  when: b\n  tags: own\n  vars: {y: task}\n" };
    const text = "- hosts: web\n  tasks:\n    - import_tasks: t.yml\n      when: a\n      tags: outer\n      vars: {x: import}\n      become: true\n      environment: {A: x}\n      notify: h\n      ignore_errors: true\n  handlers: [{name: h, debug: {}}]\n";
    const [task] = compileText(text, { files, extra: { a: "1", b: "1" } }).program.plays[0]!.tasks;
    expect(task).toMatchObject({ tags: ["outer", "own"], become: { become: { value: true } }, ignoreErrors: { value: true } });
    expect(task!.when.map(({ source }) => source)).toEqual(["a", "b"]);
    expect(task!.variables.map(({ name, level }) => [name, level])).toEqual([["x", "block vars"], ["y", "task vars"]]);
    expect([task!.environment, task!.notify].map((nodes) => nodes.map(plainOf))).toEqual([[{ A: "x" }], ["h"]]);
  });

  test.each<[string, Record<string, string>, string]>([
    ["- import_tasks: t.yml\n  loop: [1]\n", { "t.yml": "" }, "4:13: import_tasks cannot loop: it is read before any item is known"],
    ["- import_tasks: none.yml\n", {}, "3:21: there is no file none.yml"],
    ['- import_tasks: "{{ ansible_facts.x }}.yml"\n', {}, '3:25: "ansible_facts" is not defined'],
    ["- import_tasks: t.yml\n", { "t.yml": "- import_tasks: u.yml\n", "u.yml": "- import_tasks: t.yml\n" }, "1:17: a file of tasks imports itself: t.yml → u.yml → t.yml"],
    ["- import_tasks: t.yml\n", { "t.yml": "debug: {}\n" }, "1:1: a file of tasks must be a list, not a mapping"],
    ["- import_role: {name: r}\n  with_items: [1]\n", { "roles/r/tasks/main.yml": "" }, "4:19: import_role cannot loop: it is read before any item is known"],
  ])("%j is refused", async (task, files, message) => {
    expect(await mistakes(play(task), { files })).toEqual([message]);
  });
});

test("the mistakes of every file that is known are told at once", async () => {
  const files = { "a.yml": "- hosts: web\n  taks: []\n", "t.yml": "- debgu: {}\n", "u.yml": "- debug: {msg: '{{ nobody }}'}\n" };
  const text = `- import_playbook: a.yml\n- hosts: web\n  tasks:\n    - import_tasks: t.yml\n    - include_tasks: u.yml\n    - include_tasks: none.yml\n`;
  expect((await mistakes(text, { files })).sort()).toEqual(['1:20: "nobody" is not defined', '1:3: there is no module "debgu"', '2:3: "taks" is not a key of a play', "6:22: there is no file none.yml"]);
});
