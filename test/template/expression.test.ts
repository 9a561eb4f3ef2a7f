import { checkCondition, checkExpression, condition, evaluate, expressionNames } from "../../src/template/expression.ts";
import { definedBy } from "../../src/template/names.ts";
import { placed, problemsFrom } from "../load/_files.ts";
import { contextOf } from "./_variables.ts";

const variables = {
  name: "Ann",
  port: 5000,
  ratio: 1.5,
  flag: true,
  word: "true",
  empty: "",
  nothing: null,
  list: [1, 2, 3],
  map: { a: 1, b: { c: "deep" } },
  users: [{ id: "x", age: 30 }, { id: "y", age: 50 }],
  type: "web",
  string: "a variable named like a type",
  result: { rc: 0, stdout: "hello world", failed: false, changed: true, stdout_lines: ["hello world"] },
};
const context = contextOf(variables);
const source = (text: string) => ({ source: text, at: { file: "f.yml", line: 1, column: 1 } });
const value = (text: string) => evaluate(source(text), context);

describe("an expression has a value", () => {
  test.each<[string, unknown]>([
    ["port == 5000", true],
    ["port + 1", 5001],
    ["port - 0.5", 4999.5],
    ["ratio * 2", 3],
    ["2 * ratio", 3],
    ["7 / 2", 3],
    ["7 / 2.0", 3.5],
    ["7 % 2", 1],
    ["-port", -5000],
    ["port > 1.5", true],
    ["1 == 1.0", true],
    ["port >= 1 && port <= 65535", true],
    ["port < 1 || flag", true],
    ["!flag", false],
    ["flag ? 'yes' : 'no'", "yes"],
    ["name + '!'", "Ann!"],
    ["name in ['Ann', 'Bob']", true],
    ["'a' in map", true],
    ["2 in list", true],
    ["list == [1, 2, 3]", true],
    ["map == {'a': 1, 'b': {'c': 'deep'}}", true],
    ["[1, 'mixed', true, null]", [1, "mixed", true, null]],
    ["{'a': 1, 'b': 'x'}", { a: 1, b: "x" }],
    ["list[0] + list[2]", 4],
    ["map.b.c", "deep"],
    ["map['b']['c']", "deep"],
    ["users[1].id", "y"],
    ["nothing == null", true],
    ["port != null", true],
    ["type == 'web'", true],
    ["string", "a variable named like a type"],
    ["list.size()", 3],
    ["has(map.a)", true],
    ["has(map.q)", false],
    ["type(port) == int", true],
    ["result.rc == 0 && result.stdout.contains('world')", true],
    ["result.stdout.startsWith('hello')", true],
    ["result.stdout.endsWith('x')", false],
    ["result.stdout.matches('^h.*d$')", true],
    ["list.exists(x, x == 2)", true],
    ["list.all(x, x > 0)", true],
    ["list.filter(x, x > 1)", [2, 3]],
    ["list.map(x, x * 10)", [10, 20, 30]],
    ["users.filter(u, u.age > 40).map(u, u.id)", ["y"]],
    ["users.exists_one(u, u.id == 'x')", true],
    ["timestamp('2026-11-24T00:00:00Z')", "2026-11-24T00:00:00.000Z"],
    ["size('ünïcode')", 7],
  ])("%s", (text, expected) => {
    expect(value(text)).toEqual(expected);
  });
});

describe("what may be missing", () => {
  test.each<[string, unknown]>([
    ["defined(name)", true],
    ["defined(nobody)", false],
    ["defined(nothing)", false],
    ["defined(map.a)", true],
    ["defined(map.q)", false],
    ["defined(map.q.r)", false],
    ["defined(nobody.at.all)", false],
    ["defined(list[9])", false],
    ["defined(nothing.x)", false],
    ["default(nobody, 1)", 1],
    ["default(nothing, 1)", 1],
    ["default(name, 1)", "Ann"],
    ["default(map.q, 'other')", "other"],
    ["default(nobody.at.all, 'other')", "other"],
    ["default(list[9], 'other')", "other"],
    ["default(empty, 'other')", ""],
    ["default(default(nobody, nothing), 'last')", "last"],
    ["defined(nobody) && nobody > 1", false],
    ["!defined(nobody) || nobody > 1", true],
    ["defined(nobody) ? nobody : 'none'", "none"],
    ["has(result.err) && result.err == 1", false],
    ["upper(default(nobody, 'x'))", "X"],
  ])("%s", (text, expected) => {
    expect(value(text)).toEqual(expected);
  });
});

