import { join } from "node:path";
import { plainOf } from "../../src/core/node.ts";
import { Scope } from "../../src/core/scope.ts";
import { extraVariables } from "../../src/load/extra-vars.ts";
import { problemsFrom, removeTrees, tree } from "./_files.ts";

afterEach(removeTrees);

async function read(...typed: string[]): Promise<Record<string, unknown>> {
  const scope = Scope.empty.with(await extraVariables(typed));
  return Object.fromEntries(scope.names().map((name) => [name, plainOf(scope.get(name)!.value)]));
}

test.each<[string, Record<string, unknown>]>([
  ["a=1", { a: "1" }],
  ["a=true", { a: "true" }],
  ["a=", { a: "" }],
  ["a=b=c", { a: "b=c" }],
  ["a=it's", { a: "it's" }],
  ["a=1 b='x y' c=\"q\\\"r\"", { a: "1", b: "x y", c: 'q"r' }],
  ["  a=1  ", { a: "1" }],
  ["{a: 1, b: [true, x]}", { a: 1, b: [true, "x"] }],
  ['{"a": {"b": null}}', { a: { b: null } }],
])("-e %s", async (typed, expected) => {
  expect(await read(typed)).toEqual(expected);
});

test("a template in quotes is a value", async () => expect(await read('a="{{ b }}"')).toEqual({ a: "{{ b }}" }));

test("@file reads YAML and JSON, and later ones win", async () => {
  const dir = tree({ "one.yml": "a: 1\nb: 1\n", "two.json": '{"b": 2}' });
  expect(await read(`@${join(dir, "one.yml")}`, `@${join(dir, "two.json")}`, "c=3")).toEqual({ a: 1, b: 2, c: "3" });
});

test.each<[string, string, string]>([
  ["foo", '-e cannot read "foo"', "-e foo=…, or -e @foo for a file"],
  ["a=b c", '-e cannot read "a=b c"', "quote a value with blanks: -e 'a=\"b c\"'"],
  ["a='x", "-e cannot read \"a='x\"", "a quote is not closed, or text stands behind it"],
  ["=b", '-e cannot read "=b"', ""],
  ["[1]", '-e cannot read "[1]"', ""],
  ["", '-e cannot read ""', ""],
])("-e '%s' is refused: %s", async (typed, message, hint) => {
  const [problem] = await problemsFrom(() => read(typed));
  expect(problem).toMatchObject({ code: "E_OPTIONS", message, expected: "key=value, a mapping in braces, or @file" });
  expect(problem!.hint ?? "").toBe(hint);
});

test.each<[string, string, string]>([
  ["a mapping that does not end", "{a: 1", "E_YAML"],
  ["a file that is not there", "@/nowhere/vars.yml", "E_FILE"],
  ["a name that no template can use", "{a-b: 1}", "E_YAML"],
])("%s", async (_, typed, code) => {
  const [problem] = await problemsFrom(() => read(typed));
  expect(problem!.code).toBe(code);
});
