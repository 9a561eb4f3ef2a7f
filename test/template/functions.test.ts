import { checkExpression, evaluate } from "../../src/template/expression.ts";
import { childrenOf, parseCel } from "../../src/template/cel.ts";
import { signatureOf, type TemplateFunction } from "../../src/template/functions/function.ts";
import { crypt, crypts } from "../../src/template/functions/crypt.ts";
import { functionNamed, functionNames, functions } from "../../src/template/functions.ts";
import { render } from "../../src/template/render.ts";
import { problemsFrom } from "../load/_files.ts";
import { contextOf } from "./_variables.ts";

const at = { file: "f.yml", line: 1, column: 1 };
const none = contextOf({});
const expression = (source: string, context = none) => evaluate({ source, at }, context);
const template = (value: string, context = none) => render({ kind: "scalar", value, at }, context);
const examples = Object.entries(functions).flatMap(([name, { examples: all }]) => all.map(([source, value]) => [name, source, value] as const));

test.each(examples)("the example of %s: %s", (_, source, value) => {
  expect(source.startsWith("{{") ? template(source) : expression(source)).toEqual(value);
});

describe("what an expression calls a template calls too", () => {
  const calls = examples.filter(([name, source]) => parsedCall(source)?.name === name);
  /** Handlebars has a literal of the name undefined; CEL has methods of its own, or takes null for none. */
  const noHelper = ["undefined"];
  const noMethod = ["bool", "contains", "defined", "falsy", "int", "join", "map", "none", "split", "string", "ternary", "trim", "truthy", "undefined"];

  test.each(calls.filter(([name]) => !noHelper.includes(name)))("%s: %s", (name, source, value) => {
    const { args } = parsedCall(source)!;
    const values = Object.fromEntries(args.map((arg, index) => [`a${index}`, arg === "nobody" ? undefined : expression(arg)]).filter(([, each]) => each !== undefined));
    const words = args.map((arg, index) => (arg === "nobody" ? "nobody" : `a${index}`));
    expect(template(`{{ ${name} ${words.join(" ")} }}`, contextOf({}, values))).toEqual(value);
    expect(template(`{{#if true}}{{ to_json (${name} ${words.join(" ")}) }}{{/if}}`, contextOf({}, values))).toEqual(JSON.stringify(value));
  });

  test.each(calls.filter(([name]) => !noMethod.includes(name)))("and as a method, %s: %s", (name, source, value) => {
    const { args } = parsedCall(source)!;
    expect(expression(`(${args[0]}).${name}(${args.slice(1).join(", ")})`)).toEqual(value);
  });
});

/** The name and the arguments of an example that is one call and nothing else. */
function parsedCall(source: string): { name: string; args: string[] } | undefined {
  if (source.startsWith("{{")) return undefined;
  const { ast } = parseCel(source);
  if (ast.op !== "call") return undefined;
  return { name: ast.args[0].replace(/_$/, ""), args: childrenOf(ast.args[1]).map((arg) => source.slice(arg.start, arg.end)) };
}

test("every function has an example, lookups apart, which need a machine", () => {
  expect(Object.entries(functions).flatMap(([name, { examples: all, looks }]) => (all.length > 0 || looks ? [] : [name]))).toEqual([]);
});

