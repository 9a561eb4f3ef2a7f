import type { ScalarNode } from "../../src/core/node.ts";
import { parseYaml } from "../../src/load/yaml.ts";
import { render, renderText } from "../../src/template/render.ts";
import { placed, problemsFrom } from "../load/_files.ts";
import { contextOf } from "./_variables.ts";

const variables = {
  name: "Ann",
  port: 5000,
  ratio: 1.5,
  flag: true,
  off: false,
  zero: 0,
  empty: "",
  nothing: null,
  html: `<a href="x">&'</a>`,
  list: [1, 2, 3],
  none: [],
  map: { a: 1, b: { c: "deep" } },
  users: [{ id: "x", tags: ["t", "u"] }, { id: "y", tags: [] }],
  url: "http://{{ name }}:{{ port }}",
  both: ["{{ port }}", { key: "{{ flag }}" }],
  first: "a variable with the name of a helper",
};
const context = contextOf(variables);
const node = (text: string): ScalarNode => ({ kind: "scalar", value: text, at: { file: "f.yml", line: 1, column: 1 } });
const rendered = (text: string) => render(node(text), context);

describe("a text that is one {{ … }} keeps its type", () => {
  test.each<[string, unknown]>([
    ["{{ port }}", 5000],
    ["{{port}}", 5000],
    ["{{ ratio }}", 1.5],
    ["{{ flag }}", true],
    ["{{ nothing }}", null],
    ["{{ list }}", [1, 2, 3]],
    ["{{ map }}", { a: 1, b: { c: "deep" } }],
    ["{{ map.b.c }}", "deep"],
    ["{{ list.[0] }}", 1],
    ["{{ users.[1].id }}", "y"],
    ["{{ both }}", [5000, { key: true }]],
    ["{{ url }}", "http://Ann:5000"],
    ["{{{ html }}}", `<a href="x">&'</a>`],
    ["{{ 'literal' }}", "literal"],
    ["{{ this.first }}", "a variable with the name of a helper"],
    ["{{ @root.port }}", 5000],
  ])("%s", (text, value) => {
    expect(rendered(text)).toEqual(value);
  });
});

describe("any other text stays text", () => {
  test.each<[string, string]>([
    ["no braces", "no braces"],
    ["{{ name }}!", "Ann!"],
    [" {{ port }}", " 5000"],
    ["{{ port }}{{ flag }}", "5000true"],
    ["{{ html }} is not escaped", `<a href="x">&'</a> is not escaped`],
    ["[{{ nothing }}]", "[]"],
    ["a list {{ list }} and a mapping {{ map }}", 'a list [1,2,3] and a mapping {"a":1,"b":{"c":"deep"}}'],
    ["\\{{ name }}", "{{ name }}"],
    ["{{! a comment }}x", "x"],
    ["a\n{{~ ' b' }}", "a b"],
  ])("%j", (text, value) => {
    expect(rendered(text)).toBe(value);
  });
});

describe("blocks", () => {
  test.each<[string, string]>([
    ["{{#if flag}}yes{{else}}no{{/if}}", "yes"],
    ["{{#if off}}yes{{else}}no{{/if}}", "no"],
    ["{{#if zero}}yes{{else}}no{{/if}}", "no"],
    ["{{#if empty}}yes{{else}}no{{/if}}", "no"],
    ["{{#if none}}yes{{else}}no{{/if}}", "no"],
    ["{{#if map}}yes{{/if}}", "yes"],
    ["{{#if nobody}}yes{{else}}no{{/if}}", "no"],
    ["{{#if map.q.r}}yes{{else}}no{{/if}}", "no"],
    ["{{#if nobody}}{{ nobody }}{{/if}}.", "."],
    ["{{#if off}}1{{else if flag}}2{{else}}3{{/if}}", "2"],
    ["{{#if (eq port 5000)}}same{{/if}}", "same"],
    ["{{#if (and flag (not off) (gt port 80))}}all{{/if}}", "all"],
    ["{{#if (or nobody flag)}}one{{/if}}", "one"],
    ["{{#unless off}}x{{else}}y{{/unless}}", "x"],
    ["{{#each list}}{{ this }}{{#unless @last}},{{/unless}}{{/each}}", "1,2,3"],
    ["{{#each none}}x{{else}}nobody{{/each}}", "nobody"],
    ["{{#each nothing}}x{{else}}nobody{{/each}}", "nobody"],
    ["{{#each users}}{{ @index }}{{ id }}{{ this.id }}{{ ./id }} {{/each}}", "0xxx 1yyy "],
    ["{{#each map}}{{ @key }} {{/each}}", "a b "],
    ["{{#each users}}{{ ../name }}{{ @root.port }} {{/each}}", "Ann5000 Ann5000 "],
    ["{{#each users as |user i|}}{{ i }}{{ user.id }}{{/each}}", "0x1y"],
    ["{{#each users as |user|}}{{#each user.tags as |tag|}}{{ user.id }}{{ tag }}{{/each}}{{/each}}", "xtxu"],
    ["{{#each users}}{{#each tags}}{{ ../id }}{{ @../index }}{{ @index }}{{ this }} {{/each}}{{/each}}", "x00t x01u "],
    ["{{#with map}}{{ a }}{{ b.c }}{{/with}}", "1deep"],
    ["{{#with map as |m|}}{{ m.a }}{{/with}}", "1"],
    ["{{#with nothing}}x{{else}}y{{/with}}", "y"],
    ["{{#users}}{{ id }}{{/users}}", "xy"],
    ["{{#flag}}{{ name }}{{/flag}}", "Ann"],
    ["{{^none}}nobody{{/none}}", "nobody"],
    ["{{{{raw}}}}{{ name }} {% if %}{{{{/raw}}}}", "{{ name }} {% if %}"],
  ])("%s", (text, value) => {
    expect(rendered(text)).toBe(value);
  });

  test("on lines of their own leave no empty lines", () => {
    expect(renderText("begin\n{{#each list}}\n  item {{ this }}\n{{/each}}\nend\n", "t.hbs", context)).toBe("begin\n  item 1\n  item 2\n  item 3\nend\n");
  });
});

