import { isSelected } from "../../src/compile/tags.ts";
import { compileText } from "./_compile.ts";

const tasks: Readonly<Record<string, readonly string[]>> = { web: ["web"], both: ["web", "db"], bare: [], always: ["always"], never: ["never"], debug: ["never", "debug"], alwaysWeb: ["always", "web"] };

describe("--tags and --skip-tags choose as Ansible does", () => {
  test.each<[string, string, string]>([
    ["", "", "web both bare always alwaysWeb"],
    ["web", "", "web both always alwaysWeb"],
    ["db", "", "both always alwaysWeb"],
    ["web,db", "", "web both always alwaysWeb"],
    ["nothing", "", "always alwaysWeb"],
    ["all", "", "web both bare always alwaysWeb"],
    ["tagged", "", "web both always alwaysWeb"],
    ["untagged", "", "bare always alwaysWeb"],
    ["debug", "", "always debug alwaysWeb"],
    ["never", "", "always never debug alwaysWeb"],
    ["always", "", "always alwaysWeb"],
    ["", "web", "bare always"],
    ["", "db", "web bare always alwaysWeb"],
    ["", "always", "web both bare"],
    ["", "tagged", "bare"],
    ["", "untagged", "web both always alwaysWeb"],
    ["", "all", "always alwaysWeb"],
    ["web", "db", "web always alwaysWeb"],
    ["all", "web", "bare always"],
  ])("--tags '%s' --skip-tags '%s': %s", (wanted, unwanted, expected) => {
    const choice = { tags: wanted.split(",").filter(Boolean), skipTags: unwanted.split(",").filter(Boolean) };
    expect(Object.keys(tasks).filter((name) => isSelected(tasks[name]!, choice)).join(" ")).toBe(expected);
  });
});

test("the tags of a play are those of its tasks too, and ids stay what they are", () => {
  const text = "- hosts: web\n  tags: site\n  tasks:\n    - {name: one, debug: , tags: a}\n    - {name: two, debug: , tags: 'b, c'}\n- hosts: db\n  tasks:\n    - {name: three, debug: }\n";
  const chosen = (tags: string[]) => compileText(text, { tags }).program.plays.flatMap((play) => play.tasks.map((task) => `${task.id} ${task.name} [${task.tags.join(",")}]`));
  expect(chosen([])).toEqual(["p1.t1 one [site,a]", "p1.t2 two [site,b,c]", "p2.t1 three []"]);
  expect(chosen(["site"])).toEqual(["p1.t1 one [site,a]", "p1.t2 two [site,b,c]"]);
  expect(chosen(["c"])).toEqual(["p1.t2 two [site,b,c]"]);
});

test("a tag that no task has is a warning with the nearest one", () => {
  const text = "- hosts: web\n  tasks:\n    - {debug: , tags: deploy}\n    - {debug: , tags: config}\n";
  expect(compileText(text, { tags: ["deply", "tagged"], skipTags: ["confg"] }).warnings).toEqual([
    '--tags: no task has the tag "deply": did you mean "deploy"?',
    '--skip-tags: no task has the tag "confg": did you mean "config"?',
  ]);
  expect(compileText(text, { tags: ["deploy"], skipTags: ["config"] }).warnings).toEqual([]);
});
