import { evaluate } from "../../src/template/expression.ts";
import { parseYaml } from "../../src/load/yaml.ts";
import { render } from "../../src/template/render.ts";
import { placed, problemsFrom } from "../load/_files.ts";
import { contextOf } from "./_variables.ts";

const at = { file: "f.yml", line: 1, column: 1 };
const context = contextOf({ owner: null, name: "Ann", left: "{{ omit }}", chosen: "{{ default nobody omit }}" });
const rendered = (yaml: string) => render(parseYaml(yaml, "f.yml"), context);

describe("what is omitted is not there", () => {
  test.each<[string, string, unknown]>([
    ["a key", 'a: 1\nb: "{{ omit }}"\n', { a: 1 }],
    ["a key whose default it is", 'a: 1\nb: "{{ default nobody omit }}"\nc: "{{ default name omit }}"\n', { a: 1, c: "Ann" }],
    ["a key of an expression", "a: 1\nb: !expr 'default(nobody, omit)'\nc: !expr 'name == \"Ann\" ? omit : 1'\n", { a: 1 }],
    ["an item", '- 1\n- "{{ omit }}"\n- 2\n', [1, 2]],
    ["deep in mappings and lists", 'a:\n  b:\n    - c: "{{ omit }}"\n      d: 1\n', { a: { b: [{ d: 1 }] } }],
    ["behind a variable", 'a: "{{ left }}"\nb: "{{ chosen }}"\nc: !expr left\n', {}],
    ["chosen by a function", 'a: "{{ ternary true omit 1 }}"\nb: "{{ ternary false omit 1 }}"\n', { b: 1 }],
  ])("%s", (_, yaml, value) => {
    expect(rendered(yaml)).toEqual(value);
  });

  test("null is a value of a key, and stays", () => {
    expect(rendered('a: "{{ owner }}"\nb: null\n')).toEqual({ a: null, b: null });
  });

  test("as everything it is null, which an absent argument is", () => {
    expect([rendered('"{{ omit }}"'), evaluate({ source: "omit", at }, context)]).toEqual([null, null]);
  });
});

test.each<[string, string]>([
  ['"a {{ omit }}"', "1:7: omit leaves out a whole value, it cannot be a part of text"],
  ['"{{ upper omit }}"', "1:5: upper omit leaves out a whole value, it cannot be a part of text"],
])("%s is an error", async (yaml, expected) => {
  expect((await problemsFrom(() => rendered(yaml))).map(placed)).toEqual([expected]);
});