describe("mistakes are told with their place", () => {
  test.each<[string, string, string]>([
    ["{{ nam }}", '1:4: "nam" is not defined', 'did you mean "name"?'],
    ["port {{ prot }}", '1:9: "prot" is not defined', ""],
    ["{{ map.b.d }}", '1:4: "map.b.d" is not defined', 'did you mean "map.b.c"?'],
    ["a {{ map.b.d }}", '1:6: "map.b.d" is not defined', 'did you mean "map.b.c"?'],
    ["{{ map.a.b }}", '1:4: "map.a.b" is not defined', ""],
    ["{{ name.length }}", '1:4: "name.length" is not defined', ""],
    ["{{ constructor }}", '1:4: "constructor" is not defined', ""],
    ["{{ map.__proto__ }}", '1:4: "map.__proto__" is not defined', ""],
    ["{{ upper nobody }}", '1:10: "nobody" is not defined', ""],
    ["x {{ upper nobody }}", '1:12: "nobody" is not defined', ""],
    ["{{#each nobody}}x{{/each}}", '1:9: "nobody" is not defined', ""],
    ["{{#with nobody}}x{{/with}}", '1:9: "nobody" is not defined', ""],
    ["{{#each users}}{{ nme }}{{/each}}", '1:19: "nme" is not defined', ""],
    ["{{#each users}}{{ name }}{{/each}}", '1:19: "name" is not defined', "inside a block the variables of the task are further out: {{ @root.name }}"],
    ["{{#each users}}{{ idd }}{{/each}}", '1:19: "idd" is not defined', 'did you mean "id"?'],
    ["{{#each port}}x{{/each}}", "1:1: {{#each}} needs a list or a mapping, not number 5000", ""],
    ["{{ first name }}", '1:4: first needs a list, not text "Ann"', ""],
    ["x {{ first name }}", '1:6: first needs a list, not text "Ann"', ""],
    ["{{ uper name }}", '1:4: there is no helper "uper"', 'did you mean "upper"?'],
    ["x {{ uper name }}", '1:6: there is no helper "uper"', 'did you mean "upper"?'],
    ["{{#if (equal port 1)}}x{{/if}}", '1:8: there is no helper "equal"', ""],
    ["{{ upper }}", '1:4: "upper" is not defined', "upper is a function: upper(text) is written {{ upper text }}"],
    ["{{ default name }}", "1:4: default takes 2 or 3 arguments, not 1", ""],
    ["{{ if flag }}", "1:4: if is a block", "write {{#if …}} … {{/if}}"],
    ["{{#if eq port 1}}x{{/if}}", "1:4: {{#if}} takes one value, not 3", "a call inside it stands in round brackets: {{#if (eq a b)}}"],
    ["{{#upper name}}x{{/upper}}", "1:4: upper is no block", "write {{ upper … }}"],
    ["{{#echa list}}x{{/echa}}", '1:4: there is no block "echa"', ""],
    ["{{ indent name widht=4 }}", '1:16: indent has no argument "widht"', 'did you mean "width"?'],
    ["{{ upper name how=1 }}", '1:15: upper has no argument "how"', "upper(text)"],
    ["{{#if flag now=1}}x{{/if}}", "1:12: blocks take no named arguments", "write the value alone, without now="],
    ["{{ name }}{{ omit }}", "1:14: omit leaves out a whole value, it cannot be a part of text", ""],
    ["{{> header }}", "1:1: partials do not work here", "they work in tasks, and in the variables that tasks use"],
    ["{{#> header }}x{{/header}}", "1:1: a partial is no block", "write {{> name }}"],
    ["{{> (upper name) }}", "1:1: the name of a partial is written as it is", ""],
    ["{{> ../secrets }}", "1:1: a partial lies in templates/: ../secrets", ""],
    ["{{* inline }}", "1:1: templates have no decorators", ""],
    ["{{ lookup 'env' 'HOME' }}", "1:4: lookups do not work here", "they work in tasks, and in the variables that tasks use"],
    ["{{ lookup 'evn' 'HOME' }}", '1:11: there is no lookup "evn"', 'did you mean "env"?'],
    ["{{ lookup }}", '1:4: "lookup" is not defined', "lookup is a function: lookup(name, terms…, options?) is written {{ lookup name }}"],
    ["{{ name", "1:1: {{ is not closed", "end it with }}; a literal {{ is written \\{{"],
    ["{{ a b", "1:1: {{ is not closed", "end it with }}; a literal {{ is written \\{{"],
    ["{{ name } and {{ port }}", "1:1: {{ is not closed", "end it with }}; a literal {{ is written \\{{"],
    ["{{ }}", "1:4: {{ }} names nothing", ""],
    ["{{#if flag}}x", "1:1: {{#if}} is not closed", "end it with {{/if}}"],
    ["{{#if flag}}{{#each list}}x{{/each}}", "1:1: {{#if}} is not closed", "end it with {{/if}}"],
    ["{{#if flag}}x{{/each}}", "1:4: {{#if}} is closed by {{/each}}", ""],
    ["x{{/if}}", "1:2: {{/if}} closes a block that is not open", ""],
    ["{{else}}", "1:1: {{else}} stands outside a block", ""],
  ])("%s", async (text, expected, hint) => {
    const problems = await problemsFrom(() => rendered(text));
    expect(problems.map(placed)[0]).toBe(expected);
    if (hint !== "") expect(problems[0]!.hint).toBe(hint);
  });

  test("every one of a text", async () => {
    const problems = await problemsFrom(() => rendered("{{ uper name }} {{ lower 1 2 }} {{#> x }}{{/x}}"));
    expect(problems.map(placed)).toEqual(['1:4: there is no helper "uper"', "1:20: lower takes 1 argument, not 2", "1:33: a partial is no block"]);
  });
});

