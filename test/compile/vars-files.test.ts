import { plainOf } from "../../src/core/node.ts";
import { compileText, mistakes, type Around } from "./_compile.ts";

const extra = { env: "prod" };

/** The variables of each play that came from files, as they are written. */
function read(playbook: string, files: Around["files"] = {}): Record<string, unknown>[] {
  const { plays } = compileText(playbook, { extra, files }).program;
  return plays.map(({ variables }) => Object.fromEntries(variables.filter(({ level }) => level === "vars_files").map(({ name, value }) => [name, plainOf(value)])));
}

test("they are read for each play, relative to the playbook, later ones last", () => {
  const playbook = "- hosts: web\n  vars_files: [vars/a.yml, vars/b.yml]\n- hosts: web\n- hosts: web\n  vars_files: vars/b.yml\n";
  expect(read(playbook, { "vars/a.yml": "x: 1\ny: 1\n", "vars/b.yml": "x: 2\n" })).toEqual([{ x: 2, y: 1 }, {}, { x: 2 }]);
});

test("a path may use extra variables and those of the play", () => {
  const playbook = '- hosts: web\n  vars: {kind: small}\n  vars_files: ["{{ env }}-{{ kind }}.yml"]\n';
  expect(read(playbook, { "prod-small.yml": "x: 1\n" })).toEqual([{ x: 1 }]);
});

test("of a list in the list the first that exists is read", () => {
  expect(read("- hosts: web\n  vars_files:\n    - [nowhere.yml, default.yml, last.yml]\n", { "default.yml": "x: 1\n", "last.yml": "x: 2\n" })).toEqual([{ x: 1 }]);
});

test("missing files and bad ones are told together, at the lines that name them", async () => {
  const playbook = "- hosts: web\n  vars_files: [vras.yml]\n- hosts: web\n  vars_files:\n    - [no.yml, none.yml]\n    - bad.yml\n";
  expect(await mistakes(playbook, { files: { "vars.yml": "", "bad.yml": "- list\n" } })).toEqual(["1:1: variables must be a mapping, not a list", "2:16: there is no file vras.yml", "5:7: there is no file no.yml"]);
});

test.each<[string, string]>([
  ["vars_files: [{a: 1}]", '2:16: "vars_files" must be a list of paths'],
  ["vars_files: [5]", '2:16: "vars_files" must be a list of paths'],
  ['vars_files: ["{{ os }}.yml"]', '2:20: "os" is not defined'],
  ['vars_files: ["{{ env"]', "2:17: {{ is not closed"],
])("%s is refused: %s", async (line, message) => {
  expect(await mistakes(`- hosts: web\n  ${line}\n`, { extra })).toEqual([message]);
});
