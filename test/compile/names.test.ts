import { hintFor, mistakes, compileText, play, type Around } from "./_compile.ts";

/** Compiles without a mistake. */
function fine(text: string, around: Around = {}): void {
  expect(compileText(text, around).program.plays.length).toBeGreaterThan(0);
}

describe("a name that nothing defines is refused before a host is asked", () => {
  test.each<[string, string, string]>([
    ["in an argument", '- debug: {msg: "{{ grting }}"}', '3:24: "grting" is not defined'],
    ["deep in one", '- container: {name: xy, image: y, env: {A: "{{ grting }}"}}', '3:52: "grting" is not defined'],
    ["in a condition", "- debug: {msg: x}\n  when: grting == 1", '4:13: "grting" is not defined'],
    ["in one of several", "- debug: {msg: x}\n  when: [true, grting == 1]", '4:20: "grting" is not defined'],
    ["in a condition on several lines", "- debug: {msg: x}\n  when: |\n    true &&\n    grting == 1", '6:9: "grting" is not defined'],
    ["in until", "- debug: {msg: x}\n  until: grting", '4:14: "grting" is not defined'],
    ["in changed_when", "- debug: {msg: x}\n  changed_when: grting", '4:21: "grting" is not defined'],
    ["in failed_when", "- debug: {msg: x}\n  failed_when: grting", '4:20: "grting" is not defined'],
    ["in loop", '- debug: {msg: x}\n  loop: "{{ grting }}"', '4:17: "grting" is not defined'],
    ["in environment", '- command: id\n  environment: {A: "{{ grting }}"}', '4:28: "grting" is not defined'],
    ["in the variables of the task", '- debug: {msg: x}\n  vars: {a: "{{ grting }}"}', '4:21: "grting" is not defined'],
    ["in become_user", '- command: id\n  become: true\n  become_user: "{{ grting }}"', '5:24: "grting" is not defined'],
    ["in timeout", '- command: id\n  timeout: "{{ grting }}"', '4:20: "grting" is not defined'],
    ["in an expression", "- debug:\n    msg: !expr grting + 1", '4:20: "grting" is not defined'],
    ["in assert", "- assert: {that: [true, grting > 1]}", '3:29: "grting" is not defined'],
    ["in the var of debug", "- debug: {var: grting.x}", '3:20: "grting" is not defined'],
  ])("%s", async (_, task, message) => {
    expect(await mistakes(play(task))).toEqual([message]);
  });

  test("in a handler, in the environment of a play, and in its become", async () => {
    const text = '- hosts: web\n  environment: {A: "{{ one }}"}\n  become: "{{ two }}"\n  handlers:\n    - debug: {msg: "{{ three }}"}\n';
    expect(await mistakes(text)).toEqual(['2:24: "one" is not defined', '3:15: "two" is not defined', '5:24: "three" is not defined']);
  });

  test("in a partial of a template, of an argument, or of a variable", async () => {
    const text = play('- template: {src: a.conf, dest: /a}\n- copy: {dest: /b, content: "{{> part }}"}\n- debug: {msg: "{{ x }}"}\n  vars: {x: "{{> other }}"}');
    const templates = { "a.conf": "{{> part.hbs }}\n", "part.hbs": "{{ prot }}\n", other: "a\n{{ uper prot }}\n" };
    expect(await mistakes(text, { templates })).toEqual(['1:4: "prot" is not defined', '2:4: there is no helper "uper"']);
    expect(await mistakes(play('- copy: {dest: /b, content: "{{> part }}"}'))).toEqual(['3:34: there is no partial "part"']);
  });

  test("in a template file that is there", async () => {
    const text = play("- template: {src: a.conf, dest: /a}\n- template: {src: later.conf, dest: /b}");
    expect(await mistakes(text, { templates: { "a.conf": "one\nport {{ prot }}\n{{ x | y }}\n" } })).toEqual(["3:6: this is no template: {{ x | y }}"]);
    expect(await mistakes(text, { templates: { "a.conf": "one\nport {{ prot }}\n" } })).toEqual(['2:9: "prot" is not defined']);
  });
});