describe("what people bring along from Jinja gets its translation", () => {
  test.each<[string, string, string]>([
    ["{{ name | upper }}", "1:9", "there are no filters: write {{ upper name }}"],
    ["{{ name|upper }}", "1:8", "there are no filters: write {{ upper name }}"],
    ["{{ x | default('y') }}", "1:6", "there are no filters: write {{ default x 'y' }}"],
    ["{{ x | d(omit) }}", "1:6", "there are no filters: write {{ default x omit }}"],
    ["{{ map | to_nice_json }}", "1:8", "there are no filters: write {{ to_nice_json map }}"],
    ["{{ list | join(',') }}", "1:9", "there are no filters: write {{ join list ',' }}"],
    ["{{ x | ipaddr }}", "1:6", "there are no filters: write {{ ipaddr x }}"],
    ["{{ x | frobnicate }}", "1:6", 'there are no filters, and no helper "frobnicate"'],
    ["{{ x | default('') | upper }}", "1:6", "there are no filters: write {{ upper (default x '') }}"],
    ["{{ default(x, 'y') }}", "1:4", "write {{ default x 'y' }}"],
    ["{{ list[0] }}", "1:4", "write {{ list.[0] }}"],
    ["{{ list.0 }}", "1:9", "write {{ list.[0] }}"],
    ["{{ map['a'] }}", "1:4", "write {{ map.a }}"],
    ["{{ map[name] }}", "1:4", "write {{ item map name }}"],
    ["{{ port + 1 }}", "1:9", "operators go into conditions and !expr:  key: !expr port + 1"],
    ["{{ 'a' if flag else 'b' }}", "1:4", "write {{ ternary flag 'a' 'b' }}"],
    ["{{ name is defined }}", "1:4", "write {{ defined name }}"],
    ["{{ flag and port }}", "1:4", "write {{ and flag port }}"],
    ["{{ name ~ 'x' }}", "1:9", "write {{ concat name 'x' }}"],
  ])("%s", async (text, place, hint) => {
    const [problem] = await problemsFrom(() => rendered(text));
    expect(problem!.hint ?? problem!.message).toBe(hint);
    if (place !== "") expect(`${problem!.at!.line}:${problem!.at!.column}`).toBe(place);
  });

  test("every one of a text, at once", async () => {
    const text = "{{ a | upper }} {{ name }}\n{{ b[0] }}\n{{#if flag}}\n  {{ c ~ 'x' }}\n{{/if}}\n{{ uper name }}\n{% endif %}\n";
    const problems = await problemsFrom(() => renderText(text, "t.hbs", context));
    expect(problems.map((problem) => `${problem.at!.line}:${problem.at!.column} ${problem.hint}`)).toEqual([
      "1:6 there are no filters: write {{ upper a }}",
      "2:4 write {{ b.[0] }}",
      "4:8 write {{ concat c 'x' }}",
      '6:4 did you mean "upper"?',
      "7:1 write {{/if}}; text that is to stay as it is goes between {{{{raw}}}} and {{{{/raw}}}}",
    ]);
  });

  test("{% … %} is refused where it would end up in a file", async () => {
    const [problem] = await problemsFrom(() => renderText("first\n  {% for x in list %}\n", "t.hbs", context));
    expect(placed(problem!)).toBe("2:3: {% … %} is Jinja's");
  });
});

