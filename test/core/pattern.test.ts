import { filledIn, patternOf } from "../../src/core/pattern.ts";

test.each<[string, string, string, string | null]>([
  ["^a.c$", "", "abc", "abc"],
  ["(?i)ABC", "", "xabc", "abc"],
  ["(?P<n>a)(?P=n)", "", "aa", "aa"],
  ["\\Ab", "m", "a\nb", null],
  ["a\\Z", "m", "a\nb", null],
  ["^b", "m", "a\nb", "b"],
])("%s with %j in %j", (source, flags, text, found) => {
  expect(patternOf(source, flags).exec(text)?.[0] ?? null).toBe(found);
});

test("what is none is an error", () => {
  expect(() => patternOf("(")).toThrow(SyntaxError);
});

test.each<[string, string]>([
  ["\\1-\\2", "a-"],
  ["\\g<1>0", "a0"],
  ["\\g<name>", "b"],
  ["$1 $& $$", "$1 $& $$"],
  ["a\\nb\\\\1", "a\nb\\1"],
  ["\\w", "\\w"],
])("%s is filled in", (template, expected) => {
  expect(filledIn(template, { groups: ["ab", "a", undefined], named: { name: "b" } })).toBe(expected);
});
