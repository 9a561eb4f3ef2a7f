import { execFileSync } from "node:child_process";
import { joinScripts, quote, sh, verbatim } from "../../src/core/sh.ts";
import { Secret } from "../../src/core/secret.ts";

/** What a real shell makes of a script. */
function run(text: string): string {
  return execFileSync("/bin/sh", ["-c", text], { encoding: "utf8" });
}

describe("a value in a script is data, whatever it holds", () => {
  test.each([
    "plain",
    "",
    "two words",
    "it's",
    "'",
    "''",
    '"double"',
    "$HOME `id` $(id) ${x}",
    "a\\b\\\\c\\'d",
    "line one\nline two\n",
    "\n",
    "\ttab",
    "*?[a-z]~ {a,b}",
    "; rm -rf / # & | < >",
    "-n",
    "--",
    "!history",
    "ünïcödé ☃ 𝄞",
    "\r\n",
    "=x",
    "~root",
    "\u0007\u001b[2J",
  ])("%j", (value) => {
    expect(run(sh`printf %s ${value}`.text)).toBe(value);
    expect(run(sh`set -- ${[value, value]}; printf '%s|' "$#" "$@"`.text)).toBe(`2|${value}|${value}|`);
  });

  test("a NUL character is refused, for no shell word can hold it", () => {
    expect(() => sh`echo ${"a\0b"}`).toThrow(TypeError);
    expect(() => sh`echo ${new Secret("a\0b")}`).toThrow("NUL");
    expect(() => quote("\0")).toThrow("NUL");
    expect(() => verbatim("echo \0")).toThrow("NUL");
  });

  test("undefined is refused and not spelled out", () => {
    expect(() => sh`echo ${undefined as unknown as string}`).toThrow(TypeError);
  });

  test("a number is spelled, a list becomes words, an empty list none, a script is spliced", () => {
    expect(sh`sleep ${3} ${[]} ${["a b", 2]}; ${sh`echo ${"x y"}`}`.text).toBe("sleep 3  'a b' 2; echo 'x y'");
  });

  test("a secret gives its value to the script and to nobody else", () => {
    const secret = new Secret("hunter2 x");
    expect(sh`login ${secret} ${[secret]}`.text).toBe("login 'hunter2 x' 'hunter2 x'");
    expect(`${secret} ${JSON.stringify({ secret })}`).toBe('[redacted] {"secret":"[redacted]"}');
  });

  test.each(["plain-word_1.0/x:y,z@%+", "a"])("%s needs no quotes", (word) => expect(quote(word)).toBe(word));
  test.each([["", "''"], ["it's", "'it'\\''s'"]])("%j is %s", (word, quoted) => expect(quote(word)).toBe(quoted));
});

describe("the text of a script", () => {
  test("loses the indentation of the code around it, and the empty lines at its ends", () => {
    expect(sh`
      if true; then
        echo deep
      fi
    `.text).toBe("if true; then\n  echo deep\nfi");
  });

  test("keeps the lines of a value as they are, though they are indented", () => {
    expect(run(sh`
      printf %s ${"\n    deep\n  less"}
    `.text)).toBe("\n    deep\n  less");
  });

  test("dedents what is spliced no further, and each script by itself", () => {
    const inner = sh`
      {
        echo inner
      }
    `;
    expect(sh`
      ${inner}
      echo outer
    `.text).toBe("{\n  echo inner\n}\necho outer");
  });

  test("a line that begins with a value counts as indented", () => {
    expect(sh`
      ${"a"} ${"b"}
        ${"c"}
    `.text).toBe("a b\n  c");
  });

  test("backslashes are the shell's own; only the backquote and ${ are escaped", () => {
    expect(sh`printf '%s\n' "\`" "\${x}" \\`.text).toBe("printf '%s\\n' \"`\" \"${x}\" \\\\");
  });

  test("the same place in the source with other values gives another script", () => {
    const make = (word: string) => sh`
      echo ${word}
    `.text;
    expect([make("a"), make("b c")]).toEqual(["echo a", "echo 'b c'"]);
  });

  test("scripts are joined by newlines, so that a comment or a here-document ends", () => {
    expect(run(joinScripts([verbatim("echo one # comment"), sh`echo ${"two"}`]).text)).toBe("one\ntwo\n");
  });
});
