import type { MappingNode } from "../../core/node.ts";
import type { Remark, Rule } from "../rule.ts";

/** Ways of writing that have a better one now. */
export const deprecatedRules: readonly Rule[] = [
  {
    id: "deprecated",
    summary: "What has a newer word is written with it.",
    why: "Old playbooks run, but the documentation and this tool's messages know the newer words.",
    severity: "warning",
    profile: "moderate",
    insteadOf: ["syntax", "task"],
    examples: {
      bad: { path: "roles/web/tasks/main.yml", text: '- name: Greet\n  debug:\n    msg: "{{ item }}"\n  with_items: [a, b]\n' },
      good: { path: "roles/web/tasks/main.yml", text: '- name: Greet\n  debug:\n    msg: "{{ item }}"\n  loop: [a, b]\n' },
    },
    look: { play: ({ node }) => oldKeys(node), task: ({ node }) => oldKeys(node) },
  },
];

function oldKeys(node: MappingNode): Remark[] {
  return node.entries.flatMap(({ key, keyAt }) => {
    const better = Object.hasOwn(newer, key) ? newer[key] : key.startsWith("with_") ? "use loop:" : undefined;
    return better === undefined ? [] : [{ at: keyAt, message: `"${key}" is an old word`, hint: better }];
  });
}

const newer: Readonly<Record<string, string>> = {
  action: "name the module as the key of the task",
  include: "use import_tasks: or include_tasks:",
  local_action: "use delegate_to: localhost",
  sudo: "use become:",
  sudo_user: "use become: and become_user:",
  su: "use become:",
  su_user: "use become: and become_user:",
};