describe("where a name may come from", () => {
  test.each<[string, string, Around]>([
    ["the play", '- hosts: web\n  vars: {x: 1}\n  tasks:\n    - debug: {msg: "{{ x }}"}\n', {}],
    ["the task", play('- debug: {msg: "{{ x }}"}\n  vars: {x: 1}'), {}],
    ["a group", play('- debug: {msg: "{{ x }}"}'), { groupVars: { web: { x: 1 } } }],
    ["vars_files", `- hosts: web\n  vars_files: x.yml\n  tasks: [{debug: {msg: "{{ x }}"}}]\n`, { files: { "x.yml": "x: 1\n" } }],
    ["the command line", play('- debug: {msg: "{{ x }}"}'), { extra: { x: "1" } }],
    ["register", play('- command: id\n  register: x\n- debug: {msg: "{{ x.stdout }}"}'), {}],
    ["the own register", play("- command: id\n  register: x\n  until: x.rc == 0\n  failed_when: x.rc > 1"), {}],
    ["set_fact", play('- set_fact: {x: 1}\n- debug: {msg: "{{ x }}"}'), {}],
    ["an earlier play", "- hosts: web\n  tasks:\n    - command: id\n      register: x\n- hosts: web\n  tasks:\n    - debug: {var: x}\n", {}],
    ["Bowline", play('- debug: {msg: "{{ inventory_hostname }} {{ inventory_hostname_short }} {{ group_names }} {{ groups.web }} {{ playbook_dir }} {{ inventory_dir }}"}\n  when: !expr check_mode || ansible_check_mode'), {}],
    ["the loop", play('- debug: {msg: "{{ item }}"}\n  loop: [1]\n  when: item > 0'), {}],
    ["the block of a template", play('- debug: {msg: "{{#each groups.web as |host|}}{{ host }}{{ this }}{{ @index }}{{/each}}"}'), {}],
  ])("%s", (_, text, around) => fine(text, around));
});

test.each<[string, string]>([
  ["- debug: {msg: x}\n  when: 1 + 1", "4:13: a condition must be true or false: 1 + 1"],
  ["- debug: {msg: x}\n  failed_when: \"'text'\"", "4:21: a condition must be true or false: 'text'"],
  ["- assert: {that: ['[1]']}", "3:24: a condition must be true or false: [1]"],
])("a condition that cannot be one is refused before a host is asked: %s", async (task, message) => {
  expect(await mistakes(play(task))).toEqual([message]);
});

describe("a name that may be missing", () => {
  test.each<[string, string]>([
    ["with a default", '- debug: {msg: "{{ default x 1 }}"}'],
    ["with a default deep in a call", '- debug: {msg: "{{ upper (default x.y \'a\') }}"}'],
    ["left out of the arguments", "- copy: {dest: /a, content: b, owner: '{{ default x omit }}'}"],
    ["asked for in a block", '- debug: {msg: "{{#if x}}{{ x }}{{/if}}"}'],
    ["asked for with others", '- debug: {msg: "{{#if (and (defined x) check_mode)}}{{ x }}{{/if}}"}'],
    ["guarded in its condition", "- debug: {msg: x}\n  when: defined(x) && x > 1"],
    ["guarded by an earlier condition", "- debug: {msg: x}\n  when: [defined(x), x > 1]"],
    ["guarded for the arguments", '- debug: {msg: "{{ x }}"}\n  when: defined(x)'],
    ["guarded for the loop, which is asked after the condition", '- debug: {msg: "{{ item }}"}\n  loop: "{{ x }}"\n  when: defined(x)'],
    ["guarded behind another variable", '- debug: {msg: "{{ y }}"}\n  vars: {y: "{{ x }}"}\n  when: defined(x)'],
  ])("%s", (_, task) => fine(play(task)));

  test.each<[string, string, string]>([
    ["guarded too late", "- debug: {msg: x}\n  when: [x > 1, defined(x)]", '4:14: "x" is not defined'],
    ["guarded in the wrong sense", '- debug: {msg: "{{ x }}"}\n  when: "!defined(x)"', '3:24: "x" is not defined'],
    ["guarded by one of two", '- debug: {msg: "{{ x }}"}\n  when: defined(x) || check_mode', '3:24: "x" is not defined'],
    ["in the other branch", '- debug: {msg: "{{#if x}}a{{else}}{{ x }}{{/if}}"}', '3:42: "x" is not defined'],
  ])("is refused when it is %s", async (_, task, message) => {
    expect(await mistakes(play(task))).toEqual([message]);
  });
});

