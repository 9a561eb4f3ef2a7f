import { nearest, suggestion } from "../../src/core/suggest.ts";

const words = ["when", "loop", "register", "changed_when", "become_user", "name"];

test.each<[string, string | undefined]>([
  ["wehn", "when"],
  ["hwen", "when"],
  ["whe", "when"],
  ["naem", "name"],
  ["lop", "loop"],
  ["regster", "register"],
  ["change_when", "changed_when"],
  ["become-user", "become_user"],
  ["xyz", undefined],
  ["", undefined],
])("%s was meant to be %s", (typed, meant) => {
  expect(nearest(typed, words)).toBe(meant);
});

test("what is not near gets the list, if that is short enough to help", () => {
  expect(suggestion("xyz", ["b", "a"])).toBe("known: a, b");
  expect(suggestion("xyz", Array.from({ length: 41 }, (_, index) => `word${index}`))).toBeUndefined();
  expect(suggestion("xyz", [])).toBeUndefined();
});
