import type { Part, Program } from "../../src/compile/program.ts";
import { startAt } from "../../src/compile/start-at.ts";
import { problemsFrom } from "../load/_files.ts";
import { compileText } from "./_compile.ts";

const text = `
- name: first
  hosts: db
  tasks:
    - {name: before all, debug: }
- name: second
  hosts: web
  pre_tasks:
    - {name: prepare, debug: }
  roles: [common]
  tasks:
    - name: open
      debug:
    - block:
        - {name: try, debug: }
        - block: [{name: deep, debug: }, {name: deeper, debug: }]
          rescue: [{name: catch inside, debug: }]
      rescue:
        - {name: catch, debug: }
      always:
        - {name: tidy, debug: }
        - {name: tidy more, debug: }
    - {name: close, debug: , notify: later}
    - include_tasks: "{{ what }}.yml"
  post_tasks:
    - {name: say, debug: }
  handlers:
    - {name: later, debug: }
- name: third
  hosts: web
  tasks:
    - {name: open, debug: }
`;
const files = { "roles/common/tasks/main.yml": "- {name: install, debug: }\n- {name: configure, debug: }\n" };
const { program } = compileText(text, { files, extra: { what: "x" } });

/** The tasks that are left, in the order in which they run when nothing fails. */
function left(name: string): string[] {
  return startAt(program, name).plays.flatMap((play) => [play.name, ...names(play, play.flow)]);
}

function names(play: Program["plays"][number], parts: readonly Part[]): string[] {
  return parts.flatMap((part) => (part.kind === "task" ? [play.tasks.find((task) => task.id === part.task)!.name] : part.kind === "block" ? [...names(play, part.body), ...names(play, part.always)] : []));
}

const rest = ["close", "include_tasks", "say", "third", "open"];

describe("--start-at-task begins", () => {
  test.each<[string, string[]]>([
    ["before all", ["first", "before all", "second", "prepare", "install", "configure", "open", "try", "deep", "deeper", "tidy", "tidy more", ...rest]],
    ["prepare", ["second", "prepare", "install", "configure", "open", "try", "deep", "deeper", "tidy", "tidy more", ...rest]],
    ["configure", ["second", "configure", "open", "try", "deep", "deeper", "tidy", "tidy more", ...rest]],
    ["common : install", ["second", "install", "configure", "open", "try", "deep", "deeper", "tidy", "tidy more", ...rest]],
    ["open", ["second", "open", "try", "deep", "deeper", "tidy", "tidy more", ...rest]],
    ["deeper", ["second", "deeper", "tidy", "tidy more", ...rest]],
    ["tidy more", ["second", "tidy more", ...rest]],
    ["say", ["second", "say", "third", "open"]],
    ["clos?", ["second", ...rest]],
    ["*figure", ["second", "configure", "open", "try", "deep", "deeper", "tidy", "tidy more", ...rest]],
    ["include_tasks", ["second", "include_tasks", "say", "third", "open"]],
  ])("at %s", (name, expected) => {
    expect(left(name)).toEqual(expected);
  });

  test("with the rescue of the blocks that it begins in, and without those that it skips", () => {
    const blocks = (parts: readonly Part[]): number[] => parts.flatMap((part) => (part.kind === "block" ? [part.rescue.length, ...blocks(part.body)] : []));
    expect(blocks(startAt(program, "deeper").plays[0]!.flow)).toEqual([1, 1]);
    expect(blocks(startAt(program, "tidy").plays[0]!.flow)).toEqual([0]);
  });

  test("and leaves every task its number", () => {
    expect(startAt(program, "say").plays[0]!.tasks).toEqual(program.plays[1]!.tasks);
  });
});

describe("--start-at-task cannot begin", () => {
  test.each<[string, string, string]>([
    ["opne", '--start-at-task: no task is named "opne"', 'did you mean "open"?; what an include brings is known only when it is reached: start at "include_tasks", or at another include'],
    ["catch", '--start-at-task: "catch" stands in a rescue, which runs only when something failed', "start at the first task of its block"],
    ["later", '--start-at-task: no task is named "later"', "known: "],
  ])("at %s", async (name, message, hint) => {
    expect((await problemsFrom(() => startAt(program, name)))[0]).toMatchObject({ code: "E_OPTIONS", message, hint: expect.stringContaining(hint) });
  });
});
