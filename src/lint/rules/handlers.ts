import { entryOf } from "../../core/node.ts";
import type { LintFile, Play, Task } from "../file.ts";
import { listOf } from "../remark.ts";
import type { Context, Remark, Rule } from "../rule.ts";
import { suggestion } from "../../core/suggest.ts";

/** Handlers, and who notifies them. */
export const handlerRules: readonly Rule[] = [
  {
    id: "notify-without-handler",
    summary: "What is notified is there.",
    why: "A name that no handler has stops the play, or nothing is restarted.",
    severity: "error",
    profile: "basic",
    insteadOf: ["syntax"],
    examples: {
      bad: { text: '- name: Web\n  hosts: all\n  tasks:\n    - name: The service is configured\n      copy:\n        dest: /etc/web.conf\n        content: listen 80\n        mode: "0644"\n      notify: Restart\n' },
      good: { text: '- name: Web\n  hosts: all\n  tasks:\n    - name: The service is configured\n      copy:\n        dest: /etc/web.conf\n        content: listen 80\n        mode: "0644"\n      notify: Restart\n  handlers:\n    - name: Restart\n      command: webctl restart\n' },
    },
    look: { play: lostInPlay, file: lostInRole },
  },
  {
    id: "handler-never-notified",
    summary: "A handler is notified by some task.",
    why: "A handler that nobody notifies never runs: its name was changed in one place only, or it can go.",
    severity: "warning",
    profile: "moderate",
    examples: {
      bad: { text: "- name: Web\n  hosts: all\n  tasks: []\n  handlers:\n    - name: Restart\n      command: webctl restart\n" },
      good: { text: "- name: Web\n  hosts: all\n  tasks:\n    - name: The service is known\n      command: webctl probe\n      changed_when: true\n      notify: Restart\n  handlers:\n    - name: Restart\n      command: webctl restart\n" },
    },
    look: { play: neverNotified },
  },
];

interface Names {
  readonly handlers: ReadonlySet<string>;
  readonly notified: readonly ReturnType<typeof listOf>[number][];
}

function namesIn(tasks: readonly Task[]): Names {
  const texts = (task: Task, key: string) => listOf(entryOf(task.node, key)?.value);
  const handlers = tasks.filter(({ handler }) => handler).flatMap((task) => [...texts(task, "name"), ...texts(task, "listen")]);
  return { handlers: new Set(handlers.map(({ text }) => text)), notified: tasks.flatMap((task) => texts(task, "notify")) };
}

/** Roles and files that are included bring handlers and tasks of their own. */
function isWhole({ node, tasks }: Play): boolean {
  const others = /^(ansible\.builtin\.)?(include|import)(_tasks|_role)?$/;
  return !entryOf(node, "roles") && !tasks.some((task) => task.node.entries.some(({ key }) => others.test(key)));
}

function lostInPlay(play: Play): Remark[] {
  return isWhole(play) ? lost(namesIn(play.tasks), "in this play") : [];
}

/** A role may notify the handlers of any play: only where all handlers of the project are at hand, and the role has some of its own. */
function lostInRole(file: LintFile, { files }: Context): Remark[] {
  const ofRole = files.some((other) => other.kind === "handlers" && other.role === file.role && roleDir(other.path) === roleDir(file.path));
  if (file.kind !== "tasks" || file.role === undefined || !ofRole) return [];
  const { handlers } = namesIn(files.flatMap((other) => other.tasks));
  return lost({ handlers, notified: namesIn(file.tasks).notified }, "in any file here");
}

function roleDir(path: string): string {
  return path.slice(0, path.indexOf("/", path.indexOf("roles/") + "roles/".length));
}

function lost({ handlers, notified }: Names, where: string): Remark[] {
  if ([...handlers].some((name) => name.includes("{{"))) return [];
  return notified
    .filter(({ text }) => !handlers.has(text) && !text.includes("{{"))
    .map(({ text, at }) => {
      const hint = suggestion(text, [...handlers]);
      return { at, message: `there is no handler "${text}" ${where}`, ...(hint === undefined ? {} : { hint }) };
    });
}

function neverNotified(play: Play): Remark[] {
  const { notified } = namesIn(play.tasks);
  if (!isWhole(play) || notified.some(({ text }) => text.includes("{{"))) return [];
  const names = notified.map(({ text }) => text);
  return play.tasks.filter(({ handler }) => handler).flatMap(({ node, around }) => {
    const own = [node, ...around].flatMap((each) => [...listOf(entryOf(each, "name")?.value), ...listOf(entryOf(each, "listen")?.value)]);
    const name = entryOf(node, "name");
    return name && !own.some(({ text }) => names.includes(text) || text.includes("{{")) ? [{ at: name.value.at, message: "no task of this play notifies this handler" }] : [];
  });
}
