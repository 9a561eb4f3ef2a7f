import { blockKeys, playKeys, taskKeys } from "../../src/compile/keys.ts";
import { registry } from "../../src/modules/registry.ts";
import { checkExpression } from "../../src/template/expression.ts";
import { parseText, placeInFile } from "../../src/template/handlebars.ts";
import { celForJinja } from "../../src/template/jinja-to-cel.ts";
import { handlebarsForJinja } from "../../src/template/jinja-to-handlebars.ts";
import { problemsFrom } from "../load/_files.ts";
import { type } from "../cli/_cli.ts";
import { compileText } from "../compile/_compile.ts";
import { codes, page, section, table } from "./read.ts";

const text = page("coming-from-ansible.md");
const at = { file: "docs/coming-from-ansible.md", line: 1, column: 1 };
const pairs = (heading: string) => table(section(text, heading), "| in Jinja | here |").map(([jinja, here]) => [codes(jinja!)[0]!, codes(here!)[0]!] as const);

test.each(pairs("Conditions"))("%s is %s, as its error says", (jinja, here) => {
  expect(celForJinja(jinja)).toBe(here);
  expect(checkExpression({ source: here, at })).toEqual([]);
});

test.each(pairs("Templates"))("%s is %s, as its error says", (jinja, here) => {
  expect(`{{ ${handlebarsForJinja(jinja.slice(2, -2))} }}`).toBe(here);
  expect(() => parseText(here, placeInFile("f"))).not.toThrow();
});

const spellings = table(section(text, "YAML"), "| in Ansible | here | the old one is |").map(([old, here, verdict]) => ({ old: codes(old!)[0]!, here: codes(here!)[0]!, verdict: verdict! }));
const variables = { x: "x", a: true, b: false, wanted: true };

/** A play around a key of plays, of tasks, or a module with its arguments. */
function around(spelling: string): string {
  const key = /^[\w.]+/.exec(spelling)![0];
  if ((playKeys as readonly string[]).includes(key) && !(blockKeys as readonly string[]).includes(key)) return `- hosts: web\n  ${spelling}\n  tasks: [{debug: {msg: x}}]\n`;
  const isModule = !(taskKeys as readonly string[]).includes(key) && !key.startsWith("with_");
  return `- hosts: web\n  tasks:\n    - ${spelling}\n${isModule || key === "local_action" ? "" : "      debug: {msg: x}\n"}`;
}

const compiled = (spelling: string) => compileText(around(spelling), { extra: variables, files: { "x.yml": "- debug: {msg: x}\n" } });

test("docs/coming-from-ansible.md has spellings of both kinds", () => {
  expect(new Set(spellings.map(({ verdict }) => verdict.split(",")[0]))).toEqual(new Set(["an error", "read as it is"]));
});

test.each(spellings)("$here compiles; $old is $verdict", async ({ old, here, verdict }) => {
  expect(compiled(here).warnings).toEqual([]);
  if (verdict.startsWith("read as it is")) return expect(compiled(old).program.plays[0]!.tasks).toHaveLength(1);
  const [problem] = await problemsFrom(() => compiled(old));
  expect(problem!.hint ?? problem!.expected).toMatch(/./);
});

/** What stands behind `--` is the person's own, and so is the command in front of it. */
const commands = codes(table(section(text, "Commands"), "| with Ansible | here |").map(([, here]) => here).join(" ")).filter((code) => code.startsWith("bowline ") && !code.includes(" -- "));

test("docs/coming-from-ansible.md has commands", () => expect(commands.length).toBeGreaterThan(15));

test.each(commands)("%s is a command with these options", async (line) => {
  const words = line.split(" ").slice(1);
  const { stdout } = await type([words[0]!, ...(["secrets", "runs"].includes(words[0]!) ? [words[1]!] : []), "--help"]);
  expect(stdout).toMatch(new RegExp(`^Usage: bowline ${words[0]!}`));
  for (const option of words.filter((word) => word.startsWith("-"))) expect(stdout).toMatch(optionLine(option));
});

const flags = codes(table(section(text, "Commands"), "| in `ansible.cfg`, or `ANSIBLE_…` | here |").map(([, here]) => here).join(" ")).filter((code) => code.startsWith("-"));

test.each(flags)("%s is an option of run", async (line) => {
  const { stdout } = await type("run --help");
  expect(stdout).toMatch(optionLine(line.split(" ")[0]!));
});

function optionLine(option: string): RegExp {
  return new RegExp(`^  (-\\w, )?${option}\\b`, "m");
}

const absent = table(section(text, "What is not there"), "| in Ansible | instead |").map(([, instead]) => instead!);

test("what stands in the place of what is not there names modules and functions that are", () => {
  const modules = absent.flatMap(codes).filter((code) => ["command", "shell", "script", "debug", "setup"].includes(code));
  expect(modules.length).toBeGreaterThan(4);
  for (const name of modules) expect(registry.has(name)).toBe(true);
});
