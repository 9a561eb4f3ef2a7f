import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { lint } from "../../src/lint/lint.ts";
import { everything, found, places, tools } from "./_lint.ts";

const project = join(import.meta.dirname, "../..");
const tasks = "roles/web/tasks/main.yml";

test("nothing is found in this project's own playbooks and inventory", async () => {
  const names = [...readdirSync(join(project, "playbooks")).filter((name) => name.endsWith(".yml")).map((name) => `playbooks/${name}`), "inventory/hosts.yml", "inventory/group_vars/registry.yml"];
  expect(await found(Object.fromEntries(names.map((name) => [name, readFileSync(join(project, name), "utf8")])))).toEqual([]);
});

test("findings are in the order of their places", async () => {
  const findings = await found({ "site.yml": "- hosts: all\n  name: web\n  tasks:\n    - debug: {msg: a}\n", "vars/a.yml": "a-b: 1 \n" });
  expect(findings.map(({ at, rule }) => `${at.file}:${at.line}:${at.column} ${rule}`)).toEqual([
    "site.yml:2:3 key-order", "site.yml:2:9 name-casing", "site.yml:4:7 name", "vars/a.yml:1:1 var-naming", "vars/a.yml:1:7 trailing-spaces",
  ]);
});

test("a profile has its rules and those of the profiles before it", async () => {
  const text = "- name: greet\n  debug:\n    msg: hello \n  wehn: x\n";
  const of = async (profile: (typeof everything)["profile"]) => places(await found({ [tasks]: text }, { profile }));
  expect(await of("min")).toEqual(["4:3 task"]);
  expect(await of("basic")).toEqual(["3:15 trailing-spaces", "4:3 task"]);
  expect(await of("moderate")).toEqual(["1:9 name-casing", "3:15 trailing-spaces", "4:3 task"]);
});

test("a rule can be left out, and its errors can be warnings", async () => {
  const text = "- name: Greet\n  debug:\n    msg: hello \n  wehn: x\n";
  const findings = await found({ [tasks]: text }, { skip: ["trailing-spaces"], warn: ["task"] });
  expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([["task", "warning"]]);
});

test.each<[what: string, text: string, expected: string[]]>([
  ["at the end of its line", "- name: Greet\n  debug:\n    mgs: a # noqa: args\n", []],
  ["by another word", "- name: Greet\n  debug:\n    mgs: a # lint-ignore args\n", []],
  ["where the task begins", "- name: Greet # noqa: args\n  debug:\n    mgs: a\n", []],
  ["among several", "- name: greet # noqa: args, name-casing\n  debug:\n    mgs: a\n", []],
  ["on another line", "- name: Greet\n  debug: # noqa: args\n    mgs: a\n", ["3:5 args"]],
  ["with another rule", "- name: Greet\n  debug:\n    mgs: a # noqa: name\n", ["3:5 args"]],
  ["with a rule that is none", "- name: Greet\n  debug:\n    mgs: a # noqa: arg\n", ["3:5 args", "3:20 unknown-rule"]],
  ["with no rule", "- name: Greet\n  debug:\n    msg: a # noqa\n", ["3:12 unknown-rule"]],
])("a comment that ignores a finding, %s", async (_what, text, expected) => {
  expect(places(await found({ [tasks]: text }))).toEqual(expected);
});

test("a mistake that the compiler and a rule know is told once, by the rule, and stays an error", async () => {
  const text = "- name: Web\n  hosts: all\n  become: yes\n  tasks: []\n";
  const compile = () => Promise.resolve([
    { code: "E_PLAYBOOK" as const, message: "as the compiler says", at: { file: "site.yml", line: 3, column: 11 } },
    { code: "E_PLAYBOOK" as const, message: "another one", at: { file: "site.yml", line: 4, column: 3 } },
  ]);
  const findings = await lint([{ path: "site.yml", text }], everything, { ...tools, compile });
  expect(places(findings)).toEqual(["3:11 truthy", "4:3 syntax"]);
  expect(findings.map(({ severity }) => severity)).toEqual(["error", "error"]);
});

test("a mistake that two playbooks share is told once", async () => {
  const text = "- name: Web\n  hosts: all\n  tasks: []\n";
  const compile = () => Promise.resolve([{ code: "E_YAML" as const, message: "shared", at: { file: "vars/a.yml", line: 1, column: 1 } }]);
  expect(await lint([{ path: "a.yml", text }, { path: "b.yml", text }], everything, { ...tools, compile })).toHaveLength(1);
});

test.each<[what: string, path: string, text: string]>([
  ["a file that is encrypted as a whole", "group_vars/all.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n"],
  ["YAML of somebody else", "compose.yml", "services:\n  web-x: {image: a}\n"],
  ["a path under the name of a key", "vars/a.yml", "ssl_private_key: /etc/ssl/key\n"],
  ["a block whose text ends with blanks", tasks, "- name: Say it\n  shell: |\n    echo a  \n    echo b\n  changed_when: false\n"],
  ["become_user below a block that becomes", "site.yml", "- name: Web\n  hosts: all\n  tasks:\n    - name: Together\n      become: true\n      block:\n        - name: Look\n          command: id\n          changed_when: false\n          become_user: web\n"],
  ["a command that only looks at a service", tasks, "- name: Look\n  command: systemctl status web\n  changed_when: false\n"],
  ["a pipe in quotes", tasks, "- name: Look\n  shell: grep 'a|b' /x > /y\n  changed_when: false\n"],
  ["or in a shell", tasks, "- name: Look\n  shell: a || b\n  changed_when: false\n"],
  ["what a shell alone can do", tasks, "- name: Look\n  shell: cd /srv\n  changed_when: false\n"],
  ["a task of a role that notifies the handler of a play", tasks, "- name: Look\n  command: a\n  changed_when: true\n  notify: Of the play\n"],
  ["no in quotes", "vars/a.yml", 'answer: "no"\n'],
  ["a block of Handlebars", "vars/a.yml", 'greeting: "{{#if a}}b{{/if}}"\n'],
])("nothing is found in %s", async (_what, path, text) => {
  expect(places(await found({ [path]: text }))).toEqual([]);
});

test("a module of Ansible's that is called otherwise has a hint", async () => {
  expect(await found({ [tasks]: "- name: A\n  uri:\n    url: http://a\n" })).toMatchObject([{ rule: "task", message: 'there is no module "uri"', hint: expect.stringContaining("http") }]);
});

test("a list that is none of tasks is somebody else's", async () => {
  expect(await found({ "requirements.yml": "- src: a.b\n  version: 1 \n", "list.yml": "- name: a\n" }, { skip: ["trailing-spaces"] })).toEqual([]);
});

test("a handler of another file of the role is found", async () => {
  const files = { [tasks]: "- name: A\n  command: a\n  changed_when: true\n  notify: Restrat\n", "roles/web/handlers/main.yml": "- name: Restart\n  command: b\n" };
  expect(await found(files)).toMatchObject([{ rule: "notify-without-handler", hint: 'did you mean "Restart"?' }]);
});

test("a file is parsed once, whatever the number of rules", async () => {
  let reads = 0;
  const parse: typeof tools.parse = (text, file) => (reads++, tools.parse(text, file));
  await lint([{ path: tasks, text: "- name: Task\n  command: a\n  changed_when: false\n" }], everything, { ...tools, parse });
  expect(reads).toBe(1);
});
