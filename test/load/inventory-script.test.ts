import { chmodSync } from "node:fs";
import { join } from "node:path";
import type { Inventory } from "../../src/load/inventory-model.ts";
import { loadInventory } from "../../src/load/inventory.ts";
import { answerOf } from "../../src/load/script.ts";
import { problemsFrom, removeTrees, tree } from "./_files.ts";
import { groupsOf, variablesOf } from "./_variables.ts";

afterEach(removeTrees);

/** The path of a script of this text. */
function script(text: string, mode = 0o755): string {
  const path = join(tree({ "cloud.sh": text }), "cloud.sh");
  chmodSync(path, mode);
  return path;
}

/** What a script that prints this value comes to. */
function printed(value: unknown): Promise<Inventory> {
  return loadInventory([script(`#!/bin/sh\n[ "$1" = --list ] || exit 9\ncat <<'END'\n${JSON.stringify(value)}\nEND\n`)], "/nowhere");
}

test("--list gives groups as lists or with hosts, vars and children, and _meta the variables of hosts", async () => {
  const inventory = await printed({
    _meta: { hostvars: { w1: { port: 1, tags: { "a-b": [1, "x"] }, "no-name": 1 }, elsewhere: { x: 1 } } },
    web: ["w1", "w2"],
    db: { hosts: ["d1"], vars: { role: "db" } },
    prod: { children: ["web", "db"], vars: { role: "any", zone: "a" } },
    empty: [],
    nothing: {},
  });
  expect(groupsOf(inventory)).toEqual({ all: ["w1", "w2", "d1"], ungrouped: [], web: ["w1", "w2"], db: ["d1"], prod: ["w1", "w2", "d1"], empty: [], nothing: [] });
  expect(variablesOf(inventory, "w1")).toEqual({ role: "any", zone: "a", port: 1, tags: { "a-b": [1, "x"] } });
  expect(variablesOf(inventory, "d1")).toEqual({ role: "db", zone: "a" });
});

test("a group of nothing but variables is a host, as in Ansible's oldest form", async () => {
  const inventory = await printed({ _meta: { hostvars: {} }, web1: { port: 80 } });
  expect(inventory.groups.get("all")).toEqual(["web1"]);
  expect(variablesOf(inventory, "web1")).toEqual({ port: 80 });
});

test("group names of clouds are taken as they are", async () => {
  expect((await printed({ _meta: { hostvars: {} }, "tag_Name_web server": ["w1"] })).groups.get("tag_Name_web server")).toEqual(["w1"]);
});

test("without _meta the script is asked for each host; nothing printed means no variables", async () => {
  const path = script('#!/bin/sh\nif [ "$1" = --list ]; then echo \'{"web": ["w1", "w2", "w3"]}\'; elif [ "$2" != w3 ]; then echo "{\\"name\\": \\"$2\\"}"; fi\n');
  const inventory = await loadInventory([path], "/nowhere");
  expect(["w1", "w2", "w3"].map((host) => variablesOf(inventory, host))).toEqual([{ name: "w1" }, { name: "w2" }, {}]);
  expect(inventory.groups.get("ungrouped")).toEqual([]);
});

test("a script stands in a directory among files, and group_vars lie beside it", async () => {
  const dir = tree({ "inv/10-static": "[web]\nw1 x=static\n", "inv/20-cloud.sh": '#!/bin/sh\necho \'{"_meta": {"hostvars": {"w2": {}, "w1": {"x": "cloud"}}}, "web": ["w1", "w2"]}\'\n', "inv/group_vars/web.yml": "beside: true\n" });
  chmodSync(join(dir, "inv/20-cloud.sh"), 0o755);
  const inventory = await loadInventory([join(dir, "inv")], "/nowhere");
  expect(inventory.groups.get("web")).toEqual(["w1", "w2"]);
  expect(variablesOf(inventory, "w1")).toEqual({ x: "cloud", beside: true });
});

