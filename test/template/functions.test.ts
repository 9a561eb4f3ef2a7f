import { evaluate } from "../../src/template/expression.ts";
import { functions } from "../../src/template/functions.ts";
import { render } from "../../src/template/render.ts";
import { problemsFrom } from "../load/_files.ts";
import { contextOf } from "./_variables.ts";

const at = { file: "f.yml", line: 1, column: 1 };
const context = contextOf({
  name: "Ann",
  path: "/srv/data/file.txt",
  list: [3, 1, 2, 1],
  words: ["b", "a"],
  nested: [1, [2, [3, []]]],
  map: { a: 1, b: "x" },
  json_text: '{"k": [1, true]}',
  lines: "one\ntwo\n\nthree",
  nothing: null,
  yes: "True",
});

/** `{{ helper call }}` and its value; the second column is how an expression calls it, where it can. */
const cases: readonly [call: string, expression: string | undefined, value: unknown][] = [
  ["and name list", undefined, true],
  ["and name nobody", undefined, false],
  ["b64decode 'QW5u'", "b64decode('QW5u')", "Ann"],
  ["b64encode name", "b64encode(name)", "QW5u"],
  ["basename path", "basename(path)", "file.txt"],
  ["basename '/srv/data/'", "basename('/srv/data/')", "data"],
  ["bool yes", "bool(yes)", true],
  ["bool 'false'", "bool('false')", false],
  ["default nobody 'x'", "default(nobody, 'x')", "x"],
  ["default name 'x'", "default(name, 'x')", "Ann"],
  ["defined nobody", "defined(nobody)", false],
  ["defined map.a", "defined(map.a)", true],
  ["dirname path", "dirname(path)", "/srv/data"],
  ["dirname '/file'", "dirname('/file')", "/"],
  ["eq name 'Ann'", undefined, true],
  ["eq 1 '1'", undefined, false],
  ["first list", "first(list)", 3],
  ["flatten nested", "flatten(nested)", [1, 2, 3]],
  ["from_json json_text", "from_json(json_text)", { k: [1, true] }],
  ["ge 2 2", undefined, true],
  ["gt 10 9", undefined, true],
  ["in 'a' words", undefined, true],
  ["in 'b' map", undefined, true],
  ["in 'n' name", undefined, true],
  ["in 'z' words", undefined, false],
  ["indent lines 2", "indent(lines, 2)", "one\n  two\n\n  three"],
  ["int '42'", "int('42')", 42],
  ["int 4.9", "int(4.9)", 4],
  ["join words ', '", "join(words, ', ')", "b, a"],
  ["json map", "json(map)", '{"a":1,"b":"x"}'],
  ["json_pretty words", "json_pretty(words)", '[\n  "b",\n  "a"\n]'],
  ["last list", "last(list)", 1],
  ["le 1 2", undefined, true],
  ["length list", "length(list)", 4],
  ["length name", "length(name)", 3],
  ["length map", "length(map)", 2],
  ["lookup list 1", undefined, 1],
  ["lookup map 'b'", undefined, "x"],
  ["lower name", "lower(name)", "ann"],
  ["lt 'a' 'b'", undefined, true],
  ["merge map (from_json '{\"b\": 2}')", "merge(map, {'b': 2})", { a: 1, b: 2 }],
  ["ne 1 2", undefined, true],
  ["not nobody", undefined, true],
  ["not name", undefined, false],
  ["or nobody name", undefined, "Ann"],
  ["or nobody nothing", undefined, null],
  ["quote \"it's\"", "quote(\"it's\")", "'it'\\''s'"],
  ["regex_replace path '/([a-z]+)/' '<$1>'", "regex_replace(path, '/([a-z]+)/', '<$1>')", "<srv>data/file.txt"],
  ["replace path '/' '.'", "replace(path, '/', '.')", ".srv.data.file.txt"],
  ["sort list", "sort(list)", [1, 1, 2, 3]],
  ["sort words", "sort(words)", ["a", "b"]],
  ["split path '/'", "split(path, '/')", ["", "srv", "data", "file.txt"]],
  ["string 5", "string(5)", "5"],
  ["trim '  x '", "trim('  x ')", "x"],
  ["unique list", "unique(list)", [3, 1, 2]],
  ["upper name", "upper(name)", "ANN"],
];

test.each(cases.map(([call, , value]) => [call, value] as const))("{{ %s }}", (call, value) => {
  expect(render({ kind: "scalar", value: `{{ ${call} }}`, at }, context)).toEqual(value);
});

test.each(cases.flatMap(([, expression, value]) => (expression === undefined ? [] : [[expression, value] as const])))("%s", (expression, value) => {
  expect(evaluate({ source: expression, at }, context)).toEqual(value);
});

test("every function of the table is called here, and every one that CEL lacks from an expression too", () => {
  const called = (texts: readonly string[]) => [...new Set(texts.map((text) => /^\w+/.exec(text)![0]))].sort();
  expect(called(cases.map(([call]) => call))).toEqual(Object.keys(functions));
  const inExpressions = called(cases.flatMap(([, expression]) => (expression === undefined ? [] : [expression])));
  expect(Object.keys(functions).filter((name) => !functions[name]!.inCel && !inExpressions.includes(name))).toEqual([]);
});

test.each<[string, string]>([
  ["first name", 'first needs a list, not text "Ann"'],
  ["join map ','", "join needs a list, not a mapping"],
  ["sort nothing", "sort needs a list, not nothing"],
  ["merge map list", "merge needs mappings, not a list"],
  ["bool name", 'bool needs true or false, not text "Ann"'],
  ["int name", 'int "Ann" is not a number'],
  ["length nothing", "length has no length: "],
  ["lookup list 9", "lookup finds no 9 in a list"],
  ["lookup map 'q'", 'lookup finds no "q" in a mapping'],
])("{{ %s }} fails: %s", async (call, message) => {
  const [problem] = await problemsFrom(() => render({ kind: "scalar", value: `{{ ${call} }}`, at }, context));
  expect(problem).toMatchObject({ code: "E_TEMPLATE", message });
});

test.each<[string]>([["from_json name"], ["regex_replace name '(' 'x'"]])("{{ %s }} fails with the words of the parser", async (call) => {
  const [problem] = await problemsFrom(() => render({ kind: "scalar", value: `{{ ${call} }}`, at }, context));
  expect(problem!.code).toBe("E_TEMPLATE");
});
