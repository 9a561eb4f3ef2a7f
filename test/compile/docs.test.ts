import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadInventory } from "../../src/load/inventory.ts";
import { literalOf } from "../../src/load/literals.ts";
import { selectHosts } from "../../src/load/patterns.ts";
import { checkExpression } from "../../src/template/expression.ts";
import { playKeys, taskKeys } from "../../src/compile/keys.ts";
import { removeTrees, tree } from "../load/_files.ts";
import { compileText, mistakes, play } from "./_compile.ts";

afterAll(removeTrees);

const page = (name: string) => readFileSync(resolve(import.meta.dirname, "../../docs", name), "utf8");
const language = page("language.md");
const inventory = page("inventory.md");

/** The texts of the fenced blocks that begin with these words. */
function blocks(text: string, begin: string): string[] {
  return [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].filter(([, words]) => words === begin).map(([, , body]) => body!);
}

/** The cells of the table under a heading line. */
function table(text: string, head: string): string[][] {
  const [, rest = ""] = text.split(`\n${head}\n`);
  const lines = rest.split("\n").slice(1);
  const end = lines.findIndex((line) => !line.startsWith("|"));
  return lines.slice(0, end).map((line) => line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|")));
}

const playKeysLater = ["roles", "pre_tasks", "post_tasks", "serial", "import_playbook"];
const taskKeysLater = ["import_tasks", "include_tasks", "block", "rescue", "with_items", "with_dict", "delegate_to", "run_once", "listen"];

const codes = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);

test.each(blocks(language, "yaml"))("a playbook of docs/language.md compiles: %#", (text) => {
  const { program, warnings } = compileText(text, { groups: { web: ["w1"], db: ["d1"] } });
  expect(program.plays.length).toBeGreaterThan(0);
  expect(warnings).toEqual([]);
});

test("docs/language.md has playbooks, and a row for every key", () => {
  expect(blocks(language, "yaml").length).toBeGreaterThan(2);
  const [plays, tasks] = language.split("\n## Tasks\n");
  const keys = (text: string) => table(text, "| key | means |").flatMap(([cell]) => codes(cell!)).sort();
  expect(keys(plays!)).toEqual([...playKeys].sort());
  expect(keys(tasks!)).toEqual([...taskKeys].sort());
});

test.each(table(language, "| in Jinja | here |").map(([jinja, here]) => [jinja!, here!] as const))("for %s the page has an expression", (_, here) => {
  expect(codes(here).flatMap((source) => checkExpression({ source, at: { file: "docs/language.md", line: 1, column: 1 } }))).toEqual([]);
});

test("the variables that docs/language.md promises are there", () => {
  const always = /^These are always there: ([\s\S]*?)\. /m.exec(language)![1]!;
  const text = `- hosts: web\n  tasks:\n    - debug: {msg: "${codes(always).map((name) => `{{ ${name} }}`).join(" ")}"}\n      loop: [1]\n`;
  expect(compileText(text).warnings).toEqual([]);
});

test.each([...blocks(inventory, "yaml inventory").map((text) => ["hosts.yml", text]), ...blocks(inventory, "ini").map((text) => ["hosts.ini", text])])("%s of docs/inventory.md is read", async (name, text) => {
  const loaded = await loadInventory([join(tree({ [name]: text }), name)], "/nowhere");
  expect(loaded.hosts.size).toBeGreaterThan(0);
});

test("both forms of docs/inventory.md say the same", async () => {
  const [yaml] = blocks(inventory, "yaml inventory");
  const [ini] = blocks(inventory, "ini");
  const dir = tree({ "a.yml": yaml!, "b.ini": ini! });
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

const later = table(language, "| instead of | write for now |").flatMap(([cell]) => codes(cell!)).filter((code) => [...playKeysLater, ...taskKeysLater].includes(code));

test("docs/language.md names a good part of what is not there yet", () => expect(later.length).toBeGreaterThan(10));

test.each(later)("%s is refused as not there yet", async (key) => {
  const text = playKeysLater.includes(key) ? `- hosts: web\n  ${key}: x\n` : play(`- debug: {msg: x}\n  ${key}: x`);
  expect(await mistakes(text)).toEqual([expect.stringContaining(`"${key}" is not supported yet`)]);
});