test("what a script says on standard error is a warning when it ends well", async () => {
  const path = script('#!/bin/sh\necho "zone b is asleep" >&2\necho \'{"_meta": {"hostvars": {}}}\'\n');
  expect((await loadInventory([path], "/nowhere")).warnings).toEqual([`${path} --list says: zone b is asleep`]);
});

test.each<[string, string, RegExp, string]>([
  ["ends badly", "echo no token >&2; exit 3", /cloud\.sh --list failed$/, "exit code 3\nno token"],
  ["is killed", "kill -9 $$", /cloud\.sh --list failed$/, "ended by SIGKILL"],
  ["prints no JSON", "echo '{\"web\": [w1]}'", /cloud\.sh --list does not print JSON$/, "Unexpected token"],
  ["prints half of it", "echo '{\"web\": ['", /cloud\.sh --list does not print JSON$/, '{"web": ['],
  ["prints nothing", "true", /cloud\.sh --list does not print JSON$/, "nothing was printed"],
  ["prints a list", "echo '[]'", /^what an inventory script prints must be a mapping$/, ""],
  ["prints hosts that are no names", "echo '{\"web\": {\"hosts\": 5}}'", /^the hosts of web must be a list of names$/, ""],
  ["prints variables that are no mapping", "echo '{\"web\": {\"vars\": [1]}}'", /^the vars of web must be a mapping$/, ""],
  ["fails for a host", '[ "$1" = --list ] && echo \'{"web": ["w1"]}\'', /cloud\.sh --host w1 failed$/, "exit code 1"],
])("a script that %s", async (_, body, message, seen) => {
  const [problem, ...more] = await problemsFrom(() => loadInventory([script(`#!/bin/sh\n${body}\n`)], "/nowhere"));
  expect(problem).toMatchObject({ code: "E_INVENTORY", message: expect.stringMatching(message) });
  expect(problem!.seen ?? "").toContain(seen);
  expect(more).toEqual([]);
});

test.each([["oops, "], ['"w2" "w3", ']])("of long output only what stands around the mistake is shown: %s", async (mistake) => {
  const path = script(`#!/bin/sh\necho '{"web": [${'"web1", '.repeat(100)}${mistake}${'"web1", '.repeat(100)}"x"]}'\n`);
  const [problem] = await problemsFrom(() => loadInventory([path], "/nowhere"));
  expect(problem!.seen).toContain(mistake.slice(0, 5));
  expect(problem!.seen!.length).toBeLessThan(250);
});

test("a script whose interpreter is not there", async () => {
  const [problem] = await problemsFrom(() => loadInventory([script("#!/nowhere/python\n")], "/nowhere"));
  expect(problem!.seen).toBe("it cannot be started: the interpreter that its #! line names is not there");
});

test("a script that may not be executed is not read as a list of hosts", async () => {
  const path = script("#!/bin/sh\necho\n", 0o644);
  expect(await problemsFrom(() => loadInventory([path], "/nowhere"))).toEqual([{ code: "E_INVENTORY", message: `${path} is a script, and it may not be executed`, hint: `chmod +x ${path}` }]);
});

test("an inventory that may be executed, as every file of some file systems, is no script", async () => {
  expect(groupsOf(await loadInventory([script("[web]\nw1\n")], "/nowhere"))).toMatchObject({ web: ["w1"] });
});

test("a script that never ends is stopped, with its pipes closed", async () => {
  const [problem] = await problemsFrom(() => answerOf(script("#!/bin/sh\nexec sleep 600\n"), [], 50));
  expect(problem).toMatchObject({ message: expect.stringMatching(/cloud\.sh failed$/), seen: "no end after 0.05 s" });
});

test("a script is asked no questions: its input is at its end", async () => {
  expect(await answerOf(script("#!/bin/sh\ncat; echo done\n"), [])).toEqual({ stdout: "done\n", stderr: "" });
});