test("no two functions have the same name, and an alias is no name", () => {
  const names = functionNames();
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test.each(Object.entries(functions).flatMap(([name, { aliases = [] }]) => aliases.map((alias) => [alias, name] as const)))("%s is %s", (alias, name) => {
  expect(functionNamed(alias)).toBe(functions[name]);
  expect(checkExpression({ source: `${alias}(x)`, at }).map(({ message }) => message).filter((message) => message.startsWith("there is no"))).toEqual([]);
});

test("names that objects have are no functions", () => {
  expect(["constructor", "toString", "__proto__", "hasOwnProperty"].map(functionNamed)).toEqual([undefined, undefined, undefined, undefined]);
});

describe("arguments by name", () => {
  test.each<[string, unknown]>([
    ["{{ indent 'a\nb' width=2 }}", "a\n  b"],
    ["{{ indent 'a\nb' first=true }}", "    a\n    b"],
    ["{{ sort list attribute='n' reverse=true }}", [{ n: 2 }, { n: 1 }]],
    ["{{ join (map list attribute='n') '-' }}", "1-2"],
    ["{{ combine one two recursive=true }}", { a: { x: 1, y: 2 } }],
    ["{{ default '' 'x' boolean=true }}", "x"],
    ["{{ to_nice_json one indent=1 }}", '{\n "a": {\n  "x": 1\n }\n}'],
    ["{{ password_hash 'secret' salt='saltstring' type='sha256' rounds=1000 }}", crypt(crypts.sha256, "secret", { salt: "saltstring", rounds: 1000 })],
  ])("%s", (source, value) => {
    expect(template(source, contextOf({ list: [{ n: 1 }, { n: 2 }], one: { a: { x: 1 } }, two: { a: { y: 2 } } }))).toEqual(value);
  });

  test.each<[string, string, string]>([
    ["{{ indent 'a' widht=2 }}", 'indent has no argument "widht"', 'did you mean "width"?'],
    ["{{ map list default=1 }}", "map needs attribute", "map(list, attribute, default?)"],
    ["{{ sort list 'a' true 1 }}", "sort takes 1 to 3 arguments, not 4", `${signatureOf("sort", functions["sort"] as TemplateFunction)}: ${functions["sort"]!.summary}`],
  ])("%s is refused", async (source, message, hint) => {
    expect(await problemsFrom(() => template(source))).toMatchObject([{ code: "E_TEMPLATE", message, hint, at: { line: 1 } }]);
  });
});

describe("a name alone is a variable", () => {
  test.each<[string, Readonly<Record<string, unknown>>, unknown]>([
    ["{{ version }}", { version: "1.2" }, "1.2"],
    ["{{ item }}", { item: 3 }, 3],
    ["{{ now }}", { now: "later" }, "later"],
    ["{{ upper first }}", { first: "x" }, "X"],
    ["{{ values.keys }}", { values: { keys: 1 } }, 1],
    ["{{#changed}}yes{{/changed}}", { changed: true }, "yes"],
    ["{{#each hosts}}{{ hash }}{{/each}}", { hosts: [{ hash: "a" }, { hash: "b" }] }, "ab"],
  ])("%s with %j", (source, values, value) => {
    expect(template(source, contextOf({}, values))).toEqual(value);
  });

  test("that of a function without arguments, where no variable has it, is its value", () => {
    expect(template("{{ now }}")).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  test("and what nothing defines is told to be a function", async () => {
    expect(await problemsFrom(() => template("{{ upper }}"))).toMatchObject([{ code: "E_UNDEFINED", message: '"upper" is not defined', hint: "upper is a function: upper(text) is written {{ upper text }}" }]);
  });
});

test.each<[string, string]>([
  ["first('Ann')", 'first needs a list, not text "Ann"'],
  ["join({'a': 1}, ',')", "join needs a list, not a mapping"],
  ["sort(null)", "sort needs a list, not nothing"],
  ["combine({}, [1])", "combine needs mappings, not a list"],
  ["bool('Ann')", 'bool needs true or false, not text "Ann"'],
  ["int('Ann')", 'int "Ann" is not a number'],
  ["length(null)", "length needs text, a list or a mapping, not nothing"],
  ["item([1], 9)", "item finds no 9 in a list"],
  ["item({}, 'q')", 'item finds no "q" in a mapping'],
  ["map([{'a': 1}], 'b')", 'map finds no "b" in an item: {"a":1}'],
  ["select([1], 'bigger', 1)", 'select knows no test "bigger"'],
  ["selectattr([{'a': 1}], 'a', 'equalt', 1)", 'selectattr knows no test "equalt": did you mean "equalto"?'],
  ["max([])", "max needs a list that is not empty"],
  ["range(1, 2, 0)", "range needs a step that is not 0"],
  ["range(10000000)", "range makes 1000000 numbers at most, not 10000000"],
  ["ipaddr('10.0.0.1/24', 'netmsk')", "ipaddr knows "],
  ["in_network('x', '10.0.0.0/8')", 'in_network needs an address, not text "x"'],
  ["version('1', '2', '~')", "version knows =="],
  ["hash('a', 'sha3000')", "hash knows sha1"],
  ["password_hash('x', 'sha512', '')", "password_hash needs a salt, so that every run gives the same"],
  ["password_hash('x', 'bcrypt', 'salt')", "password_hash knows sha256, sha512"],
  ["strftime('%Q', 0)", "strftime knows no %Q"],
  ["to_datetime('31.02.2026', '%d.%m.%Y')", "to_datetime needs a date that there is"],
  ["to_datetime('now')", "to_datetime needs a date as %Y-%m-%d %H:%M:%S"],
  ["human_to_bytes('much')", 'human_to_bytes needs a size such as 1.5 GB, not "much"'],
  ["urlsplit('nowhere')", "urlsplit needs a URL"],
  ["comment('x', 'pascal')", "comment knows plain"],
  ["groupby([{}], 'n')", 'groupby finds no "n" in {}'],
])("%s fails: %s", async (source, message) => {
  const [problem] = await problemsFrom(() => expression(source));
  expect(problem).toMatchObject({ code: "E_EXPRESSION", message: expect.stringContaining(message) });
});

test.each<[string]>([["from_json('Ann')"], ["regex_replace('a', '(', 'x')"], ["from_yaml('a: [')"]])("%s fails with the words of the parser", async (source) => {
  const [problem] = await problemsFrom(() => expression(source));
  expect(problem!.code).toBe("E_EXPRESSION");
});

const longText = "a very much longer text to encrypt.  This one even stretches over morethan one line.";

/** The vectors of the specification, https://www.akkadia.org/drepper/SHA-crypt.txt. */
test.each<["sha256" | "sha512", string, string, number | undefined, string]>([
  ["sha256", "saltstring", "Hello world!", undefined, "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"],
  ["sha256", "saltstringsaltstring", "Hello world!", 10000, "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"],
  ["sha256", "toolongsaltstring", "This is just a test", 5000, "$5$rounds=5000$toolongsaltstrin$Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGRcvxa5"],
  ["sha256", "anotherlongsaltstring", longText, 1400, "$5$rounds=1400$anotherlongsalts$Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1"],
  ["sha256", "short", "we have a short salt string but not a short password", 77777, "$5$rounds=77777$short$JiO1O3ZpDAxGJeaDIuqCoEFysAe1mZNJRs3pw0KQRd/"],
  ["sha256", "roundstoolow", "the minimum number is still observed", 10, "$5$rounds=1000$roundstoolow$yfvwcWrQ8l/K0DAWyuPMDNHpIVlTQebY9l/gL972bIC"],
  ["sha512", "saltstring", "Hello world!", undefined, "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"],
  ["sha512", "saltstringsaltstring", "Hello world!", 10000, "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v."],
  ["sha512", "toolongsaltstring", "This is just a test", 5000, "$6$rounds=5000$toolongsaltstrin$lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8audkUEm0"],
  ["sha512", "anotherlongsaltstring", longText, 1400, "$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1"],
  ["sha512", "short", "we have a short salt string but not a short password", 77777, "$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0"],
  ["sha512", "roundstoolow", "the minimum number is still observed", 10, "$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX."],
])("%s-crypt of %s", (kind, salt, password, rounds, hash) => {
  expect(crypt(crypts[kind], password, { salt, ...(rounds === undefined ? {} : { rounds }) })).toBe(hash);
});

describe("beyond the examples", () => {
  test.each<[string, unknown]>([
    ["password_hash('x', 'sha512', 'web-1.example.com') == password_hash('x', 'sha512', 'web-1.example.com')", true],
    ["match(password_hash('x', 'sha512', 'web-1.example.com'), '\\\\$6\\\\$[./0-9A-Za-z]{16}\\\\$')", true],
    ["ipaddr('10.0.0.1', '10.0.0.0/8')", "10.0.0.1"],
    ["ipaddr('10.0.0.1', '11.0.0.0/8')", false],
    ["ipaddr('10.0.0.0/30', 'range_usable')", "10.0.0.1-10.0.0.2"],
    ["ipaddr('10.0.0.0/31', 'range_usable')", "10.0.0.0-10.0.0.1"],
    ["ipaddr('10.0.0.0/255.255.255.0', 'prefix')", 24],
    ["ipaddr('10.0.0.0/255.0.255.0')", false],
    ["ipaddr('10.0.0.0/33')", false],
    ["ipaddr('192.168.1.0/24', -1)", "192.168.1.255/24"],
    ["ipaddr('192.168.1.5/24', 'broadcast')", "192.168.1.255"],
    ["ipaddr('192.168.1.5/24', 'hostmask')", "0.0.0.255"],
    ["ipaddr('192.168.1.0/24', 'size')", 256],
    ["ipaddr('10.1.2.3', 'revdns')", "3.2.1.10.in-addr.arpa."],
    ["ipaddr(['10.0.0.1', '8.8.8.8'], 'private')", ["10.0.0.1"]],
    ["ipaddr('8.8.8.8', 'public')", "8.8.8.8"],
    ["ipaddr('::ffff:10.0.0.1', 'address')", "::ffff:a00:1"],
    ["ipaddr('2001:db8:0:0:1:0:0:1', 'address')", "2001:db8::1:0:0:1"],
    ["ipaddr('2001:db8::1/64', 'network')", "2001:db8::"],
    ["in_network('::1', '10.0.0.0/8')", false],
    ["version('1.2.3', '1.2', 'ge')", true],
    ["version('1.0', '1.0.0', 'lt')", true],
    ["version('2.9b', '2.10', '<')", true],
    ["version('v20.19', 'v20.2', '>')", true],
    ["regex_replace('Web', '(?i)web', 'x')", "x"],
    ["regex_replace('a-b', '(?P<l>[a-z])-(?P<r>[a-z])', '\\\\g<r>-\\\\g<l>')", "b-a"],
    ["regex_search('ABC', 'b', false, true)", "B"],
    ["regex_findall('a\\nb', '^.$', true)", ["a", "b"]],
    ["replace('a.b', '.', '$&')", "a$&b"],
    ["round(1.005, 2)", 1.01],
    ["round(-2.1, 0, 'floor')", -3],
    ["urlsplit('http://u:p%40@[::1]:80/a?b#c')", { scheme: "http", netloc: "u:p%40@[::1]:80", hostname: "::1", port: 80, path: "/a", query: "b", fragment: "c", username: "u", password: "p@" }],
    ["to_nice_yaml({'on': 'yes', 'n': '012', 'm': 'a\\nb'})", '"on": "yes"\n"n": "012"\nm: |-\n  a\n  b\n'],
    ["unique([{'a': 1, 'b': 2}, {'b': 2, 'a': 1}])", [{ a: 1, b: 2 }]],
    ["symmetric_difference([], [])", []],
    ["selectattr([{'tags': ['a']}, {'tags': []}], 'tags', 'contains', 'a')", [{ tags: ["a"] }]],
    ["rejectattr([{'n': 'a'}, {'n': 'b'}], 'n', 'in', ['a'])", [{ n: "b" }]],
    ["select([1, 2, 3, 4], 'even')", [2, 4]],
    ["[{'n': 1}].selectattr('n', 'eq', 1).map(x, x.n)", [1]],
    ["slice([1, 2, 3, 4], 3, 0)", [[1, 2], [3, 0], [4, 0]]],
    ["subelements([{'k': [1]}, {}], 'k', {'skip_missing': true})", [[{ k: [1] }, 1]]],
    ["random(['a', 'b', 'c'], 'x') == random(['a', 'b', 'c'], 'x')", true],
    ["strftime('%j %U'.replace(' %U', ''), 86400, true)", "002"],
    ["strftime('%s', 1234, false)", "1234"],
    ["to_datetime('2026-01-31T12:00:00+0100', '%Y-%m-%dT%H:%M:%S%z') == to_datetime('2026-01-31 11:00:00')", true],
    ["type(1) == int && type('x') == string && type(true) == bool", true],
    ["failed({'rc': 1}) || succeeded({'rc': 0})", true],
  ])("%s", (source, value) => {
    expect(expression(source)).toEqual(value);
  });
});
