import { nodeOf } from "../../src/core/node.ts";
import type { Definition } from "../../src/core/scope.ts";
import { varsFilesOf } from "../../src/compile/vars-files.ts";
import { plainOf } from "../../src/core/node.ts";
import { loadVarsFiles } from "../../src/load/vars-files.ts";
import { parseYaml } from "../../src/load/yaml.ts";
import { placed, problemsFrom, removeTrees, tree } from "../load/_files.ts";

afterEach(removeTrees);

const common: Definition[] = [{ name: "env", value: nodeOf("prod", { file: "-e", line: 1, column: 1 }), level: "extra vars" }];

async function read(playbook: string, files: Readonly<Record<string, string>>): Promise<Record<string, unknown>[]> {
  const lists = await loadVarsFiles(varsFilesOf(parseYaml(playbook, "site.yml"), common), tree(files));
  return lists.map((definitions) => Object.fromEntries(definitions.map(({ name, value }) => [name, plainOf(value)])));
}

test("they are read for each play, relative to the playbook, later ones last", async () => {
  const playbook = "- vars_files: [vars/a.yml, vars/b.yml]\n- hosts: x\n- vars_files: vars/b.yml\n";
  expect(await read(playbook, { "vars/a.yml": "x: 1\ny: 1\n", "vars/b.yml": "x: 2\n" })).toEqual([{ x: 2, y: 1 }, {}, { x: 2 }]);
});

test("a path may use extra variables and those of the play", async () => {
  const playbook = '- vars: {kind: small}\n  vars_files: ["{{ env }}-{{ kind }}.yml"]\n';
  expect(await read(playbook, { "prod-small.yml": "x: 1\n" })).toEqual([{ x: 1 }]);
});

test("of a list in the list the first that exists is read", async () => {
  expect(await read("- vars_files:\n    - [nowhere.yml, default.yml, last.yml]\n", { "default.yml": "x: 1\n", "last.yml": "x: 2\n" })).toEqual([{ x: 1 }]);
});

test("an absolute path is one", async () => {
  const dir = tree({ "a.yml": "x: 1\n" });
  expect(await read(`- vars_files: [${dir}/a.yml]\n`, {})).toEqual([{ x: 1 }]);
});

test("missing files are told together, at the lines that name them", async () => {
  const problems = await problemsFrom(() => read("- vars_files: [vras.yml]\n- vars_files:\n    - [no.yml, none.yml]\n    - bad.yml\n", { "vars.yml": "", "bad.yml": "- list\n" }));
  expect(problems.map(placed)).toEqual([expect.stringMatching(/^1:16: there is no file .*vras.yml$/), expect.stringMatching(/^3:7: there is no file .*no.yml$/), "1:1: variables must be a mapping"]);
  expect(problems[0]!.hint).toBe('did you mean "vars.yml"?');
  expect(problems[1]!.seen).toMatch(/^looked for .*no.yml, .*none.yml$/);
});

test.each<[string, string]>([
  ["- vars_files: [{a: 1}]\n", '1:16: "vars_files" must be a list of paths'],
  ["- vars_files: [5]\n", '1:16: "vars_files" must be a list of paths'],
  ['- vars_files: ["{{ os }}.yml"]\n', '1:20: "os" is not defined'],
  ['- vars_files: ["{{ env"]\n', "1:17: {{ is not closed"],
])("%s is refused: %s", async (playbook, message) => {
  expect((await problemsFrom(() => read(playbook, {}))).map(placed)).toEqual([message]);
});
