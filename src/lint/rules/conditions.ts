import { entryOf, type SourceNode } from "../../core/node.ts";
import type { Condition, Task } from "../file.ts";
import { listOf, textsOf } from "../remark.ts";
import type { Example, Remark, Rule } from "../rule.ts";

const play = (tasks: string): Example => ({ text: `- name: Web\n  hosts: all\n  tasks:\n${tasks.replace(/^(?=.)/gm, "    ")}` });
const known = "- name: The kernel is known\n  command: uname -r\n  register: kernel\n  changed_when: false\n";

/** Conditions and templates that say what they do not mean. */
export const conditionRules: readonly Rule[] = [
  {
    id: "literal-compare",
    summary: "A boolean is not compared with `true` or `false`.",
    why: "A condition is a boolean: `x == true` says no more than `x`, and is false without a word where `x` is the text \"true\".",
    severity: "warning",
    profile: "basic",
    examples: {
      bad: play(`${known}- name: Greet\n  debug:\n    msg: hello\n  when: kernel.failed == false\n`),
      good: play(`${known}- name: Greet\n  debug:\n    msg: hello\n  when: "!kernel.failed"\n`),
    },
    look: { condition: literalCompare },
  },
  {
    id: "jinja",
    summary: "Variables hold no blocks or comments of Jinja.",
    why: "`{% … %}` means nothing to Handlebars. In a task it is refused as it stands; in a file of variables only when something uses the variable.",
    severity: "error",
    profile: "min",
    insteadOf: ["syntax"],
    examples: {
      bad: { path: "group_vars/all.yml", text: 'greeting: "{% if true %}hello{% endif %}"\n' },
      good: { path: "group_vars/all.yml", text: 'greeting: "{{#if true}}hello{{/if}}"\n' },
    },
    look: {
      file: ({ kind, root }) => ((kind === "vars" || kind === "inventory") && root ? jinjaIn(root) : []),
    },
  },
  {
    id: "no-handler",
    summary: "What follows from a change is a handler.",
    why: "`when: x.changed` is forgotten when the run is stopped in between; a handler that was notified is not, and runs once for all who notify it.",
    severity: "warning",
    profile: "shared",
    examples: {
      bad: play('- name: The service is configured\n  copy:\n    dest: /etc/web.conf\n    content: listen 80\n    mode: "0644"\n  register: conf\n- name: The service reads its configuration\n  command: webctl reload\n  when: conf.changed\n  changed_when: true\n'),
      good: { text: '- name: Web\n  hosts: all\n  tasks:\n    - name: The service is configured\n      copy:\n        dest: /etc/web.conf\n        content: listen 80\n        mode: "0644"\n      notify: The service reads its configuration\n  handlers:\n    - name: The service reads its configuration\n      command: webctl reload\n' },
    },
    look: { task: handlerInDisguise },
  },
];

function literalCompare({ source, at }: Condition): Remark[] {
  const bare = source.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, (text) => "x".repeat(text.length));
  const found = /[=!]=\s*(true|false)\b|\b(true|false)\s*[=!]=/i.exec(bare);
  return found ? [{ at, message: `this compares with ${found[1] ?? found[2]}`, seen: source.trim(), hint: "write the boolean alone, or ! before it" }] : [];
}

function jinjaIn(node: SourceNode): Remark[] {
  return textsOf(node).flatMap(({ text, node: { at } }) => {
    const found = /\{%-?\s*(\w+)|(?<![{$])\{#[^}]*#\}/.exec(text);
    if (!found) return [];
    return [{ at, message: `this is Jinja: ${found[0]}`, hint: blockHints[found[1] ?? "#"] ?? "Handlebars writes blocks as {{#if …}} and {{#each …}}" }];
  });
}

const blockHints: Readonly<Record<string, string>> = {
  if: "write {{#if …}} … {{/if}}",
  for: "write {{#each …}} … {{/each}}",
  set: "give it a name under vars:",
  "#": "write {{!-- … --}}",
};

/** Only what one earlier task of the same list has changed: of several, a handler would not know all. */
function handlerInDisguise({ node, handler, list, index }: Task): Remark[] {
  const [condition, second] = listOf(entryOf(node, "when")?.value);
  const name = /^\s*([A-Za-z_]\w*)\.changed\s*$/.exec(condition?.text ?? "")?.[1];
  if (handler || second || name === undefined) return [];
  const isResult = list.slice(0, index).some((earlier) => listOf(entryOf(earlier, "register")?.value).some(({ text }) => text === name));
  return isResult ? [{ at: condition!.at, message: `this runs because "${name}" has changed`, hint: "make it a handler, and let that task notify: it" }] : [];
}
