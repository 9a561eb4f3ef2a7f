import { BowlineError } from "../../src/core/errors.ts";
import { evaluate } from "../../src/template/expression.ts";
import type { Lookups } from "../../src/template/lookups.ts";
import { render } from "../../src/template/render.ts";
import { placed, problemsFrom } from "../load/_files.ts";
import { lookupsOver } from "./_lookups.ts";
import { contextOf } from "./_variables.ts";

const at = { file: "f.yml", line: 1, column: 1 };
const files = { "motd.hbs": "hello {{ name }}\n", broken: "one\n{{ nobody }}\n" };
const lookups = lookupsOver(files, { env: ["/root"], fileglob: ["/a", "/b"], lines: [], file: [{ a: 1 }] });
const context = contextOf({ name: "Ann", port_a: 1, list: ["x", "y"] }, {}, lookups);
const expression = (source: string) => evaluate({ source, at }, context);
const template = (value: string) => render({ kind: "scalar", value, at }, context);

test.each<[expression: string, template: string, value: unknown]>([
  ["lookup('env', 'HOME')", "{{ lookup 'env' 'HOME' }}", "/root"],
  ["query('env', 'HOME')", "{{ query 'env' 'HOME' }}", ["/root"]],
  ["q('env', 'HOME')", "{{ q 'env' 'HOME' }}", ["/root"]],
  ["lookup('fileglob', '*')", "{{ lookup 'fileglob' '*' }}", "/a,/b"],
  ["query('fileglob', '*')", "{{ query 'fileglob' '*' }}", ["/a", "/b"]],
  ["lookup('lines', 'x')", "{{ lookup 'lines' 'x' }}", ""],
  ["lookup('file', 'x').a", "{{ item (lookup 'file' 'x') 'a' }}", 1],
  ["lookup('template', 'motd.hbs')", "{{ lookup 'template' 'motd.hbs' }}", "hello Ann\n"],
  ["lookup('vars', 'port_' + 'a')", "{{ lookup 'vars' 'port_a' }}", 1],
  ["lookup('vars', 'none', {'default': 2})", "{{ lookup 'vars' 'none' default=2 }}", 2],
  ["upper(lookup('env', 'HOME'))", "{{ upper (lookup 'env' 'HOME') }}", "/ROOT"],
  ["default(lookup('env', 'HOME'), 'x')", "{{ default (lookup 'env' 'HOME') 'x' }}", "/root"],
  ["query('fileglob', '*').map(x, x + lookup('env', 'HOME'))", "{{ from_json '[\"/a/root\", \"/b/root\"]' }}", ["/a/root", "/b/root"]],
])("%s, %s", (source, text, value) => {
  expect(expression(source)).toEqual(value);
  expect(template(text)).toEqual(value);
});

test.each<[string, string]>([
  ["{{ lookup 'pipe' 'a' list length=3 }}", '1:4: the lookup pipe was asked for {"terms":["a","x","y"],"options":{"length":3}}'],
  ["x {{ lookup name 'a' }}", '1:6: there is no lookup "Ann"'],
  ["{{ lookup 'vars' 'none' }}", '1:4: "none" is not defined'],
  ["{{ lookup 'template' 'broken' }}", '2:4: "nobody" is not defined'],
])("%s fails in its place", async (text, expected) => {
  expect((await problemsFrom(() => template(text))).map(placed)).toEqual([expected]);
});

test("in an expression the place is that of the call", async () => {
  expect((await problemsFrom(() => expression("name == lookup('pipe', 'a')"))).map(placed)).toEqual(['1:9: the lookup pipe was asked for {"terms":["a"],"options":{}}']);
});

test("an error that has no place yet gets that of the call", async () => {
  const fails: Lookups = { call: () => { throw new BowlineError({ code: "E_FILE", message: "there is no file x" }); }, partial: () => undefined };
  const problems = await problemsFrom(() => evaluate({ source: "lookup('file', 'x')", at }, contextOf({}, {}, fails)));
  expect(problems).toEqual([{ code: "E_FILE", message: "there is no file x", at }]);
});

test("a lookup that is not reached is not made", () => {
  expect(expression("name == 'Ann' || lookup('pipe', 'a') == ''")).toBe(true);
});
