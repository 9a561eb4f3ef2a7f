import { symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Inventory } from "../../src/load/inventory-model.ts";
import { loadInventory } from "../../src/load/inventory.ts";
import { placed, problemsFrom, removeTrees, tree } from "./_files.ts";
import { groupsOf, variablesOf } from "./_variables.ts";

afterEach(removeTrees);

const nowhere = "/nowhere";

/** Loads one file of the given name and text. */
function one(name: string, text: string): Promise<Inventory> {
  return loadInventory([join(tree({ [name]: text }), name)], nowhere);
}

/** The same value in [group:vars], where no shell takes a pair of quotes away. */
function inGroup(assignment: string): string {
  return assignment.replace(/^v="('.*')"$/, "v=$1");
}

describe("the INI form", () => {
  test("has hosts, groups, children and ranges", async () => {
    const inventory = await one("hosts.ini", "alone\n\n[web]\nweb[01:03]\n[db]\ndb-[a:c]\n[prod:children]\nweb\ndb\n");
    expect(groupsOf(inventory)).toEqual({
      all: ["alone", "web01", "web02", "web03", "db-a", "db-b", "db-c"],
      ungrouped: ["alone"],
      web: ["web01", "web02", "web03"],
      db: ["db-a", "db-b", "db-c"],
      prod: ["web01", "web02", "web03", "db-a", "db-b", "db-c"],
    });
  });

  test.each<[string, string, unknown]>([
    ["a number", "v=5000", 5000],
    ["a number that is text", `v="'5000'"`, "5000"],
    ["text in quotes keeps its blanks", "v='x  y'", "x  y"],
    ["Python's True", "v=True", true],
    ["YAML's false", "v=false", false],
    ["Python's None", "v=None", null],
    ["yes is text", "v=yes", "yes"],
    ["a list", "v=[1,2]", [1, 2]],
    ["a mapping", 'v={"a":1}', { a: 1 }],
    ["an equals sign", "v=a=b", "a=b"],
    ["a comment behind a blank", "v=5 # why", 5],
    ["a number sign inside a word", "v=http://x/#part", "http://x/#part"],
    ["a semicolon inside quotes", "v='a ; b'", "a ; b"],
    ["a template", "v={{x}}", "{{x}}"],
    ["a leading zero, as of a mode, is text", "v=0644", "0644"],
    ["a fraction", "v=1.5", 1.5],
    ["a list of texts", "v=['a','b']", ["a", "b"]],
    ["a mapping of Python", "v={'a':True}", { a: true }],
    ["an address", "v=[::1]", "[::1]"],
    ["nothing", "v=", ""],
  ])("a value: %s", async (_, assignment, value) => {
    expect(variablesOf(await one("hosts.ini", `[web]\nh ${assignment}\n`), "h")).toEqual({ v: value });
    expect(variablesOf(await one("hosts.ini", `[web]\nh\n[web:vars]\n${inGroup(assignment)}\n`), "h")).toEqual({ v: value });
  });

  test.each<[string, unknown]>([
    ["motd = hello to you", "hello to you"],
    ["motd = hello # to you", "hello # to you"],
    ["motd=a ; b", "a ; b"],
    ['motd="5000"', "5000"],
    ["motd='a' # why", "a"],
    ["motd=5000 # why", 5000],
    ["motd=it's", "it's"],
    ["motd=-o ProxyCommand=\"ssh -W %h:%p jump\"", '-o ProxyCommand="ssh -W %h:%p jump"'],
  ])("in [group:vars] a value goes to the end of the line: %s", async (assignment, value) => {
    expect(variablesOf(await one("hosts.ini", `[web]\nh\n[web:vars]\n${assignment}\n`), "h")).toEqual({ motd: value });
  });

  test.each<[string, Record<string, unknown>]>([
    ['x="5000"', { x: 5000 }],
    ["x=5 y='a b' # why", { x: 5, y: "a b" }],
    ["x='a # b'", { x: "a # b" }],
    ["x=DOMAIN\\\\me", { x: "DOMAIN\\me" }],
    ["x=\"say 'a'\"", { x: "say 'a'" }],
    ["ansible_ssh_common_args='-o ProxyCommand=\"ssh -W %h:%p jump\"'", { ansible_ssh_common_args: '-o ProxyCommand="ssh -W %h:%p jump"' }],
    ['x="{{ a }}:{{ b }}"', { x: "{{ a }}:{{ b }}" }],
  ])("on the line of a host the quotes are a shell's: %s", async (assignments, values) => {
    expect(variablesOf(await one("hosts.ini", `h ${assignments}\n`), "h")).toEqual(values);
  });

  test("a port behind a host's name is its port", async () => {
    const inventory = await one("hosts.ini", "web.example.com:2222\nfe80::1\n");
    expect([...inventory.groups.get("all")!]).toEqual(["web.example.com", "fe80::1"]);
    expect(variablesOf(inventory, "web.example.com")).toEqual({ ansible_port: 2222 });
  });

  test.each<[string, string, string[]]>([
    ["a section that does not end", "[web\n", ["1:1: [web is not a section"]],
    ["a section of another kind", "[web:hosts2]\n", ["1:1: [web:hosts2] is not a section"]],
    ["a word that is no assignment", "[web]\nh x=1 foo\n", ["2:7: foo is not key=value"]],
    ["blanks around the equals sign of a host", "h port = 5\n", ["1:3: port is not key=value"]],
    ["a name that no template can use", "h http-port=80\n", ['1:3: "http-port" cannot be the name of a variable']],
    ["a quote that does not end", 'h x="a\n', ["1:5: a quote is not closed"]],
    ["a section with blanks", "[web servers]\n", ["1:1: [web servers] is not a section"]],
    ["variables of a group that nobody describes", "[web]\nh\n[wbe:vars]\nx=1\n", ['3:1: there is no group "wbe"']],
    ["a host among the children", "[a:children]\nh x=1\n", ["2:1: h x=1 is not the name of a group"]],
    ["all inside of a group", "[a:children]\nall\n", ["2:1: all holds every group, so a cannot hold it"]],
    ["a colon of YAML", "[web]\nh:\n", ["2:1: no port stands behind h:"]],
    ["the beginning of YAML", "--- x\nh\n", ["1:1: this begins like YAML, and is not read as YAML"]],
    ["a priority that is no number", "[web]\n[web:vars]\nansible_group_priority=high\n", ["3:1: ansible_group_priority must be a whole number"]],
    ["a child that nobody describes", "[a:children]\nwbe\n[web]\nh\n", ['2:1: there is no group "wbe"']],
    ["a group in itself", "[web:children]\nweb\n", ["2:1: group web would hold itself through web"]],
    ["a range that goes down", "w[3:1]\n", ["1:1: a range of hosts must go upwards"]],
    ["a range that is none", "w[a]\n", ["1:1: [a] is not a range of hosts"]],
    ["every one of them", "[web\nh foo\nw[3:1]\n", ["1:1: [web is not a section", "2:3: foo is not key=value", "3:1: a range of hosts must go upwards"]],
  ])("is refused with %s", async (_, text, expected) => {
    const problems = await problemsFrom(() => one("hosts.ini", text));
    expect(problems.map(placed)).toEqual(expected);
    expect(problems[0]).toMatchObject({ code: "E_INVENTORY", at: { file: expect.stringContaining("hosts.ini") } });
  });
});