describe("places in the file", () => {
  const where = async (yaml: string) => {
    const root = parseYaml(yaml, "f.yml");
    return (await problemsFrom(() => render(root, context))).map(placed)[0];
  };

  test.each<[string, string, string]>([
    ["a plain value", "a: b {{ nam }}\n", '1:9: "nam" is not defined'],
    ["a quoted one", 'a: "b {{ nam }}"\n', '1:10: "nam" is not defined'],
    ["a literal block", "a: |\n  one\n  two {{ nam }}\n", '3:10: "nam" is not defined'],
    ["a folded block", "a: >\n    {{ nam }}\n", '2:8: "nam" is not defined'],
    ["deep in lists and mappings", "- a:\n    - b: '{{ nam }}'\n", '2:14: "nam" is not defined'],
    ["far along a long line", `a: "${"x".repeat(90)} {{ a | b }}"\n`, "1:101: this is no template: {{ a | b }}"],
    ["on a later line", "a: |\n  one {{ name }}\n  {{ a + b }}\n", "3:8: this is no template: {{ a + b }}"],
    ["an expression", "a: !expr nam + 1\n", '1:10: "nam" is not defined'],
    ["an expression in a block", "a: !expr |\n  port +\n  nam\n", '3:3: "nam" is not defined'],
  ])("of %s", async (_, yaml, expected) => {
    expect(await where(yaml)).toBe(expected);
  });

  test("of a template file are its own", async () => {
    const problems = await problemsFrom(() => renderText("one\ntwo {{ nam }}\n", "/p/templates/t.hbs", context));
    expect(problems[0]!.at).toEqual({ file: "/p/templates/t.hbs", line: 2, column: 8 });
  });
});

describe("variables of variables", () => {
  test("are rendered when they are used, and only then", () => {
    const lazy = contextOf({ good: "{{ other }}", bad: "{{ nobody }}", other: "value" });
    expect(render(node("{{ good }}"), lazy)).toBe("value");
  });

  test("blame the place where the name is written", async () => {
    const lazy = contextOf({ outer: "{{ inner }}", inner: "{{ nobody }}" });
    expect((await problemsFrom(() => render(node("{{ outer }}"), lazy)))[0]).toMatchObject({ code: "E_UNDEFINED", at: { file: "vars.yml" } });
  });

  test("in a circle show the chain", async () => {
    const circle = contextOf({ a: "{{ b }}", b: "x {{ c }}", c: "{{ a }}" });
    expect((await problemsFrom(() => render(node("{{ a }}"), circle)))[0]!.message).toBe("variables refer to each other in a circle: a → b → c → a");
  });

  test("that hold themselves are a circle too", async () => {
    const circle = contextOf({ path: "{{ path }}:/opt/bin" });
    expect((await problemsFrom(() => render(node("{{ path }}"), circle)))[0]!.message).toBe("variables refer to each other in a circle: path → path");
  });

  test("what a host printed is never taken for a template", () => {
    const printed = contextOf({ name: "Ann" }, { result: { stdout: "{{ name }}" } });
    expect(render(node("{{ result.stdout }}"), printed)).toBe("{{ name }}");
    expect(render(node("said {{ result.stdout }}"), printed)).toBe("said {{ name }}");
  });
});
