import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { chdir, cwd } from "node:process";
import { removeTrees, tree } from "../load/_files.ts";
import { type } from "./_cli.ts";

const before = cwd();
const good = "- name: Web\n  hosts: web\n  tasks:\n    - name: Greet\n      debug:\n        msg: hello\n";
const bad = "- hosts: web\n  name: Web\n  tasks:\n    - name: Greet\n      debug:\n        mgs: hello\n";

afterEach(() => {
  chdir(before);
  removeTrees();
});

function project(files: Readonly<Record<string, string>>): void {
  chdir(tree({ "inventory/hosts.ini": "[web]\nw1\n", ...files }));
}

test("without a path looks at the playbooks, roles, variables and the inventory of the project, and at nothing else", async () => {
  project({
    "site.yml": good, "playbooks/a.yml": good, "roles/r/tasks/main.yml": "[]\n", "roles/r/files/x.yml": "a: 1 \n", "roles/r/templates/x.yml": "a: 1 \n", "group_vars/web": "a: 1\n",
    "inventory/group_vars/web.yml": "b: 1\n", "src/x.yml": "a: 1 \n", ".github/x.yml": "a: 1 \n", "node_modules/x/site.yml": "a: 1 \n",
  });
  expect(await type("lint")).toEqual({ code: 0, stdout: "5 files, nothing found\n", stderr: "" });
});

test("what is found has its place, its rule, the line with a caret, and a hint; errors make the exit code 2", async () => {
  project({ "site.yml": bad });
  const { code, stdout } = await type("lint site.yml");
  expect(code).toBe(2);
  expect(stdout).toContain("site.yml:2:3: warning: key-order: the name stands below other keys\n      name: Web\n      ^\n  hint: write it first\n");
  expect(stdout).toContain('site.yml:6:9: args: debug: "mgs" is not an argument\n            mgs: hello\n            ^\n');
  expect(stdout).toMatch(/\n1 file, 1 error, 1 warning; --fix mends 1\n$/);
});

test("a vault of the project is opened with the options that other commands have for it", async () => {
  project({ "site.yml": good, "inventory/group_vars/web.yml": "token: hush\n", word: "secret\n" });
  await type("secrets encrypt inventory/group_vars/web.yml --vault --vault-password-file word");
  expect((await type("lint site.yml")).code).toBe(2);
  expect(await type("lint site.yml --vault-password-file word")).toMatchObject({ code: 0, stdout: "1 file, nothing found\n" });
});

test("warnings fail with --strict only", async () => {
  project({ "site.yml": good.replace("Greet", "greet") });
  expect((await type("lint")).code).toBe(0);
  expect((await type("lint --strict")).code).toBe(2);
});

test("what only the compiler knows is found too, in the file where it stands", async () => {
  project({ "site.yml": good.replace("hello", '"{{ helo }}"'), "inventory/group_vars/web.yml": 'hello: "{{ nobody }}"\n' });
  expect(await type("lint site.yml")).toMatchObject({ code: 2, stdout: expect.stringContaining('site.yml:6:18: syntax: "helo" is not defined') });
  expect((await type(["lint", "site.yml", "-e", "helo=1"])).code).toBe(0);
});

test("what the compiler refuses is an error, also where a rule has better words for it", async () => {
  project({ "site.yml": good.replace("  tasks:", "  become: yes\n  tasks:") });
  expect(await type("lint")).toMatchObject({ code: 2, stdout: expect.stringContaining('site.yml:3:11: truthy: "become" is the text yes') });
});

test("a play whose hosts the inventory does not have is no mistake of its text", async () => {
  project({ "site.yml": good.replace("hosts: web", "hosts: elsewhere") });
  expect((await type("lint site.yml")).code).toBe(0);
});

describe("--fix", () => {
  test("writes what it can, shows it, and has nothing to do the second time", async () => {
    project({ "site.yml": bad });
    chmodSync("site.yml", 0o640);
    const { code, stdout } = await type("lint --fix");
    expect(code).toBe(2);
    expect(stdout).toContain("--- site.yml (before)\n+++ site.yml (after)\n@@ -1,5 +1,5 @@\n-- hosts: web\n-  name: Web\n+- name: Web\n+  hosts: web\n");
    expect(readFileSync("site.yml", "utf8")).toBe(bad.replace("- hosts: web\n  name: Web", "- name: Web\n  hosts: web"));
    expect(statSync("site.yml").mode & 0o777).toBe(0o640);
    expect((await type("lint --fix")).stdout).not.toContain("before");
  });

  test("writes through a link, and leaves nothing beside the file", async () => {
    project({ "real.txt": "a: 1 \n" });
    symlinkSync("real.txt", "vars.yml");
    await type("lint vars.yml --fix");
    expect(lstatSync("vars.yml").isSymbolicLink()).toBe(true);
    expect(readdirSync(".").sort()).toEqual(["inventory", "real.txt", "vars.yml"]);
    expect(readFileSync("real.txt", "utf8")).toBe("a: 1\n");
  });

  test("beside a report for programs prints nothing else", async () => {
    project({ "site.yml": bad });
    expect(JSON.parse((await type("lint --fix --format json")).stdout)).toMatchObject({ summary: { errors: 1, warnings: 0 } });
  });
});

describe(".bowline-lint", () => {
  test("says which rules and files count", async () => {
    project({ ".bowline-lint": "profile: basic\nskip: [key-order]\nwarn: [args]\nexclude: [roles/old, play*/x.yml]\n", "site.yml": bad, "roles/old/tasks/main.yml": "a: 1 \n", "playbooks/x.yml": bad });
    expect(await type("lint")).toMatchObject({ code: 0, stdout: expect.stringMatching(/\n1 file, 0 errors, 1 warning\n$/) });
  });

  test("is overruled by the command line", async () => {
    project({ ".bowline-lint.yml": "profile: min\n", "site.yml": good.replace("Greet", "greet") });
    expect((await type("lint")).stdout).toContain("nothing found");
    expect((await type("lint --profile moderate")).stdout).toContain("name-casing");
    expect((await type("lint --profile moderate --skip name-casing")).stdout).toContain("nothing found");
  });

  test("with mistakes is refused with all of them", async () => {
    project({ ".bowline-lint": "profile: saftey\nskp: [name]\nskip: [nmae]\nwarn: 3\n", "site.yml": good });
    const { code, stderr } = await type("lint");
    expect(code).toBe(5);
    expect(stderr.match(/^\.bowline-lint:\d+:\d+: .*$/gm)).toEqual([
      '.bowline-lint:1:10: there is no profile "saftey"', '.bowline-lint:2:1: "skp" is not a setting of lint', '.bowline-lint:3:8: there is no rule "nmae"', ".bowline-lint:4:7: this must be a word",
    ]);
    expect(stderr).toContain('did you mean "safety"?');
    expect(stderr).toContain('did you mean "name"?');
  });
});

test.each<[line: string, code: number, words: string]>([
  ["lint nowhere.yml", 4, "there is no file or folder nowhere.yml"],
  ["lint --profile saftey", 5, 'did you mean "safety"?'],
  ["lint --skip trailing-space", 5, 'did you mean "trailing-spaces"?'],
  ["lint --format xml", 5, "Allowed choices are text, json, sarif, github"],
])("%s", async (line, code, words) => {
  project({ "site.yml": good });
  expect(await type(line)).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(words) });
});

test("--list-rules has a line for each, with its severity and profile", async () => {
  expect((await type("lint --list-rules")).stdout).toMatch(/^risky-octal +error +basic +--fix {2}A mode is written/m);
});
