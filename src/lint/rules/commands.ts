import { entryOf, type ScalarNode } from "../../core/node.ts";
import type { Registry } from "../../modules/contract.ts";
import type { Call, Task } from "../file.ts";
import type { Context, Remark, Rule } from "../rule.ts";
import { hasPipe, isPlainCommand, wordsOf } from "../shell-text.ts";

const play = (task: string) => ({ text: `- name: Web\n  hosts: all\n  tasks:\n${task.replace(/^(?=.)/gm, "    ")}` });

/** Commands and scripts, of which Bowline cannot see what they do. */
export const commandRules: readonly Rule[] = [
  {
    id: "no-changed-when",
    summary: "A command says when it has changed something.",
    why: "A command counts as changed whenever it runs, so that no run ever says that all is as it should be, and its handlers run each time.",
    severity: "warning",
    profile: "shared",
    examples: {
      bad: play("- name: The kernel is known\n  command: uname -r\n  register: kernel\n"),
      good: play("- name: The kernel is known\n  command: uname -r\n  register: kernel\n  changed_when: false\n"),
    },
    look: { task: alwaysChanged },
  },
  {
    id: "command-instead-of-module",
    summary: "What a module does is left to the module.",
    why: "A module looks first, changes only what differs, proves it, and works in check mode; a command does none of these.",
    severity: "warning",
    profile: "basic",
    examples: {
      bad: play("- name: The service has its directory\n  command: mkdir -p /srv/web\n  changed_when: true\n"),
      good: play('- name: The service has its directory\n  directory:\n    path: /srv/web\n    mode: "0755"\n'),
    },
    look: { task: moduleFor },
  },
  {
    id: "command-instead-of-shell",
    summary: "A shell is used for what needs a shell.",
    why: "The shell reads the values in its text too; a command takes each word as it is.",
    severity: "warning",
    profile: "basic",
    fixable: true,
    examples: {
      bad: play("- name: The kernel is known\n  shell: uname -r\n  changed_when: false\n"),
      good: play("- name: The kernel is known\n  command: uname -r\n  changed_when: false\n"),
    },
    look: { task: needlessShell },
  },
  {
    id: "risky-shell-pipe",
    summary: "A pipe in a script fails when any of its programs does.",
    why: "The exit code of a pipe is that of its last program: `dump | gzip > backup.gz` succeeds without a dump.",
    severity: "warning",
    profile: "safety",
    examples: {
      bad: play("- name: The database is saved\n  shell: dump | gzip > /srv/backup.gz\n  changed_when: true\n"),
      good: play("- name: The database is saved\n  shell:\n    cmd: |\n      set -o pipefail\n      dump | gzip > /srv/backup.gz\n    executable: /bin/bash\n  changed_when: true\n"),
    },
    look: {
      task: ({ call }) => {
        const script = call?.name === "shell" ? scriptOf(call) : undefined;
        if (!script || !hasPipe(script.text) || script.text.includes("pipefail")) return [];
        return [{ at: script.node.at, message: "a pipe hides the failure of all but its last program", hint: "begin with set -o pipefail, and run it with executable: /bin/bash" }];
      },
    },
  },
];

interface Script {
  readonly text: string;
  readonly node: ScalarNode;
}

function scriptOf({ args }: Call): Script | undefined {
  const node = entryOf(args, "cmd")?.value;
  return node?.kind === "scalar" && typeof node.value === "string" ? { text: node.value, node } : undefined;
}

const commandModules = ["command", "raw", "script", "shell"];

/** A handler runs because something has changed; what is looked at only is no change. */
function alwaysChanged({ node, call, handler, around }: Task): Remark[] {
  if (!call || handler || !commandModules.includes(call.name)) return [];
  if ([node, ...around].some((each) => entryOf(each, "changed_when"))) return [];
  if (["creates", "removes", "read_only"].some((key) => entryOf(call.args, key))) return [];
  return [{ at: call.entry.keyAt, message: `this ${call.name} counts as a change whenever it runs`, hint: "add changed_when:, or creates: or removes: to its arguments, or read_only: true if it only looks" }];
}

