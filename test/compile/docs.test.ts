import { join } from "node:path";
import { loadInventory } from "../../src/load/inventory.ts";
import { literalOf } from "../../src/load/literals.ts";
import { selectHosts } from "../../src/load/patterns.ts";
import { levels } from "../../src/core/scope.ts";
import { checkExpression } from "../../src/template/expression.ts";
import { blockKeys, importKeys, loopStyles, playKeys, roleKeys, taskKeys } from "../../src/compile/keys.ts";
import { codes, fenced, page, section, table } from "../docs/read.ts";
import { removeTrees, tree } from "../load/_files.ts";
import { compileText } from "./_compile.ts";

afterAll(removeTrees);

const language = page("language.md");
const inventory = page("inventory.md");

const pages = ["language.md", "variables.md", "roles.md", "rollout.md", "coming-from-ansible.md"].map((name) => ({ name, text: page(name) }));
const playbooks = pages.flatMap(({ name, text }) => {
  const blocks = fenced(text, "yaml");
  const files = Object.fromEntries(blocks.flatMap((block) => (block.name === undefined ? [] : [[block.name, block.text]])));
  return blocks.filter((block) => block.name === undefined).map((block) => ({ name, text: block.text, files }));
});

test.each(pages)("docs/$name has playbooks", ({ name }) => {
  expect(playbooks.filter((playbook) => playbook.name === name).length).toBeGreaterThan(0);
});

test.each(playbooks)("a playbook of docs/$name compiles with the files that the page has: %#", ({ text, files }) => {
  const { program, warnings } = compileText(text, { groups: { web: ["w1"], db: ["db1"] }, files });
  expect(program.plays.flatMap((play) => play.tasks).length).toBeGreaterThan(0);
  expect(warnings).toEqual([]);
});

const keysUnder = (heading: string, head = "| key | means |") => table(section(language, heading), head).flatMap(([cell]) => codes(cell!));
const everywhere = keysUnder("Keys of all");
const shared = [...everywhere, ...keysUnder("Roles, blocks and tasks")];
const [ofPlays, ofImports] = section(language, "Plays").split("A play may also be");

test.each<[string, readonly string[], readonly string[]]>([
  ["a play", [...everywhere, ...keysOf(ofPlays!)], playKeys],
  ["import_playbook", keysOf(ofImports!), importKeys],
  ["a block", [...shared, ...keysUnder("Blocks")], blockKeys],
  ["a role", [...shared, "role"], roleKeys],
  ["a task", [...shared, ...keysUnder("Tasks")], taskKeys],
])("docs/language.md has a row for every key of %s, and no other", (_, told, known) => {
  expect([...told].sort()).toEqual([...known].sort());
});

function keysOf(text: string): string[] {
  return table(text, "| key | means |").flatMap(([cell]) => codes(cell!));
}

test("docs/language.md has a row for every loop of Ansible's", () => {
  const told = keysUnder("Loops", "| loop | over | its items |");
  expect(told.sort()).toEqual(loopStyles.map((style) => `with_${style}`).sort());
});

test.each(table(language, "| write | for |").flatMap(([cell]) => codes(cell!)))("the page's %s is an expression", (source) => {
  expect(checkExpression({ source, at: { file: "docs/language.md", line: 1, column: 1 } })).toEqual([]);
});

test("docs/variables.md has every level of precedence, in its order", () => {
  const told = section(page("variables.md"), "What is stronger").match(/^\d+\. `[^`]+`/gm)!.map((line) => codes(line)[0]);
  expect(told).toEqual([...levels]);
});

const inventoryForms = [...fenced(inventory, "yaml").map(({ text }) => ["hosts.yml", text] as const), ...fenced(inventory, "ini").map(({ text }) => ["hosts.ini", text] as const)];

test.each(inventoryForms)("%s of docs/inventory.md is read", async (name, text) => {
  const loaded = await loadInventory([join(tree({ [name]: text }), name)], "/nowhere");
  expect(loaded.hosts.size).toBeGreaterThan(0);
});

test("both forms of docs/inventory.md say the same", async () => {
  const [yaml] = fenced(inventory, "yaml");
  const [ini] = fenced(inventory, "ini");
  const dir = tree({ "a.yml": yaml!.text, "b.ini": ini!.text });
  const [one, other] = [await loadInventory([join(dir, "a.yml")], "/nowhere"), await loadInventory([join(dir, "b.ini")], "/nowhere")];
  expect(Object.fromEntries(one.groups)).toEqual(Object.fromEntries(other.groups));
});

const kinds: Readonly<Record<string, string>> = { "a number": "number", "a boolean": "boolean", text: "string", "a list": "object" };

test.each(table(inventory, "| written | is |").flatMap(([cell, words]) => codes(cell!).map((code) => [code, words!] as const)))("in INI %s is %s", (code, words) => {
  const value = literalOf(code);
  const kind = Object.entries(kinds).find(([begin]) => words.startsWith(begin))![1];
  expect(value === null ? "boolean" : typeof value).toBe(kind);
});

test.each(table(inventory, "| pattern | selects |").flatMap(([cell]) => codes(cell!)).filter((pattern) => !pattern.startsWith("@")))("the pattern %s matches something", async (pattern) => {
  const dir = tree({ hosts: "[web]\nweb1\nweb2\nweb3\nweb4\nwebx.example.com\n[db]\nd1\n[prod]\nweb1\nfe80::1\n" });
  const { hosts, unmatched } = selectHosts(await loadInventory([join(dir, "hosts")], "/nowhere"), pattern);
  expect(hosts.length).toBeGreaterThan(0);
  expect(unmatched).toEqual([]);
});