describe("the YAML form", () => {
  test("has hosts with variables, vars, and children in children", async () => {
    const inventory = await one("h.yml", "all:\n  vars: {v: all, only: 1}\n  children:\n    prod:\n      children:\n        web:\n          hosts:\n            w[1:2]:\n            w3: {v: host}\n          vars: {v: web}\n");
    expect(groupsOf(inventory)).toEqual({ all: ["w1", "w2", "w3"], ungrouped: [], prod: ["w1", "w2", "w3"], web: ["w1", "w2", "w3"] });
    expect(variablesOf(inventory, "w1")).toEqual({ v: "web", only: 1 });
    expect(variablesOf(inventory, "w3")).toEqual({ v: "host", only: 1 });
    expect(inventory.hosts.get("w1")!.groups).toEqual(["prod", "web"]);
  });

  test("a file without an ending is read as YAML when it looks like it", async () => {
    expect(groupsOf(await one("hosts", "web:\n  hosts:\n    a:\n"))).toMatchObject({ web: ["a"] });
    expect(groupsOf(await one("hosts", "[web]\na\n"))).toMatchObject({ web: ["a"] });
  });

  test("JSON is YAML", async () => {
    expect(groupsOf(await one("hosts.json", '{"web": {"hosts": {"a": {"x": 1}}}}'))).toMatchObject({ web: ["a"] });
  });

  test("what a script printed once is read from a file too", async () => {
    const inventory = await one("hosts.json", '{"_meta": {"hostvars": {"a": {"x": 1}}}, "web": {"hosts": ["a"]}, "prod": {"children": ["web"]}}');
    expect(groupsOf(inventory)).toEqual({ all: ["a"], ungrouped: [], web: ["a"], prod: ["a"] });
    expect(variablesOf(inventory, "a")).toEqual({ x: 1 });
  });

  test("a single name may stand for a mapping of it, and a port behind a host's name", async () => {
    const inventory = await one("h.yml", 'web:\n  hosts: a\nprod:\n  children: web\ndb:\n  hosts:\n    "d[1:2]:2222": {x: 1}\n');
    expect(groupsOf(inventory)).toMatchObject({ web: ["a"], prod: ["a"], db: ["d1", "d2"] });
    expect(variablesOf(inventory, "d2")).toEqual({ ansible_port: 2222, x: 1 });
  });

  test("bodies may be empty", async () => {
    expect(groupsOf(await one("h.yml", "all:\nweb:\n  hosts:\n  vars:\n  children:\ndb: {}\nungrouped:\n  hosts:\n    a:\n"))).toEqual({ all: ["a"], ungrouped: ["a"], web: [], db: [] });
  });

  test("an empty file has no hosts", async () => {
    expect(groupsOf(await one("h.yml", ""))).toEqual({ all: [], ungrouped: [] });
  });

  test.each<[string, string, string[], string]>([
    ["a key that a group does not have", "web:\n  host:\n    a:\n", ['2:3: "host" is not a key of a group'], 'did you mean "hosts"?'],
    ["a variable outside vars", "web:\n  http_port: 80\n", ['2:3: "http_port" is not a key of a group'], "a variable goes under vars:, another group under children:"],
    ["a list of hosts", "web:\n  hosts: [a, b]\n", ["2:10: the hosts of web must be a mapping"], "write name: instead of - name"],
    ["a number for a host", "web:\n  hosts: 5\n", ["2:10: the hosts of web must be a mapping"], "end the name with a colon"],
    ["two documents", "web:\n---\ndb:\n", ["2:1: a file holds one document"], "take the second --- away"],
    ["the configuration of a plugin", "plugin: amazon.aws.aws_ec2\nregions: [eu-1]\n", ["1:1: this is the configuration of Ansible's inventory plugin amazon.aws.aws_ec2, and no inventory"], expect.stringContaining("--list --yaml > hosts.yml")],
    ["a list of groups", "- web\n", ["1:1: an inventory must be a mapping"], "write name: instead of - name"],
    ["a name that no template can use", "web:\n  vars:\n    http-port: 80\n", ['3:5: "http-port" cannot be the name of a variable'], ""],
    ["groups in a circle", "all:\n  children: {a: {children: {b: {children: {a: }}}}}\n", ["2:44: group a would hold itself through b"], "take one of them out of the other"],
    ["a wrong key of ssh:, once for all its hosts", "web:\n  vars:\n    ssh: { prot: 22, user: me }\n  hosts: {a: , b: }\n", ['3:12: "prot" is not a key of ssh:'], 'did you mean "port"?'],
    ["every one of them", "a:\n  bar: 1\nb:\n  hosts: [x]\n  vars: 5\n", ['2:3: "bar" is not a key of a group', "4:10: the hosts of b must be a mapping", "5:9: the vars of b must be a mapping"], "a variable goes under vars:, another group under children:"],
  ])("is refused with %s", async (_, text, expected, hint) => {
    const problems = await problemsFrom(() => one("h.yml", text));
    expect(problems.map(placed)).toEqual(expected);
    expect(problems[0]!.hint ?? "").toEqual(hint);
  });
});

