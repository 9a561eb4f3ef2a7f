import type { SourceNode } from "../../src/core/node.ts";
import { plainOf } from "../../src/core/node.ts";
import { problemsFrom } from "../load/_files.ts";
import { compileText, hintFor, mistakes, play } from "./_compile.ts";

const everything = `
- name: Everything
  hosts: web
  vars: {greeting: hello, packages: [a, b]}
  become: true
  become_user: root
  environment: {LANG: C}
  tags: [site]
  gather_facts: false
  tasks:
    - name: "Say {{ greeting }}"
      command: echo {{ greeting }} {{ item }}
      args: {chdir: /tmp}
      vars: {local: 1}
      when: [local == 1, item != "c"]
      loop: "{{ packages }}"
      register: said
      until: said.rc == 0
      retries: 2
      delay: 1
      tags: one,two
      changed_when: said.stdout != ""
      failed_when: [said.rc > 1, false]
      ignore_errors: true
      notify: [restart, reload]
      environment: {X: "{{ local }}"}
      become: false
      become_user: "{{ user }}"
      no_log: true
      timeout: 30
    - ansible.builtin.debug: {var: said.results}
  handlers:
    - name: restart
      command: systemctl restart x
    - name: reload
      command: systemctl reload x
- hosts: [db, w1]
  tasks:
    - debug:
`;

describe("a play and its tasks become plain data", () => {
  const { program, warnings } = compileText(everything, { extra: { user: "ops" } });
  const [first, second] = program.plays;
  const [say, show] = first!.tasks;
  const plain = (node: SourceNode | undefined) => node && plainOf(node);

  test("that JSON can carry and give back", () => {
    expect(JSON.parse(JSON.stringify(program))).toStrictEqual(program);
  });

  test("with ids and hosts", () => {
    expect(warnings).toEqual([]);
    expect([first!.id, first!.hosts, second!.id, second!.name, second!.hosts]).toEqual(["p1", ["w1", "w2"], "p2", "db,w1", ["w1", "d1"]]);
    expect(first!.tasks.map((task) => task.id)).toEqual(["p1.t1", "p1.t2"]);
    expect(first!.handlers.map((handler) => [handler.id, handler.name])).toEqual([["p1.h1", "restart"], ["p1.h2", "reload"]]);
    expect(Object.keys(program.hosts)).toEqual(["w1", "w2", "d1"]);
  });

  test("with every key of a task", () => {
    expect(say).toMatchObject({ name: "Say {{ greeting }}", module: "command", register: "said", noLog: true, tags: ["site", "one", "two"] });
    expect(say!.notify.map(plain)).toEqual(["restart", "reload"]);
    expect(plain(say!.args)).toEqual({ cmd: "echo {{ greeting }} {{ item }}", chdir: "/tmp" });
    expect(say!.when.map((each) => each.source)).toEqual(["local == 1", 'item != "c"']);
    expect(say!.until.map((each) => each.source)).toEqual(["said.rc == 0"]);
    expect(say!.changedWhen!.map((each) => each.source)).toEqual(['said.stdout != ""']);
    expect(say!.failedWhen!.map((each) => each.source)).toEqual(["said.rc > 1", "false"]);
    expect([say!.loop?.value, say!.retries, say!.delay, say!.ignoreErrors, say!.timeout, say!.become.become, say!.become.user].map(plain)).toEqual(["{{ packages }}", 2, 1, true, 30, false, "{{ user }}"]);
    expect(say!.environment.map(plain)).toEqual([{ LANG: "C" }, { X: "{{ local }}" }]);
    expect(say!.variables.map(({ name, level }) => [name, level])).toEqual([["local", "task vars"]]);
  });

  test("a task without a name has that of its module, also when it is written in Ansible's long form", () => {
    expect(show).toMatchObject({ name: "debug", module: "debug", when: [], tags: ["site"], notify: [] });
  });

  test("a module without arguments has none", () => expect(plain(second!.tasks[0]!.args)).toEqual({}));

  test("an extra variable and what the host is are there for every task", () => {
    expect(program.variables.map((definition) => definition.name)).toEqual([
      "user", "playbook_dir", "inventory_dir", "ansible_inventory_sources", "groups", "check_mode", "ansible_check_mode", "ansible_diff_mode", "ansible_run_tags",
      "ansible_skip_tags", "ansible_forks", "ansible_verbosity", "bowline_version", "ansible_managed", "omit",
    ]);
    expect(program.hosts["w1"]!.variables.map((definition) => definition.name)).toEqual(["ansible_host", "inventory_hostname", "inventory_hostname_short", "group_names"]);
  });
});

