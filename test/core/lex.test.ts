import { execFileSync } from "node:child_process";
import { BowlineError } from "../../src/core/errors.ts";
import { lexWords } from "../../src/core/lex.ts";

describe("words as a POSIX shell cuts them", () => {
  test.each<[string, string[]]>([
    ["", []],
    ["  \t\n ", []],
    ["uptime", ["uptime"]],
    ["  a   b\tc\nd ", ["a", "b", "c", "d"]],
    ["a 'b c' d", ["a", "b c", "d"]],
    ["a \"b c\" d", ["a", "b c", "d"]],
    ["pre'fix in'side", ["prefix inside"]],
    ["'' \"\"", ["", ""]],
    ["a\\ b", ["a b"]],
    ["a\\\nb", ["ab"]],
    ["\\\n", []],
    ['"a\\"b"', ['a"b']],
    ['"a\\nb"', ["a\\nb"]],
    ['"a\\\nb"', ["ab"]],
    ['"\\$HOME \\`x\\` \\\\"', ["$HOME `x` \\"]],
    ["'a\\b'", ["a\\b"]],
    ["it\"'\"s", ["it's"]],
    ["-p 5000:5000 -v /a:/b --label 'x=y z'", ["-p", "5000:5000", "-v", "/a:/b", "--label", "x=y z"]],
    ["größe ☃", ["größe", "☃"]],
  ])("%j", (text, words) => {
    expect(lexWords(text)).toEqual(words);
  });

  test.each(["a 'b c' d", '"a\\"b" c\\ d', "'' x", '"\\q\\\\"', "a\\\nb c"])("%j: the shell of this machine agrees", (text) => {
    const printed = execFileSync("sh", ["-c", `for w in ${text}; do printf '%s\\0' "$w"; done`], { encoding: "utf8" });
    expect(lexWords(text)).toEqual(printed.split("\0").slice(0, -1));
  });

  test("nothing is expanded", () => {
    expect(lexWords("echo $HOME *.txt ~ a;b a|b # c")).toEqual(["echo", "$HOME", "*.txt", "~", "a;b", "a|b", "#", "c"]);
  });

  test.each([
    ["echo 'it", "single quote"],
    ['echo "it', "double quote"],
    ['echo "it\\"', "double quote"],
    ["echo it\\", "backslash"],
  ])("%j is refused", (text, what) => {
    expect(() => lexWords(text)).toThrow(BowlineError);
    expect(() => lexWords(text)).toThrow(what);
  });
});
