import { entryOf, plainOf, type MappingNode, type SourceNode } from "../../src/core/node.ts";
import { parseYaml } from "../../src/load/yaml.ts";
import { placed, problemsFrom } from "./_files.ts";

const read = (text: string) => plainOf(parseYaml(text, "f.yml"));

describe("values are those of YAML 1.2", () => {
  test.each<[string, string, unknown]>([
    ["Norway is text", "no", "no"],
    ["so is YES", "YES", "YES"],
    ["so are on and Off", "[on, Off, y, n]", ["on", "Off", "y", "n"]],
    ["true and True are true", "[true, True, TRUE]", [true, true, true]],
    ["false and False are false", "[false, False]", [false, false]],
    ["a leading zero makes no octal number", "0644", 644],
    ["0o makes one", "0o644", 420],
    ["0x is hexadecimal", "0x1F", 31],
    ["a mode in quotes stays text", "'0644'", "0644"],
    ["colons make no sexagesimal number", "12:30:45", "12:30:45"],
    ["underscores make no number", "1_000", "1_000"],
    ["a date is text", "2026-11-24", "2026-11-24"],
    ["an exponent makes a number", "1e3", 1000],
    ["~ and null and nothing are null", "[~, null, '', ]", [null, null, ""]],
    ["a version with two dots is text", "1.2.3", "1.2.3"],
    ["a quote inside quotes is written twice", "'it''s'", "it's"],
  ])("%s", (_, written, value) => {
    expect(read(`key: ${written}\n`)).toEqual({ key: value });
  });
});

describe("shapes", () => {
  test.each<[string, string, unknown]>([
    ["an empty file is null", "", null],
    ["a file of comments is null", "# nothing\n\n# here\n", null],
    ["a key without a value is null", "a:\n", { a: null }],
    ["keys that are no text become text", "1: a\ntrue: b\n", { "1": "a", true: "b" }],
    ["Windows line ends are line ends", "a: 1\r\nb: two\r\n", { a: 1, b: "two" }],
    ["a byte order mark is skipped", "\uFEFFa: 1\n", { a: 1 }],
    ["a literal block keeps its lines", "a: |\n  one\n  two\n", { a: "one\ntwo\n" }],
    ["a folded block joins them", "a: >-\n  one\n  two\n", { a: "one two" }],
    ["an alias is a copy", "a: &x {p: 1}\nb: *x\n", { a: { p: 1 }, b: { p: 1 } }],
    ["a merge key brings in what is not there", "a: &x {p: 1, q: 1}\nb:\n  <<: *x\n  q: 2\n", { a: { p: 1, q: 1 }, b: { p: 1, q: 2 } }],
    ["of several merged mappings the first wins", "a: &x {p: 1}\nb: &y {p: 2, r: 3}\nc: {<<: [*x, *y]}\n", { a: { p: 1 }, b: { p: 2, r: 3 }, c: { p: 1, r: 3 } }],
    ["__proto__ is a key like any other", "__proto__: {x: 1}\n", JSON.parse('{"__proto__": {"x": 1}}')],
    ["one document may begin with dashes", "---\na: 1\n", { a: 1 }],
  ])("%s", (_, text, value) => {
    expect(read(text)).toEqual(value);
  });
});

test("!expr is an expression with the place of its text", () => {
  const root = parseYaml("a: !expr port + 1\nb: !expr 'x'\n", "f.yml") as MappingNode;
  expect(entryOf(root, "a")!.value).toEqual({ kind: "expression", source: "port + 1", at: { file: "f.yml", line: 1, column: 10 } });
  expect(entryOf(root, "b")!.value).toMatchObject({ source: "x", at: { line: 2, column: 11 } });
});

describe("every part knows its place", () => {
  const text = 'plain: word\nquoted: "text"\nlist:\n  - {inner: 5}\nblock: |\n    first\n    second\n';
  const root = parseYaml(text, "f.yml") as MappingNode;
  const at = (node: SourceNode) => `${node.at.line}:${node.at.column}`;
  const value = (key: string) => entryOf(root, key)!.value;

  test("a plain value begins at its first character", () => expect(at(value("plain"))).toBe("1:8"));
  test("a quoted one behind its quote", () => expect(at(value("quoted"))).toBe("2:10"));
  test("a key at its first character", () => expect(entryOf(root, "list")!.keyAt).toEqual({ file: "f.yml", line: 3, column: 1 }));
  test("a value in a list in a mapping", () => {
    const list = value("list");
    const item = list.kind === "sequence" ? (list.items[0] as MappingNode) : root;
    expect(at(entryOf(item, "inner")!.value)).toBe("4:13");
  });
  test("a block says where its lines stand", () => expect(value("block")).toMatchObject({ block: { firstLine: 6, indent: 4 } }));
  test("behind a byte order mark columns count as an editor shows them", () => {
    const marked = parseYaml("\uFEFFa: b\n", "f.yml") as MappingNode;
    expect(at(entryOf(marked, "a")!.value)).toBe("1:4");
  });
});

