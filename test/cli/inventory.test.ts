import { join } from "node:path";
import { chdir, cwd } from "node:process";
import { loadInventory } from "../../src/load/inventory.ts";
import { removeTrees, tree } from "../load/_files.ts";
import { type } from "./_cli.ts";

const before = cwd();

beforeAll(() => {
  chdir(
    tree({
      "inventory/hosts.ini": "alone\n[web]\nw1 port=1\nw2\n[db]\nd1\n[prod:children]\nweb\n[prod:vars]\nport=80\n",
      "inventory/group_vars/all.yml": "port: 8000\n",
      "inventory/group_vars/web.yml": 'greeting: "{{ hello }} you"\nport: 8080\n',
      "inventory/host_vars/w1.yml": "# the first\nport: 2\n",
      "play/group_vars/all.yml": "port: 9000\nanswer: yes\n",
      "play/site.yml":
        "- hosts: web\n  vars:\n    port: 1000\n  roles:\n    - role: server\n      vars: {port: 1001}\n  tasks:\n    - name: Say it\n      debug: {msg: x}\n      vars: {port: 1002}\n    - name: Set it\n      set_fact: {port: 1003}\n",
      "play/roles/server/defaults/main.yml": "port: 999\n",
    }),
  );
});

afterAll(() => {
  chdir(before);
  removeTrees();
});

const shown = async (line: string) => (await type(`inventory ${line}`)).stdout;

test("--graph is a tree of groups and hosts, and what is shown when nothing else is asked for", async () => {
  const graph = "@all:\n  |--@ungrouped:\n  |  |--alone\n  |--@db:\n  |  |--d1\n  |--@prod:\n  |  |--@web:\n  |  |  |--w1\n  |  |  |--w2\n";
  expect(await shown("--graph")).toBe(graph);
  expect(await shown("")).toBe(graph);
});

test("--graph of a group, with variables: those of a host as they hold, those of a group as they were written for it", async () => {
  expect(await shown("--graph prod --vars --limit w1")).toBe(
    "@prod:\n  |--@web:\n  |  |--w1\n  |  |  |--{greeting = {{ hello }} you}\n  |  |  |--{port = 2}\n  |  |--{greeting = {{ hello }} you}\n  |  |--{port = 8080}\n  |--{port = 80}\n",
  );
});

test("--host shows the strongest of each variable, as it is written", async () => {
  expect(JSON.parse(await shown("--host w1"))).toEqual({ greeting: "{{ hello }} you", port: 2 });
  expect(JSON.parse(await shown("--host d1"))).toEqual({ port: 8000 });
});

test("--host with -e, and with what lies beside a playbook", async () => {
  expect(JSON.parse(await shown("--host d1 --playbook play/site.yml -e x=1"))).toEqual({ port: 9000, answer: "yes", x: "1" });
});

test("--host of localhost, which is not listed", async () => {
  expect(JSON.parse(await shown("--host localhost"))).toEqual({ port: 8000, ansible_connection: "local" });
});

test("--list is the JSON of ansible-inventory", async () => {
  expect(JSON.parse(await shown("--list"))).toEqual({
    _meta: { hostvars: { w1: { greeting: "{{ hello }} you", port: 2 }, w2: { greeting: "{{ hello }} you", port: 8080 }, d1: { port: 8000 }, alone: { port: 8000 } } },
    all: { children: ["ungrouped", "db", "prod"] },
    ungrouped: { hosts: ["alone"] },
    prod: { children: ["web"] },
    web: { hosts: ["w1", "w2"] },
    db: { hosts: ["d1"] },
  });
});

test("--list --limit leaves the others out", async () => {
  expect(JSON.parse(await shown("--list -l w2"))).toMatchObject({ _meta: { hostvars: { w2: {} } }, web: { hosts: ["w2"] }, db: {} });
});

test("--list --yaml is YAML, with each host's variables where it stands first", async () => {
  expect(await shown("--list -y -l web")).toBe(
    'all:\n  children:\n    ungrouped: {}\n    db: {}\n    prod:\n      children:\n        web:\n          hosts:\n            w1:\n              port: 2\n              greeting: "{{ hello }} you"\n            w2:\n              port: 8080\n              greeting: "{{ hello }} you"\n',
  );
  expect(await shown("--host w1 --yaml")).toBe('port: 2\ngreeting: "{{ hello }} you"\n');
});

