import { join } from "node:path";
import { plainOf } from "../../src/core/node.ts";
import { Scope } from "../../src/core/scope.ts";
import { extraVariables } from "../../src/load/extra-vars.ts";
import { loadInventory } from "../../src/load/inventory.ts";
import { removeTrees, tree } from "./_files.ts";
import { variablesOf } from "./_variables.ts";

afterEach(removeTrees);

/** Every place where the inventory can say what `v` is, the strongest first, with the line that says so in it. */
const places: readonly (readonly [place: string, winner: string])[] = [
  ["-e", "-e"],
  ["play/host_vars/h.yml", "host_vars of the playbook"],
  ["inv/host_vars/h.yml", "host_vars of the inventory"],
  ["host", "inventory host"],
  ["play/group_vars/kid.yml", "group_vars of the playbook"],
  ["play/group_vars/parent.yml", "group_vars of the playbook"],
  ["inv/group_vars/kid.yml", "group_vars of the inventory"],
  ["inv/group_vars/parent.yml", "group_vars of the inventory"],
  ["play/group_vars/all.yml", "group_vars/all of the playbook"],
  ["inv/group_vars/all.yml", "group_vars/all of the inventory"],
  ["kid", "inventory group"],
  ["parent", "inventory group"],
  ["all", "inventory group"],
];

/** What wins when only these places say anything. */
async function winner(said: readonly string[]): Promise<{ value: unknown; level: string }> {
  const value = (place: string) => (said.includes(place) ? `v='${place}'` : "");
  const ini = `[kid]\nh ${value("host")}\n[parent:children]\nkid\n${["kid", "parent", "all"].map((group) => `[${group}:vars]\n${value(group)}\n`).join("")}`;
  const files = said.filter((place) => place.includes("/")).map((place) => [place, `v: ${place}\n`]);
  const dir = tree({ "inv/hosts": ini, "play/site.yml": "", ...(Object.fromEntries(files) as Record<string, string>) });
  const inventory = await loadInventory([join(dir, "inv/hosts")], join(dir, "play"));
  const scope = Scope.empty.with(inventory.host("h")!.variables).with(await extraVariables(said.includes("-e") ? ["v=-e"] : []));
  const found = scope.get("v")!;
  return { value: plainOf(found.value), level: found.level };
}

test.each(places.map(([place, level], index) => [place, level, places.slice(index).map(([each]) => each)] as const))("%s wins when nothing stronger says anything", async (place, level, said) => {
  expect(await winner(said)).toEqual({ value: place, level: place === "-e" ? "extra vars" : level });
});

test("a group is as deep as its deepest parent says", async () => {
  const dir = tree({ hosts: "[leaf]\nh\n[a:children]\nleaf\n[b:children]\na\n[leaf:vars]\nv=leaf\n[zone]\nh\n[zone:vars]\nv=zone\n[a:vars]\nw=a\n[b:vars]\nw=b\n" });
  const inventory = await loadInventory([join(dir, "hosts")], "/nowhere");
  expect(variablesOf(inventory, "h")).toEqual({ v: "leaf", w: "a" });
  expect(inventory.host("h")!.groups).toEqual(["b", "zone", "a", "leaf"]);
});

test("of two groups of the same depth the later name wins, unless ansible_group_priority says otherwise", async () => {
  const hosts = "[zebra]\nh\n[ant]\nh\n[zebra:vars]\nv=zebra\n[ant:vars]\nv=ant\n";
  const dir = tree({ plain: hosts, "with/priority": `${hosts}ansible_group_priority=10\n`, "with/group_vars/zebra.yml": "w: zebra\n", "with/group_vars/ant.yml": "w: ant\n" });
  expect(variablesOf(await loadInventory([join(dir, "plain")], "/nowhere"), "h")).toEqual({ v: "zebra" });
  expect(variablesOf(await loadInventory([join(dir, "with/priority")], "/nowhere"), "h")).toEqual({ v: "ant", w: "ant" });
});

test("what lies beside a later inventory wins over what lies beside an earlier one, parent or child", async () => {
  const dir = tree({ "one/hosts": "[kid]\nh\n[parent:children]\nkid\n", "one/group_vars/kid.yml": "v: one\n", "two/hosts": "[kid]\nh\n", "two/group_vars/parent.yml": "v: two\n" });
  const [one, two] = [join(dir, "one/hosts"), join(dir, "two/hosts")];
  expect(variablesOf(await loadInventory([one, two], "/nowhere"), "h")).toEqual({ v: "two" });
  expect(variablesOf(await loadInventory([two, one], "/nowhere"), "h")).toEqual({ v: "one" });
});

test("a playbook beside the inventory reads the same files once", async () => {
  const dir = tree({ hosts: "h\n", "group_vars/all.yml": "v: 1\n" });
  const inventory = await loadInventory([join(dir, "hosts")], dir);
  expect(inventory.host("h")!.variables.map(({ level }) => level)).toEqual(["group_vars/all of the inventory"]);
});
