import { inspect } from "node:util";
import { Redactor, Secret } from "../../src/core/secret.ts";

describe("a secret", () => {
  const secret = new Secret("correct horse");
  test.each([
    ["as text", () => `${secret}`],
    ["joined to text", () => "" + secret],
    ["as JSON", () => JSON.stringify(secret)],
    ["inspected", () => inspect(secret)],
    ["inside of something inspected", () => inspect({ deep: [secret] }, { depth: 9, showHidden: true })],
    ["in an error", () => String(new Error(`no ${secret}`))],
    ["spread", () => JSON.stringify({ ...secret })],
  ])("is not seen %s", (_, shown) => expect(shown()).not.toContain("horse"));
  test("gives its value only to who asks for it", () => expect(secret.reveal()).toBe("correct horse"));
});

describe("the redactor takes a secret out", () => {
  const value = "pa$$ w0rd/ü+";
  const redactor = new Redactor();
  redactor.add(new Secret(value));
  const awkward = 'horse "\\"\nstaple';
  redactor.add(awkward);
  test.each([
    ["plain", `say ${value}!`],
    ["several times", `${value}${value} ${value}`],
    ["URL-encoded", `http://u:${encodeURIComponent(value)}@host`],
    ["as JSON inside of text", `{"p":"${value}"}`],
    ["as JSON escapes it", JSON.stringify(`a ${awkward} b`)],
  ])("%s", (_, text) => {
    expect(redactor.text(text)).toContain("[redacted]");
    expect(redactor.text(text)).not.toMatch(/w0rd|horse|staple/);
  });

  test.each(Array.from({ length: 24 }, (_, index) => [index % 8, Math.floor(index / 8)] as const))("in base64, behind %d bytes and before %d others", (before, after) => {
    const encoded = Buffer.from(`${"<".repeat(before)}${value}${">".repeat(after)}`).toString("base64");
    const left = redactor.text(`Basic ${encoded}`).replace("[redacted]", "");
    expect(left.length).toBeLessThan(`Basic ${encoded}`.length);
    const bytes = Buffer.from(left.replace("Basic ", ""), "base64").toString("latin1");
    // What is left around it are its neighbours, and at most a byte that it shares a character with.
    expect(bytes).not.toMatch(/w0rd|pa\$\$/);
  });

  test("with each of its lines, when it has several", () => {
    const key = new Redactor();
    key.add("-----BEGIN KEY-----\nAAAAsecretAAAA\n\nxy\n-----END KEY-----\n");
    expect(key.text("line AAAAsecretAAAA xy\n")).toBe("line [redacted] xy\n");
  });

  test("out of keys and values, however deep, and leaves what is no text", () => {
    expect(redactor.value({ [value]: [1, true, null, { deep: `a ${value}` }] })).toEqual({ "[redacted]": [1, true, null, { deep: "a [redacted]" }] });
  });

  test("but words so short that they are words of everybody stay", () => {
    const short = new Redactor();
    short.add("abc");
    short.add("   ");
    short.add("");
    expect(short.text("abc    abc")).toBe("abc    abc");
  });

  test("when one secret is a part of another, nothing of the longer one stays", () => {
    const both = new Redactor();
    both.add("hunter");
    both.add("hunter2secret");
    expect(both.text("a hunter2secret b hunter c")).toBe("a [redacted] b [redacted] c");
  });

  test("gives back the very value when there is no secret to look for", () => {
    const value_ = { a: 1 };
    expect(new Redactor().value(value_)).toBe(value_);
  });
});
