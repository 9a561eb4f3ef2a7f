import { cut, padded, widthOf } from "../../src/reporters/width.ts";
import { FakeTerminal } from "./screen.ts";

describe("the columns of a text", () => {
  const texts = ["", "web1", "naïve", "nai\u0308ve", "日本語", "한국어", "ﾊﾝｶｸ", "ｆｕｌｌ", "e\u0301\u0302", "a\u200bb", "שלום", "\u001b[31mred\u001b[0m", "…", "✔", "ⅷ"];

  test.each(texts)("%j takes as many as a terminal gives it", async (text) => {
    const terminal = new FakeTerminal();
    terminal.write(text);
    expect(widthOf(text)).toBe(await terminal.column());
  });

  test.each([
    ["🐳", 2],
    ["👩‍👩‍👧", 2],
    ["🇩🇪", 2],
    ["❤️", 2],
  ])("%s takes %i, as today's terminals have it", (text, columns) => {
    expect(widthOf(text)).toBe(columns);
  });
});

describe("a text is cut", () => {
  test.each([
    ["long enough", 20, "long enough"],
    ["exactly", 7, "exactly"],
    ["one too many", 11, "one too ma…"],
    ["日本語の名前", 7, "日本語…"],
    ["日本語の名前", 6, "日本…"],
    ["👩‍👩‍👧👩‍👩‍👧", 3, "👩‍👩‍👧…"],
    ["e\u0301e\u0301e\u0301", 2, "e\u0301…"],
    ["no room", 1, "…"],
  ])("%s to %i columns: %s", (text, columns, expected) => {
    expect(cut(text, columns)).toBe(expected);
    expect(widthOf(cut(text, columns))).toBeLessThanOrEqual(columns);
  });
});

test.each([
  ["web1", 6, "web1  "],
  ["日本", 6, "日本  "],
  ["longer", 3, "longer"],
])("%s is padded to %i columns", (text, columns, expected) => {
  expect(padded(text, columns)).toBe(expected);
});