describe("sources", () => {
  test("a list with commas, empty items and ranges", async () => {
    expect(groupsOf(await loadInventory(["a,b,,c[1:2],"], nowhere))).toEqual({ all: ["a", "b", "c1", "c2"], ungrouped: ["a", "b", "c1", "c2"] });
  });

  test("a directory: its files in order, nothing else", async () => {
    const dir = tree({ "inv/20.yml": "web:\n  hosts: {a: {x: 2}, b: }\n", "inv/10.ini": "[web]\na x=1 y=1\n", "inv/README.md": "[web]\n", "inv/.hidden": "[no]\nz\n", "inv/old.bak": "[no]\nz\n" });
    const inventory = await loadInventory([join(dir, "inv")], nowhere);
    expect(groupsOf(inventory)).toEqual({ all: ["a", "b"], ungrouped: [], web: ["a", "b"] });
    expect(variablesOf(inventory, "a")).toEqual({ x: 2, y: 1 });
  });

  test("a directory in a directory, and of none of them group_vars as sources", async () => {
    const dir = tree({ "inv/b/hosts": "[web]\nb1\n", "inv/b/group_vars/web.yml": "x: unread\n", "inv/a.ini": "[web]\na1\n", "inv/group_vars/web.yml": "y: read\n", "inv/host_vars/z": "z: 1\n", "inv/old.txt": "[no]\nz\n" });
    const inventory = await loadInventory([join(dir, "inv")], nowhere);
    expect(groupsOf(inventory)).toEqual({ all: ["a1", "b1"], ungrouped: [], web: ["a1", "b1"] });
    expect(variablesOf(inventory, "b1")).toEqual({ y: "read" });
  });

  test("a host knows which source named it first", async () => {
    const dir = tree({ "inv/1": "[web]\na\n", "inv/2": "[web]\na\nb\n" });
    const inventory = await loadInventory([join(dir, "inv"), "c,"], nowhere);
    expect(["a", "b", "c", "localhost"].map((name) => inventory.host(name)!.source)).toEqual([join(dir, "inv/1"), join(dir, "inv/2"), "c,", undefined]);
  });

  test("a group that patterns cannot name is a warning", async () => {
    const inventory = await one("h.yml", '"a,b":\n  hosts: {x: }\n');
    expect(inventory.groups.get("a,b")).toEqual(["x"]);
    expect(inventory.warnings).toEqual([expect.stringMatching(/h\.yml:1:1: patterns cannot name the group "a,b": blanks and , : ! & \[ \] mean something there$/)]);
  });

  test("a link to nowhere is left out of a directory, and is a mistake among the variables", async () => {
    const dir = tree({ "inv/hosts": "a\n", "inv/host_vars/b.yml": "" });
    symlinkSync("/nowhere/x", join(dir, "inv/more"));
    expect((await loadInventory([join(dir, "inv")], nowhere)).groups.get("all")).toEqual(["a"]);
    symlinkSync("/nowhere/x", join(dir, "inv/host_vars/a.yml"));
    const [problem] = await problemsFrom(() => loadInventory([join(dir, "inv")], nowhere));
    expect(problem).toMatchObject({ code: "E_FILE", message: `there is no file ${join(dir, "inv/host_vars/a.yml")}` });
  });

  test("a name of both a group and a host is a warning", async () => {
    expect((await one("hosts", "[web]\nweb\n")).warnings).toEqual(['"web" is a group and a host; patterns mean the group']);
  });

  test("Ansible's variables for connections, and those that mean nothing here, are variables like others", async () => {
    const words = "ansible_host=192.0.2.1 ansible_port=22 ansible_user=me ansible_become=True ansible_python_interpreter=/usr/bin/python3 ansible_shell_type=csh ansible_whatever=1";
    expect(Object.keys(variablesOf(await one("hosts", `h ${words}\n`), "h"))).toEqual(words.split(" ").map((word) => word.split("=")[0]));
  });

  test("an empty directory has no hosts", async () => {
    const dir = tree({ "inv/README.md": "" });
    expect(groupsOf(await loadInventory([join(dir, "inv")], nowhere))).toEqual({ all: [], ungrouped: [] });
  });

  test("of several the later wins, and what only one says stays", async () => {
    const dir = tree({ "one.ini": "[web]\na x=1 y=1\n[web:vars]\nz=1\n", "two.yml": "web:\n  hosts: {a: {x: 2}}\n  vars: {z: 2}\n" });
    const both = await loadInventory([join(dir, "one.ini"), join(dir, "two.yml")], nowhere);
    expect(variablesOf(both, "a")).toEqual({ x: 2, y: 1, z: 2 });
    const reversed = await loadInventory([join(dir, "two.yml"), join(dir, "one.ini")], nowhere);
    expect(variablesOf(reversed, "a")).toEqual({ x: 1, y: 1, z: 1 });
  });

  test("localhost can be named without being there, and is in no group", async () => {
    const inventory = await loadInventory(["a,"], nowhere);
    expect(variablesOf(inventory, "localhost")).toEqual({ ansible_connection: "local" });
    expect(inventory.groups.get("all")).toEqual(["a"]);
    expect([...inventory.hosts.keys()]).toEqual(["a"]);
    expect(["127.0.0.1", "::1", "localhost", "local"].map((name) => inventory.host(name)?.groups)).toEqual([[], [], [], undefined]);
  });

  test("what is said of all, and of localhost, holds for it too", async () => {
    const dir = tree({ hosts: "a\n[all:vars]\nx=1\n", "group_vars/all.yml": "y: 2\n", "group_vars/ungrouped.yml": "no: 1\n", "host_vars/localhost.yml": "z: 3\n" });
    expect(variablesOf(await loadInventory([join(dir, "hosts")], nowhere), "localhost")).toEqual({ x: 1, y: 2, z: 3, ansible_connection: "local" });
  });

  test("a localhost of the inventory is the one that is meant", async () => {
    const inventory = await one("hosts.ini", "localhost ansible_port=2222\n");
    expect(variablesOf(inventory, "localhost")).toEqual({ ansible_port: 2222 });
    expect(inventory.groups.get("all")).toEqual(["localhost"]);
  });

  test("a source that is not there", async () => {
    const [problem] = await problemsFrom(() => loadInventory(["/nowhere/hosts"], nowhere));
    expect(problem).toMatchObject({ code: "E_INVENTORY", message: "there is no inventory /nowhere/hosts" });
  });

  test("the mistakes of all sources are told at once", async () => {
    const dir = tree({ "one.ini": "h foo\n", "two.yml": "web:\n  host: {}\n" });
    const problems = await problemsFrom(() => loadInventory([join(dir, "one.ini"), "/nowhere/hosts", join(dir, "two.yml")], nowhere));
    expect(problems.map((problem) => problem.message)).toEqual(["foo is not key=value", '"host" is not a key of a group', "there is no inventory /nowhere/hosts"]);
  });
});

