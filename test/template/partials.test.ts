import { inspectFile } from "../../src/template/names.ts";
import { renderText } from "../../src/template/render.ts";
import { placed, problemsFrom } from "../load/_files.ts";
import { lookupsOver } from "./_lookups.ts";
import { contextOf } from "./_variables.ts";

const files: Readonly<Record<string, string>> = {
  "header.hbs": "# managed: {{ name }}\n",
  user: "{{ id }}{{#if admin}} admin{{/if}}\n",
  "parts/line": "{{ key }}={{ value }}\n",
  tree: "- {{ label }}\n{{#each kids}}\n  {{> tree this }}\n{{/each}}\n",
  endless: "x{{> endless }}",
  ping: "{{> pong }}",
  pong: "{{> ping }}",
  wrong: "fine\n{{ upper }}\n{{ uper name }}\n",
  asks: "{{#if maybe}}{{ maybe }}{{/if}}{{ nobody }}\n",
};
const lookups = lookupsOver(files);
const variables = {
  name: "Ann",
  users: [{ id: "x", admin: true }, { id: "y", admin: false }],
  root: { label: "a", kids: [{ label: "b", kids: [] }, { label: "c", kids: [{ label: "d", kids: [] }] }] },
};
const context = contextOf(variables, {}, lookups);
const rendered = (text: string) => renderText(text, "t.hbs", context);

test.each<[string, string, string]>([
  ["a partial alone on its line", "{{> header }}\nlisten 80\n", "# managed: Ann\nlisten 80\n"],
  ["one in the middle of a line", "[{{> parts/line key='a' value=1 }}]", "[a=1\n]"],
  ["one that is moved right keeps its lines together", "users:\n  {{> user users.[0] }}\nend\n", "users:\n  x admin\nend\n"],
  ["an item for each", "{{#each users}}\n{{> user this }}\n{{/each}}\n", "x admin\ny\n"],
  ["what stands around it", "{{#each users}}\n{{> user }}\n{{/each}}\n", "x admin\ny\n"],
  ["names of its own", "{{> parts/line key=name value=users.[0].id }}\n", "Ann=x\n"],
  ["itself, over the parts of a tree", "{{> tree root }}\n", "- a\n  - b\n  - c\n    - d\n"],
])("%s", (_, text, expected) => {
  expect(rendered(text)).toBe(expected);
});

test.each<[string, string]>([
  ["{{> nothing }}", '/t.hbs:1:1: there is no partial "nothing"'],
  ["a\n{{> asks }}", '/p/templates/asks:1:35: "nobody" is not defined'],
  ["{{> endless }}", "/p/templates/endless:1:2: partials name each other without end: endless → endless → endless → endless"],
  ["{{> ping }}", "/p/templates/pong:1:1: partials name each other without end: pong → ping → pong → ping"],
])("%s fails in its place", async (text, expected) => {
  const [problem] = await problemsFrom(() => renderText(text, "/t.hbs", context));
  expect(`${problem!.at!.file}:${placed(problem!)}`).toBe(expected);
});

describe("before a run", () => {
  const inspected = (text: string) => inspectFile(text, "t.hbs", lookups.partial);
  const names = (text: string) => inspected(text).uses.map(({ name, lenient }) => `${name}${lenient ? "?" : ""}`).join(" ");

  test.each<[string, string]>([
    ["{{> header }}", "name"],
    ["{{> asks }}", "maybe? maybe? nobody"],
    ["{{#if nobody}}{{> asks }}{{/if}}", "nobody? maybe? maybe? nobody?"],
    ["{{> user users.[0] }}", "users"],
    ["{{> user }}", "id admin?"],
    ["{{> user id=1 admin=name }}", "name"],
    ["{{#each users}}{{> user }}{{/each}}", "users"],
    ["{{> endless }}", ""],
    ["{{> ping }}", ""],
  ])("the names that %s needs: %s", (text, expected) => {
    expect(names(text)).toBe(expected);
  });

  test("names in a partial are at their places there", () => {
    expect(inspected("{{> header }}").uses[0]!.at).toEqual({ file: "/p/templates/header.hbs", line: 1, column: 15 });
  });

  test("mistakes in a partial, and partials that are not there, are told", () => {
    expect(inspected("{{> wrong }}{{> nothing }}").problems.map((problem) => `${problem.at!.file}:${placed(problem)}`)).toEqual(['/p/templates/wrong:3:4: there is no helper "uper"', 't.hbs:1:13: there is no partial "nothing"']);
  });

  test("without a way to read partials nothing is said of them", () => {
    expect(inspectFile("{{> nothing }}", "t.hbs")).toEqual({ problems: [], uses: [] });
  });
});
