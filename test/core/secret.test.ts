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

  test.each<[string, (value: string) => string]>([
    ["in upper hex", (text) => Buffer.from(text).toString("hex").toUpperCase()],
    ["in hex among other bytes", (text) => Buffer.from(`x${text}y`).toString("hex")],
    ["in base64url", (text) => Buffer.from(`??>${text}`).toString("base64url")],
    ["in quotes of the shell", (text) => `'${text.replaceAll("'", "'\\''")}'`],
    ["as Python quotes it", (text) => `'${text.replaceAll("'", `'"'"'`)}'`],
    ["in a form", (text) => new URLSearchParams({ p: text }).toString()],
    ["URL-encoded with small digits", (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase())],
    ["URL-encoded to the last sign", (text) => encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)],
    ["in a query, with + for a blank", (text) => encodeURIComponent(text).replaceAll("%20", "+")],
    ["in JSON inside of JSON", (text) => JSON.stringify(JSON.stringify(text))],
    ["in JSON of nothing but ASCII", (text) => JSON.stringify(text).replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)],
    ["in XML and its quotes", (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;")],
    ["in XML", (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")],
  ])("%s", (_, encode) => {
    const odd = new Redactor();
    odd.add("a'b \"\\<&ü!*~/?");
    expect(odd.text(`(${encode("a'b \"\\<&ü!*~/?")})`)).toMatch(/^\([^a]{0,8}\[redacted\].{0,8}\)$/);
  });

  test.each([64, 76])("in base64 that goes over lines of %d characters", (columns) => {
    const long = new Redactor();
    long.add("0123456789".repeat(12));
    const lines = Buffer.from("0123456789".repeat(12)).toString("base64").match(new RegExp(`.{1,${columns}}`, "g"))!;
    expect(lines.map((line) => long.text(line.replace(/=+$/, "")))).toEqual(lines.map(() => "[redacted]"));
  });

  test("with each of its lines of eight characters, when it has several", () => {
    const key = new Redactor();
    key.add("-----BEGIN KEY-----\nAAAAsecretAAAA\n\nspec:\n-----END KEY-----\n");
    expect(key.text("line AAAAsecretAAAA spec:\n")).toBe("line [redacted] spec:\n");
  });

  test.each(["hunter2\n", " hunter2 ", "hunter2\r\n"])("without the blanks around it: %j", (value_) => {
    const one = new Redactor();
    one.add(value_);
    expect(one.text("say hunter2!")).toMatch(/^say ?\[redacted\]!$/);
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

  test("and says whether it can", () => {
    const redactor_ = new Redactor();
    expect(["abc", "  a ", "abcd", "abc", "abcd"].map((text) => redactor_.add(text))).toEqual([false, false, true, false, true]);
  });

  test.each([
    ["seen: correct-ho…, and more", "seen: [redacted]…, and more"],
    ['"a correct-horse-b', '"a [redacted]'],
    ["correct way", "correct way"],
    ["corr", "corr"],
    ["one… two… correct-h", "one… two… [redacted]"],
  ])("cut off in the middle: %s", (text, clean) => {
    const long = new Redactor();
    long.add("correct-horse-battery-staple");
    expect(long.text(text)).toBe(clean);
  });

  test("all that overlapping secrets cover", () => {
    const both = new Redactor();
    both.add("abcdefgh");
    both.add("efghijkl");
    expect(both.text("_abcdefghijkl_abcdefghabcdefgh_")).toBe("_[redacted]_[redacted][redacted]_");
  });

  test("thousands of them in one pass over the text", () => {
    const many = new Redactor();
    const values = Array.from({ length: 3000 }, (_, index) => `s${index}-${(index * 7919).toString(36)}`);
    for (const each of values) many.add(each);
    expect(many.text(values.join(" "))).toBe(values.map(() => "[redacted]").join(" "));
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
