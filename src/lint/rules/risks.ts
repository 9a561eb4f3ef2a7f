import { entryOf, isTemplated, type MappingNode } from "../../core/node.ts";
import { blockKeys, isBlock, type Play, type Task } from "../file.ts";
import type { Context, Example, Remark, Rule } from "../rule.ts";

const play = (task: string): Example => ({ text: `- name: Web\n  hosts: all\n  tasks:\n${task.replace(/^(?=.)/gm, "    ")}` });

/** What works, and may yet do harm. */
export const riskRules: readonly Rule[] = [
  {
    id: "risky-file-permissions",
    summary: "A file that is made says its mode.",
    why: "A new file without one gets 0644, which every user of the host may read.",
    severity: "warning",
    profile: "safety",
    examples: {
      bad: play("- name: The service is configured\n  copy:\n    dest: /etc/web.conf\n    content: listen 80\n"),
      good: play('- name: The service is configured\n  copy:\n    dest: /etc/web.conf\n    content: listen 80\n    mode: "0640"\n'),
    },
    look: {
      task: ({ call }) => {
        if (!call?.module || !["copy", "template", "get_url", "assemble"].includes(call.name) || !Object.hasOwn(call.module.args, "mode") || entryOf(call.args, "mode")) return [];
        return [{ at: call.entry.keyAt, message: `this ${call.name} does not say the mode of its file`, hint: 'add mode: "0644", or what else is right' }];
      },
    },
  },
  {
    id: "risky-octal",
    summary: 'A mode is written in quotes, `"0644"`.',
    why: "YAML 1.2 reads `0644` as the decimal number 644, which is another mode; YAML 1.1 read it as octal.",
    severity: "error",
    profile: "basic",
    fixable: true,
    insteadOf: ["syntax", "args"],
    examples: {
      bad: play("- name: The service has its directory\n  directory:\n    path: /srv/web\n    mode: 0755\n"),
      good: play('- name: The service has its directory\n  directory:\n    path: /srv/web\n    mode: "0755"\n'),
    },
    look: { task: bareMode },
  },
  {
    id: "ignore-errors",
    summary: "A failure is not ignored as a whole.",
    why: "`ignore_errors: true` hides the failure that was expected and every other one; `failed_when` says which one is none.",
    severity: "warning",
    profile: "shared",
    examples: {
      bad: play("- name: The old service is gone\n  command: pkill old\n  changed_when: true\n  ignore_errors: true\n"),
      good: play("- name: The old service is gone\n  command: pkill old\n  register: kill\n  changed_when: kill.rc == 0\n  failed_when: kill.rc > 1\n"),
    },
    look: {
      task: ({ node }) => {
        const entry = entryOf(node, "ignore_errors");
        if (!entry || isTemplated(entry.value) || entryOf(node, "register")) return [];
        if (entry.value.kind === "scalar" && entry.value.value === false) return [];
        return [{ at: entry.keyAt, message: "every failure of this is ignored", hint: "say with failed_when: what is a failure, or register: the result and look at it" }];
      },
    },
  },
  {
    id: "package-latest",
    summary: "A package is present; it is not whatever is the latest.",
    why: "With `latest` the same playbook does something else every week, on one host after the other.",
    severity: "warning",
    profile: "safety",
    examples: {
      bad: play("- name: The web server is installed\n  package:\n    name: nginx\n    state: latest\n"),
      good: play("- name: The web server is installed\n  package:\n    name: nginx\n    state: present\n"),
    },
    look: {
      task: ({ call }) => {
        const state = call && packageModules.includes(call.name) ? entryOf(call.args, "state")?.value : undefined;
        if (state?.kind !== "scalar" || state.value !== "latest") return [];
        return [{ at: state.at, message: `this ${call!.name} takes whatever is the latest`, hint: "write state: present, and upgrade when you mean to" }];
      },
    },
  },
  {
    id: "partial-become",
    summary: "Where a user to become is named, `become` is on.",
    why: "`become_user` alone does nothing: the task runs as the user who logged in.",
    severity: "error",
    profile: "basic",
    examples: {
      bad: play("- name: Greet\n  command: id\n  changed_when: false\n  become_user: web\n"),
      good: play("- name: Greet\n  command: id\n  changed_when: false\n  become: true\n  become_user: web\n"),
    },
    look: { task: uselessUser, play: uselessPlayUser },
  },
  {
    id: "run-once",
    summary: "A task that runs once stands in a play whose hosts go together.",
    why: "With `strategy: free` or `host_pinned` no task is reached by all hosts at one time, and each of them runs it.",
    severity: "warning",
    profile: "safety",
    examples: {
      bad: { text: "- name: Web\n  hosts: all\n  strategy: free\n  tasks:\n    - name: Greet\n      debug:\n        msg: hello\n      run_once: true\n" },
      good: { text: "- name: Web\n  hosts: all\n  strategy: linear\n  tasks:\n    - name: Greet\n      debug:\n        msg: hello\n      run_once: true\n" },
    },
    look: {
      play: ({ node, tasks }) => {
        const strategy = entryOf(node, "strategy")?.value;
        if (strategy?.kind !== "scalar" || !["free", "host_pinned"].includes(String(strategy.value))) return [];
        return tasks.flatMap((task) => (isTrue(task.node, "run_once") ? [{ at: entryOf(task.node, "run_once")!.keyAt, message: `run_once means nothing with strategy: ${strategy.value}` }] : []));
      },
    },
  },
];

