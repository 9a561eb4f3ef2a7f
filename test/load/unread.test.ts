import { Unread } from "../../src/load/unread.ts";

function unread(...texts: readonly (string | undefined)[]): Unread {
  const made = new Unread();
  for (const text of texts) made.add(text);
  return made;
}

describe("what a file that cannot be read may define", () => {
  test.each([
    ["a key", "port: 80\nname: {{ x }}\n", "port"],
    ["a key of a mapping in braces", "web: {http_port: 80, x: ]\n", "http_port"],
    ["a setting of INI", "web1 ansible_port=22 http_port=80\n", "http_port"],
    ["the first word of a line that has lost its colon", "db_port 5432\n", "db_port"],
    ["what a task registers", "- command: id\n  register: load # of the host\n", "load"],
    ["the name of a handler, blanks and all", '- name: restart nginx\n  debug: {msg: "open}\n', "restart nginx"],
  ])("%s", (_, text, word) => {
    expect(unread(text).has(word)).toBe(true);
  });

  test("is none of the words in its values", () => {
    expect(unread('msg: "hello {{ world }}"\n').has("world")).toBe(false);
    expect(unread("a: 1").isSealed).toBe(false);
  });

  test.each([
    ["what is encrypted", "$ANSIBLE_VAULT;1.1;AES256\n3336\n"],
    ["a script, whose text is not what it prints", "#!/usr/bin/python\nprint(1)\n"],
    ["what is not there", undefined],
  ])("is anything: %s", (_, text) => {
    expect(unread(text).isSealed).toBe(true);
  });
});
