import { entryOf, isTemplated } from "../../core/node.ts";
import type { Position } from "../../core/position.ts";
import { suggestion } from "../../core/suggest.ts";
import { inspectExpression, inspectNode } from "../../template/names.ts";
import { checkArgs } from "../../modules/bind.ts";
import { plainName, type Task } from "../file.ts";
import { ignoreComments } from "../ignore.ts";
import { remarkOf } from "../remark.ts";
import type { Context, Remark, Rule } from "../rule.ts";

/** What no host will ever run: mistakes of YAML, of the language, and of module arguments. */
export const languageRules: readonly Rule[] = [
  {
    id: "syntax",
    summary: "Every file is YAML 1.2, and every playbook compiles.",
    why: "A playbook that does not compile is refused before a host is reached. This is what `bowline run --syntax-check` says, for all playbooks at once.",
    severity: "error",
    profile: "min",
    examples: {
      bad: { text: "- name: Web\n  hosts: all\n  tasks: [\n" },
      good: { text: "- name: Web\n  hosts: all\n  tasks: []\n" },
    },
    look: {
      file: (file, { compiled }) => [...file.problems.map((problem) => remarkOf(problem, file.text.at(1, 1))), ...(compiled.get(file.path) ?? [])],
    },
  },
  {
    id: "task",
    summary: "A task names one module, and has no key that means nothing.",
    why: "A key that is spelled wrong does nothing or stops the play. Task files of roles are looked at too, also those that no playbook includes.",
    severity: "error",
    profile: "min",
    insteadOf: ["syntax"],
    examples: {
      bad: { path: "roles/web/tasks/main.yml", text: "- name: Greet\n  debug:\n    msg: hello\n  wehn: web_greets\n" },
      good: { path: "roles/web/tasks/main.yml", text: "- name: Greet\n  debug:\n    msg: hello\n  when: web_greets\n" },
    },
    look: { task: unknownKeys },
  },
  {
    id: "args",
    summary: "A module gets the arguments that it takes, of the types that it takes.",
    why: "What a module does not know is refused, in whatever file it stands; `bowline doc MODULE` shows what there is.",
    severity: "error",
    profile: "min",
    insteadOf: ["syntax"],
    examples: {
      bad: { path: "roles/web/tasks/main.yml", text: '- name: The service has its directory\n  directory:\n    path: /srv/web\n    mdoe: "0755"\n' },
      good: { path: "roles/web/tasks/main.yml", text: '- name: The service has its directory\n  directory:\n    path: /srv/web\n    mode: "0755"\n' },
    },
    look: {
      task: ({ call }) => (call?.module && call.entry.value.kind !== "scalar" ? checkArgs(call.module, call.args, isTemplated).map((problem) => remarkOf(problem, call.entry.keyAt)) : []),
    },
  },
  {
    id: "expression",
    summary: "Templates and conditions can be read.",
    why: "A template that cannot be read stops the play when it is reached, which may be long after the first change.",
    severity: "error",
    profile: "min",
    insteadOf: ["syntax", "args"],
    examples: {
      bad: { path: "roles/web/tasks/main.yml", text: "- name: Greet\n  debug:\n    msg: hello\n  when: web_port >\n" },
      good: { path: "roles/web/tasks/main.yml", text: "- name: Greet\n  debug:\n    msg: hello\n  when: web_port > 80\n" },
    },
    look: {
      condition: (condition, { file }) => inspectExpression(condition).problems.map((problem) => remarkOf(problem, file.text.at(1, 1))),
      task: ({ node, call }, { file }) => {
        const written = [...(call ? [call.args] : []), ...["loop", "vars", "environment"].flatMap((key) => entryOf(node, key)?.value ?? [])];
        // The rule jinja tells of its statements.
        return written.flatMap((each) => inspectNode(each).problems.filter(({ message }) => !message.startsWith("{%"))).map((problem) => remarkOf(problem, file.text.at(1, 1)));
      },
    },
  },
  {
    id: "unknown-rule",
    summary: "A comment that ignores a rule names one that there is.",
    why: "A rule that is spelled wrong is not ignored, and a comment that names none says nothing about what it is for.",
    severity: "error",
    profile: "min",
    examples: {
      bad: { path: "vars/web.yml", text: "web_port: 80 # noqa: trailing-space\n" },
      good: { path: "vars/web.yml", text: "web_port: 80 # noqa: trailing-spaces\n" },
    },
    look: { file: (file, { ruleIds }) => ignoreComments(file).flatMap(({ ids, at }) => (ids.length === 0 ? [{ at, message: "this comment names no rule", expected: "# noqa: RULE" }] : ids.flatMap((each) => unknownRule(each, ruleIds)))) },
  },
];

function unknownKeys({ node, call }: Task, { registry, taskKeys, otherModule }: Context): Remark[] {
  const known = [...taskKeys, ...structure];
  const foreign = node.entries.filter(({ key }) => !known.includes(key) && !key.startsWith("with_") && !structure.includes(plainName(key)) && key !== call?.entry.key);
  const modules = foreign.filter(({ key }) => registry.has(plainName(key)));
  const names = node.entries.some(({ key }) => structure.includes(plainName(key)));
  const wrong = foreign.filter((entry) => !modules.includes(entry));
  if (!call && !names && wrong.length === 0) return [{ at: node.at, message: "this task names no module", hint: "add one, for example: debug: { msg: … }" }];
  const mended = (key: string) => {
    const other = call || names ? undefined : otherModule(plainName(key));
    return other === undefined ? hintOf(key, [...known, ...registry.keys()]) : { hint: other };
  };
  return [
    ...modules.map(({ key, keyAt }) => ({ at: keyAt, message: `a task names one module, this one names "${call!.entry.key}" and "${key}"`, hint: "make two tasks of it" })),
    ...wrong.map(({ key, keyAt }) => ({ at: keyAt, message: call || names ? `"${key}" is not a key of a task` : `there is no module "${key}"`, ...mended(key) })),
  ];
}

/** Keys that hold other tasks or name them, and those with a rule of their own. */
const structure: readonly string[] = [
  "block", "rescue", "always", "import_tasks", "include_tasks", "import_role", "include_role", "include_vars", "meta", "listen", "include", "action", "local_action",
  "sudo", "sudo_user", "remote_user", "become_method", "delegate_to", "delegate_facts", "run_once", "async", "poll", "loop_control", "throttle", "check_mode", "diff",
  "connection", "any_errors_fatal", "ignore_unreachable", "module_defaults", "collections", "debugger", "become_flags", "become_exe", "port",
];

function hintOf(word: string, known: readonly string[]): { hint?: string } {
  const hint = suggestion(word, known);
  return hint === undefined ? {} : { hint };
}

function unknownRule({ id, at }: { id: string; at: Position }, ruleIds: readonly string[]): Remark[] {
  if (ruleIds.includes(id)) return [];
  return [{ at, message: `there is no rule "${id}"`, hint: suggestion(id, ruleIds) ?? "bowline lint --list-rules shows what there is" }];
}
