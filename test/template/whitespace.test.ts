import { renderText } from "../../src/template/render.ts";
import { lookupsOver } from "./_lookups.ts";
import { contextOf } from "./_variables.ts";

const context = contextOf(
  { on: true, off: false, list: ["a", "b"], none: [], map: { x: 1, y: 2 }, text: "one\ntwo\n", users: [{ name: "ann", keys: ["k1", "k2"] }, { name: "bob", keys: [] }] },
  {},
  lookupsOver({ part: "p1\np2\n" }),
);

describe("configuration files come out as they look", () => {
  test.each<[string, string, string]>([
    ["no newline is added at the end", "a = 1", "a = 1"],
    ["and none is lost", "a = 1\n\n", "a = 1\n\n"],
    ["a block on lines of its own leaves none", "a\n{{#if on}}\nb\n{{/if}}\nc\n", "a\nb\nc\n"],
    ["one that does not hold leaves nothing", "a\n{{#if off}}\nb\n{{/if}}\nc\n", "a\nc\n"],
    ["as the last lines of a file", "a\n{{#if on}}\nb\n{{/if}}\n", "a\nb\n"],
    ["as the last line without a newline", "a\n{{#if on}}\nb\n{{/if}}", "a\nb\n"],
    ["as the first lines of a file", "{{#if on}}\na\n{{/if}}\nb\n", "a\nb\n"],
    ["else stands alone too", "{{#if off}}\na\n{{else}}\nb\n{{/if}}\n", "b\n"],
    ["and else if", "{{#if off}}\na\n{{else if on}}\nb\n{{else}}\nc\n{{/if}}\n", "b\n"],
    ["blanks around the tag go with it", "a\n  {{#if on}}  \n  b\n  {{/if}}\t\nc\n", "a\n  b\nc\n"],
    ["blank lines that are written stay", "a\n\n{{#if on}}\n\nb\n\n{{/if}}\n\nc\n", "a\n\n\nb\n\n\nc\n"],
    ["each item has its lines", "{{#each list}}\n- {{ this }}\n{{/each}}\n", "- a\n- b\n"],
    ["an empty list has none", "a\n{{#each none}}\n- {{ this }}\n{{/each}}\nb\n", "a\nb\n"],
    ["blocks in blocks", "{{#each users as |u|}}\n[{{ u.name }}]\n{{#each u.keys as |k|}}\nkey={{ k }}\n{{else}}\n; no keys\n{{/each}}\n{{/each}}\nend\n", "[ann]\nkey=k1\nkey=k2\n[bob]\n; no keys\nend\n"],
    ["a mapping by its keys", "{{#each map}}\n{{ @key }}: {{ this }}\n{{/each}}\n", "x: 1\ny: 2\n"],
    ["two tags on a line are no lines of their own", "{{#if on}}{{#if on}}\na\n{{/if}}{{/if}}\n", "\na\n\n"],
    ["in the middle of a line nothing is taken", "a {{#if on}}b{{/if}} c\n", "a b c\n"],
    ["a block around the end of a line", "a{{#if on}}\nb{{/if}}\nc\n", "a\nb\nc\n"],
    ["a value alone on its line stays a line", "a\n{{ @root.list.[0] }}\nb\n", "a\na\nb\n"],
    ["a comment alone on its line is none", "a\n{{! why }}\n{{!-- {{ not }} --}}\nb\n", "a\nb\n"],
    ["a partial alone on its line ends as it ends", "a\n{{> part }}\nb\n", "a\np1\np2\nb\n"],
    ["a partial that is moved right", "a\n    {{> part }}\nb\n", "a\n    p1\n    p2\nb\n"],
    ["~ takes what is before", "a \n {{~ 'b' }} c", "ab c"],
    ["~ takes what is behind", "a {{ 'b' ~}} \n c", "a bc"],
    ["~ in blocks", "[{{~#each list~}} {{ this }} {{~#unless @last}},{{/unless~}} {{~/each~}} ]", "[a,b]"],
    ["newlines of a value stay", "<{{ text }}>", "<one\ntwo\n>"],
    ["Windows' line ends stay, and are blank", "a\r\n{{#if on}}\r\nb\r\n{{/if}}\r\nc\r\n", "a\r\nb\r\nc\r\n"],
    ["raw text stays as it is, its tags leave no lines", "{{{{raw}}}}\n{{#if x}}\n{{{{/raw}}}}\n", "{{#if x}}\n"],
  ])("%s", (_, source, text) => {
    expect(renderText(source, "t.hbs", context)).toBe(text);
  });
});
