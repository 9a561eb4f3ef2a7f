import { checkFiles } from "../../src/compile/named-files.ts";
import type { ReadPlay } from "../../src/compile/play.ts";
import { Problems } from "../../src/compile/shape.ts";
import { registry } from "../../src/modules/registry.ts";
import { compileText, play } from "./_compile.ts";

/** `line: path (folder)` of every file that is asked for and not there. */
function missing(text: string): string[] {
  const problems = new Problems();
  const plays = compileText(text, { groups: { web: ["w1"], here: ["localhost"] } }).program.plays;
  const read = plays.map((each) => ({ play: each, possible: [], possibleRoles: [], names: new Set(), isOpen: false }) as unknown as ReadPlay);
  checkFiles(read, registry, (path, folder) => ({ code: "E_FILE", message: `${path} (${folder})` }), problems);
  return problems.list.map(({ at, message }) => `${at!.line}: ${message}`);
}

describe("files that tasks name and that are not there", () => {
  test.each([
    ["a file to copy", "- copy: {src: a.txt, dest: /a}", "3: a.txt (files)"],
    ["a script, without its arguments", "- script: 'prepare.sh --disk /dev/vdb'", "3: prepare.sh (files)"],
    ["a template", "- template: {src: a.hbs, dest: /a}", "3: a.hbs (templates)"],
  ])("%s", (_, tasks, told) => {
    expect(missing(play(tasks))).toEqual([told]);
  });

  test.each([
    ["a path that only a host can tell", play("- copy: {src: '{{ inventory_hostname }}.txt', dest: /a}")],
    ["an absolute path", play("- copy: {src: /tmp/made, dest: /a}")],
    ["a task that may fail", play("- {copy: {src: a.txt, dest: /a}, ignore_errors: true}")],
    ["what a task on the controller may have made", play("- {command: make, delegate_to: localhost}\n- copy: {src: a.txt, dest: /a}")],
    ["a play for the controller", `${play("- copy: {src: a.txt, dest: /a}")}- hosts: here\n  tasks: []\n`],
  ])("are no mistake: %s", (_, text) => {
    expect(missing(text)).toEqual([]);
  });
});
