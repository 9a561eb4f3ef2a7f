import { plainOf } from "../../src/core/node.ts";
import type { Prompt } from "../../src/compile/prompts.ts";
import { compileText, mistakes, type Around } from "./_compile.ts";

const asking = (prompt: string) => `- hosts: web\n  vars_prompt: ${prompt}\n  tasks: [{debug: {msg: "{{ x }}"}}]\n`;
const answered = (prompt: string, around: Around = {}) => compileText(asking(prompt), around).program.plays[0]!.variables.filter(({ level }) => level === "vars_prompt").map(({ name, value }) => [name, plainOf(value)]);

test.each<[string, string, Around, unknown[]]>([
  ["the answer", "[{name: x, prompt: Which?}]", { answers: { x: "this" } }, [["x", "this"]]],
  ["the default, where nobody answers", "[{name: x, default: that}]", {}, [["x", "that"]]],
  ["the answer over the default", "[{name: x, default: that}]", { answers: { x: "this" } }, [["x", "this"]]],
  ["a default that is a number, as text", "[{name: x, default: 5}]", {}, [["x", "5"]]],
  ["nothing, where there is neither", "[{name: x}]", {}, [["x", ""]]],
  ["nothing is asked for what -e gives", "[{name: x}]", { extra: { x: "given" } }, []],
  ["several", "[{name: x}, {name: y}]", { answers: { x: "1", y: "2" } }, [["x", "1"], ["y", "2"]]],
])("a variable gets %s", (_, prompt, around, variables) => {
  expect(answered(prompt, around)).toEqual(variables);
});

test("what is asked, and how", () => {
  const asked: Prompt[] = [];
  compileText(asking("[{name: x, prompt: Which?, private: false, confirm: true, default: d}, {name: y}]"), { onPrompt: (prompt) => asked.push(prompt) });
  expect(asked).toMatchObject([{ name: "x", question: "Which?", isPrivate: false, confirm: true, otherwise: "d" }, { name: "y", question: "y", isPrivate: true, confirm: false }]);
});

test.each([
  ["[{prompt: Which?}]", 'this prompt has no "name"'],
  ["[x]", 'an item of "vars_prompt" must be a mapping'],
  ["[{name: 5x}]", '"5x" cannot be the name of a variable'],
  ["[{name: x, encrypt: sha512_crypt}]", '"encrypt" is not a key of vars_prompt'],
  ["[{name: x, promt: y}]", '"promt" is not a key of vars_prompt'],
  ["{name: x}", '"vars_prompt" must be a list'],
])("%s is refused: %s", async (prompt, message) => {
  expect((await mistakes(asking(prompt), { extra: { x: "1" } }))[0]).toContain(message);
});
