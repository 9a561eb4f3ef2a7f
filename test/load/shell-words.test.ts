import { shellWords } from "../../src/load/shell-words.ts";
import { placed, problemsFrom } from "./_files.ts";

const at = { file: "hosts", line: 1, column: 1 };

test.each<[string, string[]]>([
  ["", []],
  ["a b", ["a", "b"]],
  ["  a\tb  ", ["a", "b"]],
  ["a 'b  c' d", ["a", "b  c", "d"]],
  ["x='a b'c\"d e\"", ["x=a bcd e"]],
  ["x='\"5\"'", ['x="5"']],
  ["x=\"it's\"", ["x=it's"]],
  ["x='say \"a\"'", ['x=say "a"']],
  ["DOMAIN\\\\user", ["DOMAIN\\user"]],
  ["a\\ b", ["a b"]],
  ['x="a\\"b\\\\c\\d"', ['x=a"b\\c\\d']],
  ["x='a\\b'", ["x=a\\b"]],
  ["x=''", ["x="]],
  ["a # b", ["a"]],
  ["a ; b", ["a"]],
  ["# a", []],
  ["a#b", ["a#b"]],
  ["x='# no ; comment'", ["x=# no ; comment"]],
])("%s has the words %j", (line, words) => {
  expect(shellWords(line, at).map(({ text }) => text)).toEqual(words);
});

test("a word knows where it begins, and how it was written", () => {
  expect(shellWords("a  x='b c'", { ...at, column: 3 })[1]).toEqual({ text: "x=b c", raw: "x='b c'", at: { ...at, column: 6 } });
});

test.each<[string, string]>([
  ['a x="b', "1:5: a quote is not closed"],
  ["it's", "1:3: a quote is not closed"],
  ["a 'b\"", "1:3: a quote is not closed"],
  ["a\\", "1:2: nothing stands behind this backslash"],
])("%s is refused: %s", async (line, problem) => {
  expect((await problemsFrom(() => shellWords(line, at))).map(placed)).toEqual([problem]);
});