describe("keys that do not exist", () => {
  test.each<[string, string, string, string]>([
    ["of a play", "- hosts: web\n  taks: []\n", '2:3: "taks" is not a key of a play', 'did you mean "tags"?'],
    ["of a task", play("- debug: {msg: x}\n  wehn: true"), '4:7: "wehn" is not a key of a task', 'did you mean "when"?'],
    ["of a play, at home elsewhere", "- hosts: web\n  when: true\n", '2:3: "when" is not a key of a play', "a play has no condition; put it on a block, or use end_host"],
    ["of a task, at home elsewhere", play("- debug: {msg: x}\n  vars_files: x.yml"), '4:7: "vars_files" is not a key of a task', "a play has them; a task has include_vars"],
    ["of a task, at home in a block", play("- debug: {msg: x}\n  rescue: []"), '4:7: "rescue" is not a key of a task', "it belongs to a block: put the tasks before it under block:"],
    ["a loop that there is not", play("- debug: {msg: x}\n  with_itmes: [x]"), '4:7: "with_itmes" is not a loop that there is', 'did you mean "with_items"?'],
    ["of a block", play("- block: []\n  loop: [1]"), '4:7: "loop" is not a key of a block', ""],
    ["beside another playbook", "- import_playbook: x.yml\n  hosts: web\n", '2:3: "hosts" is not a key of import_playbook', ""],
    ["a name that objects have", play("- debug: {msg: x}\n  constructor: 1"), '4:7: "constructor" is not a key of a task', ""],
  ])("%s", async (_, text, message, hint) => {
    expect(await mistakes(text, { files: { "x.yml": "- hosts: web\n" } })).toEqual([message]);
    if (hint !== "") expect(await hintFor(text, { files: { "x.yml": "- hosts: web\n" } })).toBe(hint);
  });
});

describe("modules", () => {
  test.each<[string, string, string]>([
    ["- coppy: {src: a}", '3:7: there is no module "coppy"', 'did you mean "copy"?'],
    ["- ansible.builtin.coppy: {src: a}", '3:7: there is no module "ansible.builtin.coppy"', 'did you mean "copy"?'],
    ["- community.docker.docker_container: {name: x}", '3:7: there is no module "community.docker.docker_container"', "it is called container here"],
    ["- mount: {path: /x}", '3:7: there is no module "mount"', "it is called fs here"],
    ["- pip: {name: x}", '3:7: there is no module "pip"', "use command: pip …"],
    ["- nonsense: {}", '3:7: there is no module "nonsense"', ""],
    ["- nam: x\n  debug: {msg: x}", '3:7: "nam" is not a key of a task', 'did you mean "name"?'],
    ["- name: only a name", "3:7: this task names no module", "add one, for example: debug: { msg: … }"],
    ["- debug: {msg: x}\n  fail: {msg: y}", '4:7: a task names one module, this one names "debug" and "fail"', "make two tasks of it"],
    ["- just text", '3:7: a task must be a mapping, not string "just text"', "write: - name: … and below it the module with its arguments"],
    ["-", "3:6: a task must be a mapping, not nothing", "write: - name: … and below it the module with its arguments"],
  ])("%j", async (task, message, hint) => {
    expect(await mistakes(play(task))).toEqual([message]);
    if (hint !== "") expect(await hintFor(play(task))).toBe(hint);
  });
});

