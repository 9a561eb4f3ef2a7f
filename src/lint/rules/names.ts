import { entryOf, type MappingEntry, type MappingNode } from "../../core/node.ts";
import { isBlock, plainName, type Task, type Variable } from "../file.ts";
import type { Context, Remark, Rule } from "../rule.ts";
import type { Edit, Text } from "../text.ts";

/** How things are called, so that a report reads like a text and a template finds its variables. */
export const nameRules: readonly Rule[] = [
  {
    id: "name",
    summary: "Every play and every task has a name.",
    why: "The name is what a report shows, what a handler is notified by, and what a run can begin at.",
    severity: "warning",
    profile: "basic",
    examples: {
      bad: { text: "- name: Web\n  hosts: all\n  tasks:\n    - debug:\n        msg: hello\n" },
      good: { text: "- name: Web\n  hosts: all\n  tasks:\n    - name: Greet\n      debug:\n        msg: hello\n" },
    },
    look: {
      play: ({ node }) => (entryOf(node, "hosts") ? unnamed(node, "play") : []),
      task: ({ node }) => (isBlock(node) || entryOf(node, "meta") ? [] : unnamed(node, "task")),
    },
  },
  {
    id: "name-casing",
    summary: "A name begins with a capital letter.",
    why: "Names are read as sentences, one below the other.",
    severity: "warning",
    profile: "moderate",
    examples: {
      bad: { text: "- name: Web\n  hosts: all\n  tasks:\n    - name: greet\n      debug:\n        msg: hello\n" },
      good: { text: "- name: Web\n  hosts: all\n  tasks:\n    - name: Greet\n      debug:\n        msg: hello\n" },
    },
    look: { play: ({ node }) => smallName(node), task: ({ node }) => smallName(node) },
  },
  {
    id: "key-order",
    summary: "The name is the first key of a play or a task.",
    why: "Who reads a list of tasks looks for the name where each of them begins.",
    severity: "warning",
    profile: "basic",
    fixable: true,
    examples: {
      bad: { text: "- name: Web\n  hosts: all\n  tasks:\n    - debug:\n        msg: hello\n      name: Greet\n" },
      good: { text: "- name: Web\n  hosts: all\n  tasks:\n    - name: Greet\n      debug:\n        msg: hello\n" },
    },
    look: { play: ({ node }, { file }) => lateName(node, file.text), task: ({ node }, { file }) => lateName(node, file.text) },
  },
  {
    id: "var-naming",
    summary: "The name of a variable is small letters, digits and _, and no word of CEL.",
    why: "Templates and conditions read `web-port` as a subtraction, and `in` or `for` not at all.",
    severity: "error",
    profile: "basic",
    insteadOf: ["syntax", "args"],
    examples: {
      bad: { path: "vars/web.yml", text: "web-port: 80\n" },
      good: { path: "vars/web.yml", text: "web_port: 80\n" },
    },
    look: { variable: badVariable },
  },
  {
    id: "loop-var-prefix",
    summary: "In a role the variable of a loop begins with the name of the role.",
    why: "A role may be included in a loop of its user, whose `item` or `row` the loop in the role would hide.",
    severity: "warning",
    profile: "shared",
    examples: {
      bad: { path: "roles/web/tasks/main.yml", text: '- name: Greet\n  debug:\n    msg: "{{ who }}"\n  loop: [a, b]\n  loop_control:\n    loop_var: who\n' },
      good: { path: "roles/web/tasks/main.yml", text: '- name: Greet\n  debug:\n    msg: "{{ web_who }}"\n  loop: [a, b]\n  loop_control:\n    loop_var: web_who\n' },
    },
    look: { task: foreignLoopVar },
  },
  {
    id: "fqcn",
    summary: "A module is called by its plain name.",
    why: "There are no collections: `ansible.builtin.copy` is read as `copy`, and a reader may think that it is Ansible's.",
    severity: "warning",
    profile: "production",
    fixable: true,
    examples: {
      bad: { text: "- name: Web\n  hosts: all\n  tasks:\n    - name: Greet\n      ansible.builtin.debug:\n        msg: hello\n" },
      good: { text: "- name: Web\n  hosts: all\n  tasks:\n    - name: Greet\n      debug:\n        msg: hello\n" },
    },
    look: { task: collectionName },
  },
];