describe("variables behind variables", () => {
  const text = (vars: string, task = '- debug: {msg: "{{ url }}"}') => `- hosts: web\n  vars:\n${vars.replace(/^(?=.)/gm, "    ")}\n  tasks:\n    ${task}\n`;

  test("are looked into when they are used", async () => {
    expect(await mistakes(text('url: "http://{{ hsot }}"'))).toEqual(['3:21: "hsot" is not defined']);
    expect(await mistakes(text('url: "{{ base }}/x"\nbase: "{{ a + b }}"'))).toEqual(["4:17: this is no template: {{ a + b }}"]);
  });

  test("are left alone when they are not", () => fine(text('other: "{{ $labels.instance }}"', "- debug: {msg: x}")));

  test("in a circle are told once, with the chain", async () => {
    expect(await mistakes(text('url: "{{ a }}"\na: "{{ b }}"\nb: "{{ a }}"'))).toEqual(["4:9: variables refer to each other in a circle: a → b → a"]);
    expect(await mistakes(text('url: "{{ url }}/x"'))).toEqual(["3:11: variables refer to each other in a circle: url → url"]);
  });

  test("count as each host has them: the strongest definition", async () => {
    const around = { groupVars: { all: { url: "{{ nobody }}" }, web: { url: "fine" } } };
    fine(play('- debug: {msg: "{{ url }}"}'), around);
    expect(await mistakes('- hosts: db\n  tasks:\n    - debug: {msg: "{{ url }}"}\n', around)).toHaveLength(1);
  });

  test("of the task are what its own templates see", () => fine(text('url: "{{ nobody }}"', '- {debug: {msg: "{{ url }}"}, vars: {url: fine}}')));
});

describe("the hint for a name", () => {
  test.each<[string, string, Around]>([
    ["{{ greting }}", 'did you mean "greeting"?', { extra: { greeting: "x" } }],
    ["{{ ansible_distributoin }}", "it is no fact that is gathered: docs/facts.md lists those that are", {}],
    ["{{ facts.os.famly }}", 'did you mean "family"?', {}],
    ["{{ ansible_python_version }}", "there is no Python here that it could tell of", {}],
    ["{{ True }}", "write true", {}],
  ])("%s", async (text, hint, around) => {
    expect(await hintFor(play(`- debug: {msg: "${text}"}`), around)).toBe(hint);
  });

  test("that a task sets which the tags leave out", async () => {
    const text = play('- name: Ask\n  command: id\n  register: x\n  tags: ask\n- debug: {msg: "{{ x.stdout }}"}\n  tags: tell');
    fine(text);
    expect(await hintFor(text, { tags: ["tell"] })).toBe('the task "Ask" sets it, and --tags or --skip-tags leaves that out');
  });
});

