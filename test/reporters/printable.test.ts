import { printableEvent, printableText } from "../../src/reporters/printable.ts";
import { scenario } from "./scenario.ts";

describe("what a host wrote becomes printable", () => {
  test.each([
    ["words as they are", "naïve 日本語 🐳 \t tab\nline", "naïve 日本語 🐳 \t tab\nline"],
    ["colours go", "\u001b[31mred\u001b[0m", "red"],
    ["clearing the screen goes", "a\u001b[2J\u001b[Hb", "ab"],
    ["a title goes", "\u001b]0;owned\u0007x", "x"],
    ["a link leaves its text", "\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\", "link"],
    ["a lone escape is spelt", "\u001bz", expect.not.stringMatching(/\u001b/)],
    ["a carriage return cannot overwrite", "good\rbad", "good\\x0dbad"],
    ["Windows' line ends are line ends", "a\r\nb", "a\nb"],
    ["bells, backspaces and DEL are spelt", "\u0007\b\u007f", "\\x07\\x08\\x7f"],
    ["C1 controls are none", "\u009b31mx\u0085y", expect.not.stringMatching(/[\u0080-\u009f]/)],
    ["text cannot be turned around", "user\u202egnp.exe\u2066", "user\\u202egnp.exe\\u2066"],
  ])("%s", (_what, text, expected) => {
    expect(printableText(text)).toEqual(expected);
  });

  test("everywhere in an event, its keys too, and nothing else of it", () => {
    const evil = "\u001b[2Jx";
    const event = { ...scenario.at(-1)!, type: "host:end", play: evil, task: "t", host: evil, result: { status: "ok", changes: [{ title: evil }], data: { [evil]: [evil, 1, null, true] }, elapsed: 1 } };
    expect(printableEvent(event as never)).toEqual({ ...event, play: "x", host: "x", result: { status: "ok", changes: [{ title: "x" }], data: { x: ["x", 1, null, true] }, elapsed: 1 } });
  });
});
