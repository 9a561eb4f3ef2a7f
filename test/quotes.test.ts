import { quotesAround } from "./quotes.ts";

test.each<[string, string[]]>([
  ["a X", [""]],
  ["a 'X' \"X\" X", ["'", '"', ""]],
  ["'it'\\''s X'", ["'"]],
  ['"a \\" X"', ['"']],
  ["# it's\nX", [""]],
  ["a#'X'", ["'"]],
  ["\"$(a 'X' \"X\" X)\" X", ["'", '"', "", ""]],
  ["\"$(a; (b X) ; $(c \"X\") X) X\"", ["", '"', "", '"']],
  ["case a in a) X ;; esac; 'X'", ["", "'"]],
  ["\"'X'\"", ['"']],
])("%s", (script, quotes) => {
  expect(quotesAround("X", script)).toEqual(quotes);
});