describe("arguments", () => {
  test.each<[string, string[], string]>([
    ["- copy: {dst: /b, content: x}", ['3:14: copy: "dst" is not an argument'], 'did you mean "dest"?'],
    ["- copy: {dest: b, content: x}", ['3:20: copy: "dest" must be an absolute path'], ""],
    ["- copy: {dest: /b, content: x, mode: 0644}", ['3:42: copy: "mode" must be octal digits in quotes, like "0644"'], ""],
    ["- vg: {name: x, state: up}", ['3:28: vg: "state" must be one of active, inactive'], ""],
    ["- wait_for: {port: high}", ['3:24: wait_for: "port" must be a whole number'], ""],
    ["- wait_for: {port: 70000}", ['3:24: wait_for: "port" must be at most 65535'], ""],
    ["- copy: src=a dest=/b", ["3:13: copy: key=value words are not read"], "write copy: { src: a, dest: /b }"],
    ["- debug: msg=hello", ["3:14: debug: key=value words are not read"], "write debug: { msg: hello }"],
    ["- command: touch /x creates=/x", ["3:16: command: key=value words are not read"], 'write command: { cmd: "touch /x", creates: /x }'],
    ["- shell: chdir=/srv make", ["3:14: shell: key=value words are not read"], "write shell: { cmd: make, chdir: /srv }"],
    ["- copy: [a, b]", ["3:13: copy takes its arguments as a mapping, not a list"], ""],
    ["- command: {cmd: id, chdir: /}\n  args: {chdir: /tmp}", ['4:14: "chdir" is given twice, in args: and in the module\'s own arguments'], "take one of them away"],
  ])("%s", async (task, messages, hint) => {
    expect(await mistakes(play(task))).toEqual(messages);
    if (hint !== "") expect(await hintFor(play(task))).toBe(hint);
  });

  test.each([
    ["- command: dd if=/dev/zero of=/dev/null"],
    ["- shell: FOO=1 make"],
    ["- command: {cmd: 'make chdir=/x'}"],
    ["- debug: the word msg=hello in a sentence"],
    ["- copy: {dest: '{{ inventory_hostname }}', content: x}"],
    ["- copy: {dest: /b, content: x, mode: '{{ default mode omit }}'}"],
  ])("%s is fine", (task) => {
    expect(compileText(play(task)).program.plays).toHaveLength(1);
  });
});

describe("types of keys", () => {
  test.each<[string, string, string]>([
    ["- debug: {msg: x}\n  become: yes", '4:15: "become" must be true or false', "YAML 1.2 has only true and false"],
    ["- debug: {msg: x}\n  no_log: 'true'", '4:16: "no_log" must be true or false', ""],
    ["- debug: {msg: x}\n  name: [a]", '4:13: "name" must be text', ""],
    ["- debug: {msg: x}\n  when: 5", '4:13: "when" must be a condition', ""],
    ["- debug: {msg: x}\n  when: [{a: 1}]", '4:14: "when" must be a condition', ""],
    ["- debug: {msg: x}\n  loop: abc", '4:13: "loop" must be a list, not string "abc"', ""],
    ["- debug: {msg: x}\n  loop: {a: 1}", '4:13: "loop" must be a list, not a mapping', ""],
    ["- debug: {msg: x}\n  timeout: soon", '4:16: "timeout" must be a number', ""],
    ["- debug: {msg: x}\n  register: my-result", '4:17: "my-result" cannot be the name of a variable', ""],
    ["- debug: {msg: x}\n  vars: [a]", '4:13: "vars" must be a mapping', ""],
    ["- debug: {msg: x}\n  vars: {a-b: 1}", '4:14: "a-b" cannot be the name of a variable', ""],
    ["- debug: {msg: x}\n  delay: 3", '4:7: "delay" without "until" or "retries" does nothing', "add until: with the condition that ends the tries"],
    ["- command: id\n  poll: 0", '4:7: "poll" without "async" does nothing', "add async: with the seconds that it may take"],
    ["- debug: {msg: x}\n  async: 5\n  poll: 0", '5:13: debug cannot be left at work: "poll: 0" is for actions such as command and shell', "leave poll: out, and async: bounds its time"],
    ["- debug: {msg: x}\n  run_once: always", '4:17: "run_once" must be true, false or batch', ""],
    ["- debug: {msg: x}\n  loop_control: {label: x}", '4:7: "loop_control" without "loop" does nothing', "add loop: with the list"],
    ["- debug: {msg: x}\n  loop: [1]\n  with_items: [1]", '5:7: a task has one loop, this one has "loop" and "with_items"', ""],
    ["- debug: {msg: x}\n  until: true\n  retries: -1", '5:16: "retries" must not be negative', ""],
    ["- debug: {msg: x}\n  notify: restrat", '4:15: there is no handler "restrat" in this play', ""],
    ["- debug: {msg: x}\n  tags: [true]", '4:14: "tags" must be text', ""],
  ])("%j", async (task, message, hint) => {
    expect(await mistakes(play(task))).toEqual([message]);
    if (hint !== "") expect(await hintFor(play(task))).toBe(hint);
  });

  test.each<[string, string]>([
    ["- hosts: web\n  gather_facts: yes\n", '2:17: "gather_facts" must be true or false'],
    ["- hosts: web\n  strategy: fast\n", '2:13: "strategy" must be one of linear, free, host_pinned'],
    ["- hosts: web\n  order: random\n", '2:10: "order" must be one of inventory, reverse_inventory, sorted, reverse_sorted, shuffle'],
    ["- hosts: web\n  serial: some\n", '2:11: "serial" must be a number of hosts or a percentage'],
    ["- hosts: web\n  max_fail_percentage: 120\n", '2:24: "max_fail_percentage" must be a number from 0 to 100'],
    ["- hosts: web\n  max_fail_percentage: {plays: 1}\n", '2:24: "max_fail_percentage" has no "plays"'],
    ["- hosts: web\n  module_defaults: {coppy: {mode: '0644'}}\n  tasks: [{debug: {msg: x}}]\n", '2:21: module_defaults: there is no module "coppy"'],
    ["- tasks: []\n", '1:3: this play has no "hosts"'],
    ["- hosts: web\n  tasks: {a: 1}\n", '2:10: "tasks" must be a list'],
    ["- hosts: {a: 1}\n", '1:10: "hosts" must be text'],
    ["hosts: web\n", "1:1: a playbook must be a list of plays, not a mapping"],
    ["[]", "1:1: a playbook must be a list of plays, not an empty list"],
    ["", "1:1: a playbook must be a list of plays, not nothing"],
    ["- just text\n", '1:3: a play must be a mapping, not string "just text"'],
    ["- hosts: web\n  vars_files: {a: 1}\n", '2:15: "vars_files" must be a list of paths'],
    ["- hosts: web\n  handlers:\n    - {name: x, debug: }\n    - {name: x, debug: }\n", '4:7: there is a handler "x" already'],
  ])("of a playbook: %j", async (text, message) => {
    expect(await mistakes(text)).toEqual([message]);
  });
});