describe("group_vars and host_vars", () => {
  test("are read beside the inventory and beside the playbook, from files and directories", async () => {
    const dir = tree({
      "inv/hosts.ini": "[web]\na\n",
      "inv/group_vars/all.yml": "all_file: 1\n",
      "inv/group_vars/web/one.yml": "one: 1\n",
      "inv/group_vars/web/two.yaml": "two: 2\n",
      "inv/host_vars/a.json": '{"json": true}',
      "play/group_vars/web": "plain: x\n",
      "play/host_vars/a/main.yml": "main: y\n",
    });
    const inventory = await loadInventory([join(dir, "inv/hosts.ini")], join(dir, "play"));
    expect(variablesOf(inventory, "a")).toEqual({ all_file: 1, one: 1, two: 2, json: true, plain: "x", main: "y" });
  });

  test("of a child group are stronger than those of its parent, and of two equals the later name wins", async () => {
    const dir = tree({
      "hosts.yml": "parent:\n  children:\n    child:\n      hosts: {a: }\nzebra:\n  hosts: {a: }\nant:\n  hosts: {a: }\n",
      "group_vars/parent.yml": "x: parent\ny: parent\n",
      "group_vars/child.yml": "x: child\n",
      "group_vars/ant.yml": "z: ant\n",
      "group_vars/zebra.yml": "z: zebra\n",
    });
    expect(variablesOf(await loadInventory([join(dir, "hosts.yml")], nowhere), "a")).toEqual({ x: "child", y: "parent", z: "zebra" });
  });

  test("are left alone for groups and hosts that there are not, and when they are no YAML by their name", async () => {
    const dir = tree({ hosts: "[web]\na\n", "group_vars/README.md": "x: [\n", "group_vars/old.yml": "x: [\n", "group_vars/web/x.yml": "x: 1\n", "group_vars/web/notes.txt": "x: [\n", "group_vars/web/.x.yml.swp": "x: [\n", "group_vars/web/deep/y": "y: 2\n", "host_vars/b.yml": "x: [\n" });
    expect(variablesOf(await loadInventory([join(dir, "hosts")], nowhere), "a")).toEqual({ x: 1, y: 2 });
  });

  test("of several files for one name the first counts, as in Ansible, and the others are named", async () => {
    const dir = tree({ hosts: "[web]\na\n", "group_vars/web/x.yml": "x: 1\n", "group_vars/web.yml": "x: 2\ny: 2\n" });
    const inventory = await loadInventory([join(dir, "hosts")], nowhere);
    expect(variablesOf(inventory, "a")).toEqual({ x: 1 });
    expect(inventory.warnings).toEqual([`${join(dir, "group_vars/web.yml")} is not read, for ${join(dir, "group_vars/web")} is there`]);
  });

  test("for hosts whose names end like files", async () => {
    const dir = tree({ hosts: "web.yml\nweb1.example.com\n", "host_vars/web.yml": "x: 1\n", "host_vars/web1.example.com": "y: 1\n" });
    const inventory = await loadInventory([join(dir, "hosts")], nowhere);
    expect([variablesOf(inventory, "web.yml"), variablesOf(inventory, "web1.example.com")]).toEqual([{ x: 1 }, { y: 1 }]);
  });

  test("a list of hosts has none of its own", async () => {
    const before = process.cwd();
    const dir = tree({ "group_vars/all.yml": "x: 1\n" });
    process.chdir(dir);
    try {
      const inventory = await loadInventory(["a,"], nowhere);
      expect(inventory.sources).toEqual([]);
      expect(variablesOf(inventory, "a")).toEqual({});
    } finally {
      process.chdir(before);
    }
  });

  test("tell the mistakes of every file at once", async () => {
    const dir = tree({ "hosts.ini": "[web]\na\n", "group_vars/web.yml": "- a list\n", "host_vars/a.yml": "x: 1\nx: 2\n", "group_vars/all.yml": "a-b: 1\n" });
    const problems = await problemsFrom(() => loadInventory([join(dir, "hosts.ini")], dir));
    expect(problems.map(placed)).toEqual(['1:1: "a-b" cannot be the name of a variable', "1:1: variables must be a mapping", "2:1: this key stands here twice"]);
    expect(problems.map((problem) => dirname(problem.at!.file))).toEqual([join(dir, "group_vars"), join(dir, "group_vars"), join(dir, "host_vars")]);
  });
});