describe("a mistake is told in a person's words", () => {
  test.each<[string, string, string]>([
    ["nam == 1", '1:1: "nam" is not defined', 'did you mean "name"?'],
    ["flag && nam == 1", '1:9: "nam" is not defined', 'did you mean "name"?'],
    ["flag == True", '1:9: "True" is not defined', "write true"],
    ["nothing == None", '1:12: "None" is not defined', "write null"],
    ["map.q", '1:5: there is no "q" in map: map.q', ""],
    ["map.b.q == 1", '1:7: there is no "q" in map.b: map.b.q == 1', ""],
    ["result.stdot == ''", '1:8: there is no "stdot" in result: result.stdot == \'\'', 'did you mean "stdout"?'],
    ["users.exists(u, u.nam == 'x')", '1:19: there is no "nam" in u: users.exists(u, u.nam == \'x\')', ""],
    ["list[9]", "1:1: there is no item 9 in a list of 3: list[9]", "the first item is [0]"],
    ["5 / 0", "1:1: division by zero: 5 / 0", ""],
    ["port + 'x'", "1:1: cannot do int + string: port + 'x'", 'text and numbers do not mix: int("5") and string(5) convert'],
    ["nothing > 1", "1:1: cannot do null > int: nothing > 1", "compare with null first, or write default(value, other)"],
    ["!port", "1:1: cannot do !int: !port", "only true and false can be combined: compare the value first"],
    ["first(name)", '1:1: first needs a list, not text "Ann": first(name)', ""],
    ["int('x')", "1:1: int \"x\" is not a number: int('x')", ""],
    ["lookup('evn', 'HOME')", "1:1: there is no lookup \"evn\": lookup('evn', 'HOME')", 'did you mean "env"?'],
    ["lookup('env', 'HOME')", "1:1: lookups do not work here", "they work in tasks, and in the variables that tasks use"],
  ])("%s", async (text, expected, hint) => {
    const problems = await problemsFrom(() => value(text));
    expect(problems.map(placed)).toEqual([expected]);
    if (hint !== "") expect(problems[0]!.hint).toBe(hint);
  });

  test.each<[string, string]>([
    ["{{ flag }}", "an expression stands without {{ }}: write flag"],
    ["name is defined", "write defined(name)"],
    ["name is not defined", "write !defined(name)"],
    ["name is undefined", "write !defined(name)"],
    ["result is failed", "write failed(result)"],
    ["result is not changed", "write !changed(result)"],
    ["name is match('A.*')", "write match(name, 'A.*')"],
    ["name is none", "write name == null"],
    ["name not in list", "write !contains(list, name)"],
    ["not flag", "write !flag"],
    ["flag and port > 1", "write flag && port > 1"],
    ["flag or port > 1", "write flag || port > 1"],
    ["name | upper", "write upper(name)"],
    ["port = 5000", "write == to compare"],
    ["name ~ 'x'", "write string(name) + 'x'"],
    ["'x' if flag else 'y'", "write flag ? 'x' : 'y'"],
    ["lengh(list)", 'did you mean "length"?'],
    ["len(list)", "write length(value)"],
    ["name.strip()", "write trim(name)"],
    ["name.startswith('A')", "write name.startsWith('A')"],
    ["name.find('x') != -1", "write contains(name, 'x')"],
    ["x | frobnicate", "there are no filters: call functions, as in length(list) and default(name, 1)"],
    ["name.find('x') == 0", 'write text.contains("…")'],
    ["name.contians('x')", 'did you mean "contains"?'],
    ["default(port)", "The first value, or the second where the first is not defined or null; with a third that is true, also where it is empty or false."],
    ["'x' in 'text'", "write contains('text', 'x')"],
    ["1 + 'a'", 'text and numbers do not mix: int("5") and string(5) convert'],
    ["package == 'x'", "a variable of this name cannot stand in an expression: give it another name"],
    ["", "write what must be true, or take the line out"],
  ])("before a host is known, and with a hint: %s", (text, hint) => {
    const [problem] = checkExpression(source(text));
    expect(problem).toMatchObject({ code: "E_EXPRESSION", hint });
  });

  test.each([["1 +"], ["(1 + 2"], ["a ==== b"], ["a..b"], ["'open"]])("%s is no expression", (text) => {
    expect(checkExpression(source(text))).toHaveLength(1);
  });

  test.each([["nobody > 1"], ["nobody.at.all"], ["default(x, y)"], ["users.filter(u, u.age > 40)"], ["list.map(type, type + 1)"]])("%s may be right, who knows", (text) => {
    expect(checkExpression(source(text))).toEqual([]);
  });
});

