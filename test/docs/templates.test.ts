import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseText, placeInFile } from "../../src/template/handlebars.ts";
import { blockForJinja, handlebarsForJinja } from "../../src/template/jinja-to-handlebars.ts";
import { renderText } from "../../src/template/render.ts";
import { lookupsOver } from "../template/_lookups.ts";
import { contextOf } from "../template/_variables.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/templates.md"), "utf8");
const blocks = [...page.matchAll(/^```(\w+)(?: (\w+))?\n([\s\S]*?)^```$/gm)].map(([, kind, name, text]) => ({ kind: kind!, name, text: text! }));
const partials = Object.fromEntries(blocks.flatMap(({ kind, name, text }) => (kind === "partial" ? [[name!, text]] : [])));
const pairs = blocks.flatMap(({ kind, text }, index) => (kind === "hbs" ? [[text, blocks[index + 1]!.text] as const] : []));
const web = [{ name: "w1", ip: "10.0.0.1", ports: [80, 443] }, { name: "w2", ip: "10.0.0.2", ports: [] }];
const context = contextOf({ web, domain: "example.com", tls: true, debug: false }, {}, lookupsOver(partials));

test("docs/templates.md has examples", () => expect(pairs.length).toBeGreaterThan(3));

test.each(pairs)("of docs/templates.md: %s", (source, text) => {
  expect(renderText(source, "t.hbs", context)).toBe(text);
});

const rows = [...page.matchAll(/^\| `(.*)` \| `(.*)` \|$/gm)].map(([, jinja, here]) => [jinja!.replaceAll("\\|", "|"), here!.replaceAll("\\|", "|")] as const);

test.each(rows)("%s is %s, as the page says", (jinja, here) => {
  const block = /^\{%(.*)%\}$/.exec(jinja)?.[1];
  expect(block === undefined ? `{{ ${handlebarsForJinja(jinja.slice(2, -2))} }}` : blockForJinja(block)).toBe(here);
  if (block === undefined) expect(() => parseText(here, placeInFile("f"))).not.toThrow();
});