function unnamed(node: MappingNode, what: string): Remark[] {
  const name = entryOf(node, "name")?.value;
  if (name && !(name.kind === "scalar" && (name.value === null || name.value === ""))) return [];
  return [{ at: node.at, message: `this ${what} has no name`, hint: "begin it with - name: and what will be so afterwards" }];
}

/** A name that begins with a template, a sign or a letter without cases is left alone. */
function smallName(node: MappingNode): Remark[] {
  const name = entryOf(node, "name")?.value;
  if (name?.kind !== "scalar" || typeof name.value !== "string" || !/^\p{Ll}/u.test(name.value)) return [];
  return [{ at: name.at, message: `the name "${name.value}" begins with a small letter`, hint: `write ${name.value[0]!.toUpperCase()}${name.value.slice(1)}` }];
}

function lateName(node: MappingNode, text: Text): Remark[] {
  const name = entryOf(node, "name");
  if (!name || node.entries[0] === name) return [];
  const edits = nameFirst(node.entries[0]!, name, text);
  return [{ at: name.keyAt, message: "the name stands below other keys", hint: "write it first", ...(edits ? { fix: { edits, changes: "nothing" } } : {}) }];
}

/** Only a name with a line of its own can move: of `{…}`, of a text over several lines, and of merged keys none does. */
function nameFirst(first: MappingEntry, name: MappingEntry, text: Text): readonly Edit[] | undefined {
  const line = text.line(name.keyAt);
  const indent = name.keyAt.column - 1;
  const next = text.lines[name.keyAt.line] ?? "";
  const isAlone = line.slice(0, indent).trim() === "" && /^name: +[^\s|>&*#][^#]*$/.test(line.slice(indent)) && name.value.at.line === name.keyAt.line;
  const isWhole = next.trim() === "" || /^ */.exec(next)![0].length <= indent;
  if (!isAlone || !isWhole || first.keyAt.line >= name.keyAt.line || first.keyAt.column !== name.keyAt.column) return undefined;
  const from = text.offset(text.at(name.keyAt.line, 1));
  const to = Math.min(text.source.length, text.offset(text.at(name.keyAt.line + 1, 1)));
  const start = text.offset(first.keyAt);
  return [
    { from: start, to: start, text: `${line.slice(indent)}\n${" ".repeat(indent)}` },
    { from, to, text: "" },
  ];
}

const reserved = ["as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop", "namespace", "null", "package", "return", "true", "var", "void", "while"];

/** The names of hosts and groups, and of Ansible's settings, are somebody else's. */
function badVariable({ name, at }: Variable): Remark[] {
  if (reserved.includes(name)) return [{ at, message: `"${name}" is a word of CEL and cannot be the name of a variable` }];
  if (/^[a-z_][a-z0-9_]*$/.test(name)) return [];
  const better = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/[^A-Za-z0-9_]+/g, "_").toLowerCase();
  return [{ at, message: `"${name}" is not a good name of a variable`, expected: "small letters, digits and _, not beginning with a digit", ...(/^[a-z_]/.test(better) ? { hint: `call it ${better}` } : {}) }];
}

function foreignLoopVar({ node }: Task, { file }: Context): Remark[] {
  const control = entryOf(node, "loop_control")?.value;
  const name = control?.kind === "mapping" ? entryOf(control, "loop_var")?.value : undefined;
  if (file.role === undefined || name?.kind !== "scalar" || typeof name.value !== "string") return [];
  const prefix = file.role.replaceAll("-", "_");
  if (name.value.startsWith(`${prefix}_`) || name.value.startsWith("__")) return [];
  return [{ at: name.at, message: `the loop variable "${name.value}" does not begin with the name of the role`, hint: `call it ${prefix}_${name.value}` }];
}

function collectionName({ call }: Task, { file }: Context): Remark[] {
  if (!call?.module || plainName(call.entry.key) === call.entry.key) return [];
  const edit = file.text.replace(call.entry.keyAt, call.entry.key.length, call.name);
  const isThere = file.text.source.startsWith(call.entry.key, edit.from);
  return [{ at: call.entry.keyAt, message: `"${call.entry.key}" is called "${call.name}" here`, ...(isThere ? { fix: { edits: [edit], changes: "one value" as const } } : {}) }];
}