test.each(["--list", "--list --yaml"])("what %s prints is an inventory with the same groups and variables", async (options) => {
  const dir = tree({ "copy.json": await shown(options) });
  const [copy, original] = [await loadInventory([join(dir, "copy.json")], "/nowhere"), await loadInventory(["inventory"], "/nowhere")];
  expect(Object.fromEntries(copy.groups)).toEqual(Object.fromEntries(original.groups));
  expect(JSON.parse((await type(`inventory -i ${join(dir, "copy.json")} --host w1`)).stdout)).toEqual(JSON.parse(await shown("--host w1")));
});

describe("--explain", () => {
  test("shows every definition with its place, the weakest first, and marks the winner", async () => {
    expect(await shown("--explain port --host w1 --playbook play/site.yml -e port=3")).toBe(
      [
        "port on w1:",
        "  role defaults                    play/roles/server/defaults/main.yml:1:7  999",
        "  inventory group                  inventory/hosts.ini:10:1                 80",
        "  group_vars/all of the inventory  inventory/group_vars/all.yml:1:7         8000",
        "  group_vars/all of the playbook   play/group_vars/all.yml:1:7              9000",
        "  group_vars of the inventory      inventory/group_vars/web.yml:2:7         8080",
        "  inventory host                   inventory/hosts.ini:3:4                  1",
        "  host_vars of the inventory       inventory/host_vars/w1.yml:2:7           2",
        "  play vars                        play/site.yml:3:11                       1000",
        '> extra vars                       -e:1:6                                   "3"',
        "and in the tasks named, the stronger of it and these:",
        "  task vars                        play/site.yml:10:20                      1002  (Say it)",
        "  set_fact and register            play/site.yml:12:24                      1003  (Set it)",
        "  role parameters                  play/site.yml:6:20                       1001  (role server)",
        "",
      ].join("\n"),
    );
  });

  test("of a variable that nothing defines", async () => {
    expect(await type("inventory --explain prot --host w1")).toMatchObject({ code: 5, stderr: 'nothing defines "prot" for w1\n  hint: did you mean "port"?\n' });
  });

  test("needs a host", async () => {
    expect(await type("inventory --explain port")).toMatchObject({ code: 5, stderr: "--explain needs a host\n  hint: --explain port --host NAME\n" });
  });
});

describe("--list-hosts", () => {
  test.each([
    ["web", "  hosts (2):\n    w1\n    w2\n"],
    ["db,web[0]", "  hosts (2):\n    d1\n    w1\n"],
    ["web -l w2", "  hosts (1):\n    w2\n"],
    ["localhost", "  hosts (1):\n    localhost\n"],
  ])("%s", async (words, text) => expect(await shown(`--list-hosts ${words}`)).toBe(text));

  test("names a word that matches nothing, and ends with 1 when none matches", async () => {
    expect(await type("inventory --list-hosts web,wbe")).toMatchObject({ code: 0, stderr: 'warning: no host matches "wbe": did you mean "web"?\n' });
    expect(await type("inventory --list-hosts wbe")).toEqual({ code: 1, stdout: "", stderr: 'no host matches "wbe"\n  hint: did you mean "web"?\n' });
  });
});

test.each([
  ["--host w3", 5, 'there is no host "w3" in the inventory\n  hint: did you mean "w1"?\n'],
  ["--graph wbe", 5, 'there is no group "wbe" in the inventory\n  hint: did you mean "web"?\n'],
  ["--limit w9 --list", 1, '--limit w9: no host matched\n  hint: did you mean "w1"?\n'],
  ["--playbook nowhere.yml", 5, "--playbook: there is no file nowhere.yml\n"],
])("%s", async (words, code, stderr) => {
  expect(await type(`inventory ${words}`)).toEqual({ code, stdout: "", stderr });
});

test("a warning stands on standard error", async () => {
  const dir = tree({ hosts: "[web]\nweb\n" });
  expect(await type(`inventory -i ${join(dir, "hosts")} --list-hosts web`)).toMatchObject({ stdout: "  hosts (1):\n    web\n", stderr: 'warning: "web" is a group and a host; patterns mean the group\n' });
});