const packageModules = ["apk", "apt", "dnf", "dnf5", "homebrew", "npm", "package", "pacman", "pip", "yum", "zypper"];

function bareMode({ call }: Task, { file }: Context): Remark[] {
  return (call?.args.entries ?? []).flatMap(({ key, value }) => {
    if (!/^(directory_)?mode$/.test(key) || value.kind !== "scalar" || typeof value.value !== "number") return [];
    const written = file.text.plain(value) ?? String(value.value);
    // Every other number may be a mode in decimal digits, and nobody can tell.
    const isOctal = /^0?[0-7]{3}$/.test(written);
    const fix = { edits: [file.text.replace(value.at, written.length, `"${written.padStart(4, "0")}"`)], changes: "one value" as const };
    return [{ at: value.at, message: `the mode ${written} is a number`, expected: 'octal digits in quotes, like "0644"', ...(isOctal ? { hint: `write "${written.padStart(4, "0")}"`, fix } : {}) }];
  });
}

/** In the file of a role, whoever includes it may become somebody. */
function uselessUser({ node, around }: Task, { file }: Context): Remark[] {
  const entry = entryOf(node, "become_user");
  if (!entry || file.kind !== "playbook" || [node, ...around].some((each) => entryOf(each, "become"))) return [];
  if (isBlock(node) && hasInner(node, "become")) return [];
  return [{ at: entry.keyAt, message: "become_user without become does nothing", hint: "add become: true" }];
}

function uselessPlayUser({ node, tasks }: Play): Remark[] {
  const entry = entryOf(node, "become_user");
  if (!entry || entryOf(node, "become") || entryOf(node, "roles") || tasks.some((task) => entryOf(task.node, "become"))) return [];
  return [{ at: entry.keyAt, message: "become_user without become does nothing", hint: "add become: true" }];
}

function hasInner(block: MappingNode, key: string): boolean {
  return blockKeys.some((name) => {
    const list = entryOf(block, name)?.value;
    return list?.kind === "sequence" && list.items.some((item) => item.kind === "mapping" && (entryOf(item, key) !== undefined || hasInner(item, key)));
  });
}

function isTrue(node: MappingNode, key: string): boolean {
  const value = entryOf(node, key)?.value;
  return value?.kind === "scalar" && value.value === true;
}