function moduleFor({ call }: Task, { registry }: Context): Remark[] {
  if (!call || !["command", "shell"].includes(call.name)) return [];
  const words = commandWords(call);
  const [program = "", ...rest] = words;
  const found = instead.filter(({ programs }) => programs.includes(program.replace(/^\/(usr\/)?s?bin\//, ""))).find(({ when }) => !when || when.test(rest.join(" ")));
  const name = found && firstOf(found.modules, registry);
  if (name === undefined) return [];
  return [{ at: call.entry.value.at, message: `"${words.slice(0, 2).join(" ")}" is what the module ${name} does`, hint: `bowline doc ${name}` }];
}

function commandWords(call: Call): readonly string[] {
  const script = scriptOf(call);
  if (script) return isPlainCommand(script.text) || call.name === "command" ? wordsOf(script.text) : [];
  const argv = entryOf(call.args, "argv")?.value;
  return argv?.kind === "sequence" ? argv.items.map((item) => (item.kind === "scalar" ? String(item.value) : "")) : [];
}

function firstOf(modules: readonly string[], registry: Registry): string | undefined {
  return modules.find((name) => registry.has(name));
}

interface Instead {
  readonly programs: readonly string[];
  /** What the other words look like; any words if it is left out. */
  readonly when?: RegExp;
  /** The first of these that there is. */
  readonly modules: readonly string[];
}

/** Only what a module does as a whole; what merely looks (`systemctl status`, `git log`) is left alone. */
const instead: readonly Instead[] = [
  { programs: ["apt", "apt-get", "aptitude"], when: /^(-\S+ )*(install|remove|purge|update|upgrade|dist-upgrade|autoremove)\b/, modules: ["apt", "package"] },
  { programs: ["yum", "dnf", "microdnf"], when: /^(-\S+ )*(install|remove|erase|update|upgrade)\b/, modules: ["dnf", "yum", "package"] },
  { programs: ["apk"], when: /^(-\S+ )*(add|del|update|upgrade)\b/, modules: ["apk", "package"] },
  { programs: ["zypper"], when: /^(-\S+ )*(in|install|rm|remove|up|update)\b/, modules: ["zypper", "package"] },
  { programs: ["systemctl"], when: /^(-\S+ )*(start|stop|restart|reload|enable|disable|mask|unmask|daemon-reload)\b/, modules: ["systemd", "systemd_service", "service"] },
  { programs: ["service"], when: /^\S+ (start|stop|restart|reload)$/, modules: ["service"] },
  { programs: ["mkdir"], modules: ["directory", "file"] },
  { programs: ["rmdir"], modules: ["directory", "file"] },
  { programs: ["chmod", "chown", "chgrp", "ln", "touch"], modules: ["file"] },
  { programs: ["git"], when: /^(-C \S+ )?(clone|pull|checkout)\b/, modules: ["git"] },
  { programs: ["wget"], modules: ["get_url", "download"] },
  { programs: ["curl"], when: /(^| )(-\w*[oO]\b|--output|--remote-name)/, modules: ["get_url", "download"] },
  { programs: ["tar", "unzip"], when: /^(-?[a-zA-Z]*x|.*\.zip)/, modules: ["unarchive"] },
  { programs: ["useradd", "usermod", "userdel"], modules: ["user"] },
  { programs: ["groupadd", "groupmod", "groupdel"], modules: ["group"] },
  { programs: ["mount", "umount"], when: /./, modules: ["fs", "mount"] },
  { programs: ["docker"], when: /^(-H \S+ )?(run|create)\b/, modules: ["container"] },
  { programs: ["docker"], when: /^(-H \S+ )?(pull|load)\b/, modules: ["image"] },
  { programs: ["ip"], when: /^(-\S+ )*(a|addr|address) (a|add|d|del|replace)\b/, modules: ["ip"] },
  { programs: ["vgchange"], modules: ["vg"] },
  { programs: ["sysctl"], when: /(^| )(-w|--write)\b|=/, modules: ["sysctl"] },
  { programs: ["sed"], when: /(^| )(-\w*i|--in-place)/, modules: ["lineinfile", "replace"] },
  { programs: ["modprobe"], modules: ["modprobe"] },
  { programs: ["hostnamectl", "hostname"], when: /^(set-hostname |[\w.-]+$)/, modules: ["hostname"] },
  { programs: ["pip", "pip3"], when: /^(install|uninstall)\b/, modules: ["pip"] },
  { programs: ["sleep"], modules: ["pause", "wait_for"] },
  { programs: ["reboot"], modules: ["reboot"] },
  { programs: ["shutdown"], when: /(^| )(-r|--reboot)\b/, modules: ["reboot"] },
];

function needlessShell({ call }: Task, { file, registry }: Context): Remark[] {
  const script = call?.name === "shell" && registry.has("command") ? scriptOf(call) : undefined;
  if (!call || !script || entryOf(call.args, "executable") || !isPlainCommand(script.text)) return [];
  const edit = file.text.replace(call.entry.keyAt, call.entry.key.length, call.entry.key.replace(/shell$/, "command"));
  // What a template puts in may well be for the shell.
  const isSure = !script.text.includes("{{") && file.text.source.startsWith(call.entry.key, edit.from);
  return [{ at: call.entry.keyAt, message: "nothing here needs a shell", hint: "use command:", ...(isSure ? { fix: { edits: [edit], changes: "one value" as const } } : {}) }];
}
