import { fixed } from "../../src/lint/fix.ts";
import type { Finding, Fix } from "../../src/lint/rule.ts";
import { rules } from "../../src/lint/rules.ts";
import { parseYaml } from "../../src/load/yaml.ts";
import { found } from "./_lint.ts";

const tasks = "roles/web/tasks/main.yml";

/** What --fix makes of a file: again and again, until nothing more can be mended. */
async function mended(text: string, path = tasks): Promise<string> {
  const { text: next } = fixed(text, await found({ [path]: text }), parseYaml);
  return next === text ? text : mended(next, path);
}

test.each<[what: string, before: string, after: string]>([
  ["blanks at the end of a line", "- name: A  \n  debug: \n    msg: a\t\n", "- name: A\n  debug:\n    msg: a\n"],
  ["the lines of Windows", "- name: A\r\n  debug:\r\n    msg: a\r\n", "- name: A\n  debug:\n    msg: a\n"],
  ["a last line without its end", "- name: A\n  debug:\n    msg: a", "- name: A\n  debug:\n    msg: a\n"],
  ["empty lines at the end", "- name: A\n  debug:\n    msg: a\n\n  \n", "- name: A\n  debug:\n    msg: a\n"],
  ["a name that is not first, with its comment left to stand", "# why\n- debug:\n    msg: a\n  name: A\n", "# why\n- name: A\n  debug:\n    msg: a\n"],
  ["a name in the middle", "- when: a\n  name: A\n  debug:\n    msg: a\n", "- name: A\n  when: a\n  debug:\n    msg: a\n"],
  ["a boolean", "- name: A\n  become: Yes\n  no_log: True\n  debug:\n    msg: a\n", "- name: A\n  become: true\n  no_log: true\n  debug:\n    msg: a\n"],
  ["a boolean among the arguments of a module", "- name: A\n  copy: {dest: /a, content: a, mode: 0644, backup: yes}\n", '- name: A\n  copy: {dest: /a, content: a, mode: "0644", backup: true}\n'],
  ["a module with a collection, and its shell", "- name: A\n  ansible.builtin.shell: uptime\n  changed_when: false\n", "- name: A\n  command: uptime\n  changed_when: false\n"],
  ["a mode of three digits", '- name: A\n  directory:\n    path: /a\n    mode: 755\n', '- name: A\n  directory:\n    path: /a\n    mode: "0755"\n'],
])("mends %s", async (_what, before, after) => {
  expect(await mended(before)).toBe(after);
  expect(await mended(after)).toBe(after);
});

test.each<[what: string, text: string]>([
  ["the empty lines of a text that keeps them", "- name: A\n  changed_when: false\n  shell: |+\n    cd /a\n\n"],
  ["a name of several lines", "- debug:\n    msg: a\n  name: >-\n    A\n    b\n"],
  ["a name that goes on in the next line", "- debug:\n    msg: a\n  name: A\n    b\n"],
  ["a name in braces", "- {debug: {msg: a}, name: A}\n"],
  ["a shell into which a template may put anything", '- name: A\n  shell: "{{ a }} b"\n  changed_when: false\n'],
  ["a mode in decimal digits", "- name: A\n  directory:\n    path: /a\n    mode: 493\n"],
  ["a text that may be meant", "- name: A\n  vars:\n    a: yes\n  debug:\n    msg: a\n"],
])("leaves %s alone, and says so", async (_what, text) => {
  expect(await found({ [tasks]: text })).not.toEqual([]);
  expect(await mended(text)).toBe(text);
});

const finding = (fix: Fix): Finding => ({ rule: "a", severity: "error", message: "a", at: { file: "", line: 1, column: 1 }, fix });

test.each<[what: string, fix: Fix]>([
  ["breaks the YAML", { edits: [{ from: 0, to: 1, text: "[" }], changes: "nothing" }],
  ["changes a value without saying so", { edits: [{ from: 3, to: 4, text: "2" }], changes: "nothing" }],
  ["changes more than one value", { edits: [{ from: 3, to: 9, text: "2\nb: 3" }], changes: "one value" }],
])("a fix that %s is not applied, and those beside it are", (_what, fix) => {
  const right = finding({ edits: [{ from: 13, to: 14, text: "4" }], changes: "one value" });
  expect(fixed("a: 1\nb: 2\nc: 3\n", [finding(fix), right], parseYaml)).toEqual({ text: "a: 1\nb: 2\nc: 4\n", fixed: [right] });
});

test("two fixes that touch wait for each other", () => {
  const one = finding({ edits: [{ from: 3, to: 4, text: "2" }], changes: "one value" });
  const other = finding({ edits: [{ from: 3, to: 4, text: "3" }], changes: "one value" });
  expect(fixed("a: 1\n", [one, other], parseYaml)).toEqual({ text: "a: 2\n", fixed: [one] });
});

test.each(rules.filter(({ fixable }) => fixable).map((rule) => [rule.id, rule] as const))("the bad example of %s becomes the good one, or one that is as good", async (_id, rule) => {
  const { path = "playbooks/a.yml", text } = rule.examples.bad;
  expect(await found({ [path]: await mended(text, path) })).toEqual([]);
});