test("all mistakes are told at once, in the order of the file", async () => {
  const text = play("- coppy: {}\n- debug: {msg: '{{ nobody }}'}\n  when: x is defined\n- command: id\n  wehn: true\n  notify: x");
  expect(await mistakes(text)).toEqual([
    '3:7: there is no module "coppy"',
    '4:24: "nobody" is not defined',
    "5:15: this is no expression: x is defined",
    '7:7: "wehn" is not a key of a task',
    '8:15: there is no handler "x" in this play',
  ]);
});

describe("hosts", () => {
  test("may come from an extra variable", () => {
    expect(compileText('- hosts: "{{ target }}"\n', { extra: { target: "db" } }).program.plays[0]!.hosts).toEqual(["d1"]);
    expect(compileText("- hosts: !expr default(target, 'web')\n").program.plays[0]!.hosts).toEqual(["w1", "w2"]);
  });

  test("cannot come from a variable of a host", async () => {
    const text = '- hosts: "{{ target }}"\n';
    expect(await mistakes(text, { groupVars: { all: { target: "db" } } })).toEqual(['1:14: "target" is not defined']);
    expect(await hintFor(text)).toBe("no host is known yet: only -e, the play's vars and playbook_dir, inventory_dir and groups can stand here");
  });

  test("that match nothing in one play are a warning", () => {
    expect(compileText("- hosts: web\n- hosts: wbe\n").warnings).toEqual(['no host matches "wbe"']);
  });

  test("that match nothing in any play are an error", async () => {
    const problems = await problemsFrom(() => compileText("- hosts: wbe\n"));
    expect(problems).toMatchObject([{ code: "E_NO_HOSTS", message: "no host matched", seen: "hosts: wbe", hint: 'no host matches "wbe"' }]);
  });

  test("left out by --limit take their play with them, and not its variables' good name", () => {
    const text = '- hosts: web\n  tasks:\n    - debug: {msg: "{{ web_port }}"}\n- hosts: db\n  tasks:\n    - debug: {msg: "{{ db_port }} {{ inventory_hostname }}"}\n';
    const { program } = compileText(text, { groupVars: { web: { web_port: 80 }, db: { db_port: 5432 } }, limit: ["w1"] });
    expect(program.plays.map((each) => each.hosts)).toEqual([["w1"], []]);
  });
});