describe("a condition is strictly true or false", () => {
  test.each<[string, boolean]>([["flag", true], ["!flag", false], ["bool(word)", true], ["length(list) > 0", true], ["name != ''", true]])("%s", (text, holds) => {
    expect(condition(source(text), context)).toBe(holds);
  });

  test.each<[string, string, string]>([
    ["name", '"Ann"', 'compare it: name != ""'],
    ["word", '"true"', "text is no truth: write bool(word), or give it as -e '{\"word\": true}'"],
    ["port", "5000", "compare it: port != 0"],
    ["list", "[1,2,3]", "ask for its length: length(list) > 0"],
    ["nothing", "null", "compare it: nothing != null"],
    ["map", '{"a":1,"b":{"c":"deep"}}', "compare it with something: ==, !=, >"],
  ])("%s is neither", async (text, seen, hint) => {
    const problems = await problemsFrom(() => condition(source(text), context));
    expect(problems).toEqual([{ code: "E_EXPRESSION", message: `a condition must be true or false: ${text}`, at: source("").at, expected: "true or false", seen, hint }]);
  });
});

test.each<[string, string | undefined]>([
  ["1", "a number"],
  ["1.5 + 1.0", "a number"],
  ["'text'", "text"],
  ["[1]", "a list"],
  ["{'a': 1}", "a mapping"],
  ["type(name) == int", undefined],
  ["name", undefined],
  ["length(list)", "a number or text"],
  ["port + 1", "a number or text"],
  ["list.join(',')", "text"],
  ["true", undefined],
  ["default(name, false)", undefined],
])("before a run it is known of the condition %s to be %s", (text, seen) => {
  expect(checkCondition(source(text)).map((problem) => problem.seen)).toEqual(seen === undefined ? [] : [seen]);
});

describe("the names that an expression needs", () => {
  test.each<[string, string]>([
    ["a == b.c && d[e] > 1", "a b d e"],
    ["defined(a)", "a?"],
    ["default(a.b, c)", "a? c"],
    ["defined(a) && a > b", "a? b"],
    ["a > 1 && defined(a)", "a"],
    ["!defined(a) || a > 1", "a?"],
    ["defined(a) || a > 1", "a"],
    ["defined(a) ? a : b", "a? b"],
    ["!defined(a) ? b : a", "a? b"],
    ["defined(a) && defined(b) && a + b > c", "a? b? c"],
    ["(defined(a) || defined(b)) && a > 1", "a b?"],
    ["rows.exists(x, x == a)", "rows a"],
    ["rows.map(rows, rows + 1)", "rows"],
    ["has(a.b)", "a"],
    ["type(a) == string", "a string?"],
    ["'a b c'", ""],
  ])("%s: %s", (text, names) => {
    const uses = expressionNames(source(text)).map(({ name, lenient }) => `${name}${lenient ? "?" : ""}`);
    expect(uses.join(" ")).toBe(names);
  });

  test.each<[string, string]>([
    ["defined(a)", "a"],
    ["defined(a.b)", "a"],
    ["defined(a) && b", "a"],
    ["defined(a) || defined(b)", ""],
    ["!defined(a)", ""],
    ["!(!defined(a) || b)", "a"],
    ["a > 1", ""],
    ["a is defined", ""],
  ])("%s makes sure of: %s", (text, names) => {
    expect([...definedBy(source(text))].join(" ")).toBe(names);
  });
});