describe("in a project of roles", () => {
  const nginx = {
    "roles/nginx/meta/main.yml": "dependencies: [{role: common, packages: [nginx]}]\n",
    "roles/nginx/defaults/main.yml": 'nginx_port: 80\nnginx_sites: [{name: default, root: /srv}]\nnginx_user: "{{ common_user }}"\n',
    "roles/nginx/vars/main.yml": "nginx_service: nginx\n",
    "roles/nginx/vars/debian.yml": "nginx_package: nginx-full\n",
    "roles/nginx/handlers/main.yml": '- name: restart nginx\n  command: systemctl restart {{ nginx_service }}\n  listen: web changed\n',
    "roles/nginx/tasks/main.yml": [
      '- include_vars: "{{ family }}.yml"',
      '- command: which {{ nginx_package }}\n  register: nginx_found\n  failed_when: nginx_found.rc > 1\n  changed_when: false',
      "- import_tasks: install.yml\n  when: nginx_found.rc != 0",
      '- include_tasks: site.yml\n  loop: "{{ nginx_sites }}"\n  loop_control: {loop_var: site, index_var: number, label: "{{ site.name }}"}',
      '- block:\n    - command: nginx -t\n      become: true\n      become_user: "{{ nginx_user }}"\n  rescue:\n    - debug: {msg: "{{ ansible_failed_task.name }}: {{ ansible_failed_result.msg }}"}\n  always:\n    - debug: {msg: "{{ role_name }} in {{ role_path }} for {{ inventory_hostname }} of {{ ansible_play_hosts }}"}',
    ].join("\n"),
    "roles/nginx/tasks/install.yml": '- command: install {{ nginx_package }}\n  environment: {PORT: "{{ nginx_port }}"}\n  notify: web changed\n- set_fact: {nginx_installed: true}\n',
    "roles/nginx/tasks/site.yml": '- copy: {dest: "{{ site.root }}/{{ number }}", content: "{{ default site.port nginx_port }} {{ nginx_installed }}"}\n  notify: restart nginx\n',
    "roles/common/defaults/main.yml": "common_user: www\npackages: []\n",
    "roles/common/tasks/main.yml": '- debug: {msg: "{{ item }}"}\n  loop: "{{ packages }}"\n',
  };
  const site = '- hosts: web\n  vars: {family: debian}\n  roles: [nginx]\n  tasks:\n    - debug: {msg: "{{ nginx_port }} {{ nginx_service }} {{ nginx_found.rc }} {{ nginx_installed }} {{ nginx_package }}"}\n';

  test("nothing that a role defines, registers, loops over or includes is unknown", () => fine(site, { files: nginx }));

  test("what a role leaves undefined is told at its place, with all the rest, each once", async () => {
    const files = {
      ...nginx,
      "roles/nginx/defaults/main.yml": nginx["roles/nginx/defaults/main.yml"].replace("common_user", "comon_user"),
      "roles/nginx/tasks/install.yml": nginx["roles/nginx/tasks/install.yml"].replace("nginx_port", "ngnix_port"),
      "roles/nginx/tasks/site.yml": nginx["roles/nginx/tasks/site.yml"].replace("site.root", "stie.root"),
      "roles/nginx/handlers/main.yml": nginx["roles/nginx/handlers/main.yml"].replace("nginx_service", "nginx_servcie"),
    };
    expect((await mistakes(site, { files })).sort()).toEqual(['2:33: "nginx_servcie" is not defined', '2:27: "ngnix_port" is not defined', '1:20: "stie" is not defined', '3:17: "comon_user" is not defined'].sort());
  });

  test.each<[string, string]>([
    ["the variable of an include", play("- include_tasks: t.yml\n  vars: {given: 1}")],
    ["a parameter of a role", "- hosts: web\n  roles: [{role: r, given: 1}]\n"],
    ["the vars of a role", "- hosts: web\n  roles: [{role: r, vars: {given: 1}}]\n"],
    ["the variables of an import_role", play("- import_role: {name: r}\n  vars: {given: 1}")],
    ["the variables of an include_role", play("- include_role: {name: r}\n  vars: {given: 1}")],
    ["those under apply", play("- include_tasks: {file: t.yml, apply: {vars: {given: 1}}}")],
    ["those of an import_playbook", "- import_playbook: p.yml\n  vars: {given: 1}\n"],
    ["a variable that vars_prompt asks for", "- hosts: web\n  vars_prompt: [{name: given}]\n  tasks: [{import_tasks: t.yml}]\n"],
    ["one that include_vars reads for all", play("- include_vars: v.yml\n- import_tasks: t.yml")],
    ["one that include_vars reads from a directory", play("- include_vars: {dir: many}\n- import_tasks: t.yml")],
    ["one that include_vars names itself", play("- include_vars: {file: other.yml, name: given}\n- import_tasks: t.yml")],
    ["one that a role with a template for its name sets", play('- include_role: {name: "set-{{ inventory_hostname }}"}\n- import_tasks: t.yml')],
    ["one that a file in a folder sets, which a template may name", play('- include_tasks: "{{ inventory_hostname }}.yml"\n- import_tasks: t.yml')],
    ["one that any file may set, where a template gives all of its name", play('- include_tasks: "{{ inventory_hostname }}"\n- import_tasks: t.yml')],
    ["one that a file with a template for its name sets", play('- include_tasks: "set-{{ inventory_hostname }}.yml"\n- import_tasks: t.yml')],
    ["one that a role's file with a template for its name sets", play('- include_role: {name: s, tasks_from: "{{ inventory_hostname }}-set"}\n- import_tasks: t.yml')],
  ])("%s is known in what is brought in", (_, text) => {
    const uses = '- debug: {msg: "{{ given }}"}\n';
    const sets = "- set_fact: {given: 1}\n";
    fine(text, { files: {
      "t.yml": uses, "p.yml": `- hosts: web\n  tasks: [{import_tasks: t.yml}]\n`, "v.yml": "given: 1\n", "other.yml": "x: 1\n", "many/a.yml": "given: 1\n", "roles/r/tasks/main.yml": uses,
      "set-a.yml": sets, "deep/down.yml": sets, "roles/set-a/tasks/main.yml": sets, "roles/s/tasks/w-set.yml": sets,
    } });
  });

  test("where nobody gives it, it is told where it is used", async () => {
    expect(await mistakes(play("- include_role: {name: r}\n- import_tasks: t.yml"), { files: { "t.yml": '- debug: {msg: "{{ given }}"}\n', "roles/r/tasks/main.yml": '- debug: {msg: "{{ other }}"}\n' } })).toEqual(['1:20: "given" is not defined', '1:20: "other" is not defined']);
  });
});