describe("mistakes are told with their place", () => {
  const rows: readonly [string, string, string[], string?][] = [
    ["a key that stands twice", "a: 1\nb: 2\na: 3\n", ["3:1: this key stands here twice"]],
    ["every one of them", "- a: 1\n  a: 2\n- c: 1\n  c: 2\n", ["2:3: this key stands here twice", "4:3: this key stands here twice"]],
    ["a key that stands twice, once as a number", '1: a\n"1": b\n', ["2:1: this key stands here twice"]],
    ["a key that stands three times", "a: 1\na: 2\na: 3\n", ["2:1: this key stands here twice", "3:1: this key stands here twice"]],
    ["a tab as indentation", "a:\n\tb: 1\n", ["2:1: a tab where YAML wants blanks"], "indent with blanks"],
    ["braces without quotes", "a: {{ name }}\n", ["1:4: a value that begins with {{ must stand in quotes"], 'write "{{ name }}"'],
    ["the same in a list", "- {{ name }}\n", ["1:3: a value that begins with {{ must stand in quotes"]],
    ["the same with more text", "src: {{ dir }}/x # why\n", ["1:6: a value that begins with {{ must stand in quotes"], 'write "{{ dir }}/x"'],
    ["a quote that is not closed, where it was opened", 'a: 1\nb: "x\nc: 1\n', ["2:4: this quote is not closed"]],
    ["a bracket that is not closed", "a: [1, 2\nb: 3\n", ["1:4: this [ is not closed"]],
    ["a brace that is not closed, behind one that is", "a: {b: {c: 1}\nd: 3\n", ["1:4: this { is not closed"], "close it with ] or }"],
    ["a second colon", "a: b: c\n", ["1:4: a second colon where a value stands"]],
    ["a line that is indented too far", "a: 1\n  b: 2\n", ["2:3: this line is indented too far"]],
    ["a key without its colon above others", "a:\n  b\n    c: 1\n", ["2:3: there is no colon after this key"]],
    ["a key without a colon", "a:\n- 1\n-2\n", ["3:1: there is no colon after this key"]],
    ["a value that begins with @", "a: @x\n", ["1:4: a value cannot begin with this character"], "put the value in quotes"],
    ["text behind a closing quote", "a: 'it's'\n", ["1:8: the value ends before this"]],
    ["an alias of nothing", "a: *x\nb: *y\n", ["1:4: there is no anchor &x before this", "2:4: there is no anchor &y before this"]],
    ["an alias inside its own anchor", "a: &a [*a]\n", ["1:8: there is no anchor &a before this"]],
    ["a merge of something else", "a: {<<: 5}\n", ["1:9: << merges mappings only"]],
    ["a list as a key", "? [a, b]\n: 1\n", ["1:3: a key must be text"]],
    ["a second document", "a: 1\n---\nb: 2\n", ["2:1: a file holds one document"], "take the second --- away"],
    ["a vault that is no text", "a: !vault [b]\n", ["1:4: !vault stands before the text that was encrypted"], "bowline secrets encrypt-value makes one"],
    ["another tag", "a: !sops x\n", ["1:4: unknown tag !sops"], "!expr, !secret and !vault are all there are"],
    ["!expr before a list", "a: !expr [1]\n", ["1:4: !expr stands before a text"]],
    ["a number too long to keep", "id: 12345678901234567890\n", ["1:5: 12345678901234567890 is not a number that can be kept exactly"], 'put it in quotes: "12345678901234567890"'],
    ["a number that JSON does not have", "a: .inf\n", ["1:4: .inf is not a number that can be kept exactly"]],
    ["several things at once", "a: 1\na: 2\nb: *x\nc: [1\n", ["2:1: this key stands here twice", "3:4: there is no anchor &x before this", "4:4: this [ is not closed"]],
  ];
  test.each(rows.map(([name, text, expected]) => [name, text, expected] as const))("%s", async (_, text, expected) => {
    const problems = await problemsFrom(() => parseYaml(text, "f.yml"));
    expect(problems.map(placed)).toEqual(expected);
    expect(problems.map((problem) => problem.code)).toEqual(expected.map(() => "E_YAML"));
  });

  test.each(rows.flatMap(([name, text, , hint]) => (hint === undefined ? [] : [[name, text, hint] as const])))("the hint for %s", async (_, text, hint) => {
    const [problem] = await problemsFrom(() => parseYaml(text, "f.yml"));
    expect(problem!.hint).toBe(hint);
  });
});

test("aliases that multiply each other are stopped", async () => {
  const levels = Array.from({ length: 24 }, (_, index) => `a${index + 1}: &a${index + 1} [${Array(10).fill(`*a${index}`).join(", ")}]`);
  const problems = await problemsFrom(() => parseYaml(["a0: &a0 [x]", ...levels].join("\n"), "f.yml"));
  expect(problems.map((problem) => problem.message)).toEqual(["this is nested too deeply or repeats itself too often"]);
});

test("nesting without end is stopped with words", async () => {
  const problems = await problemsFrom(() => parseYaml(`${"[".repeat(100)}${"]".repeat(100)}`, "f.yml"));
  expect(problems.map((problem) => problem.message)).toEqual(["this is nested too deeply or repeats itself too often"]);
});
