import { BowlineError } from "../core/errors.ts";
import { suggestion } from "../core/suggest.ts";
import { signatureOf, type Example, type TemplateFunction } from "./functions/function.ts";
import { functionNamed, functionNames, ownName, subjects } from "./functions.ts";
import { lookups } from "./lookups.ts";

/** `bowline doc --functions`: every function on a line, by subject. */
export function functionsText(): string {
  const sections = Object.entries(subjects).map(([subject, table]) => `${subject}\n${Object.entries(table).map(([name, entry]) => `  ${signatureOf(name, entry)}\n      ${entry.summary}\n`).join("")}`);
  return `${sections.join("\n")}\n${lookupNames()}`;
}

/** `bowline doc --functions NAME`; E_OPTIONS with the nearest name when there is none. */
export function functionText(name: string): string {
  const entry = functionNamed(name);
  if (!entry) {
    const hint = suggestion(name, functionNames());
    throw new BowlineError({ code: "E_OPTIONS", message: `there is no function "${name}"`, ...(hint === undefined ? {} : { hint }) });
  }
  const own = ownName(name);
  const notes = [entry.summary, ...remarks(entry)];
  const shown = entry.examples.map(([source, value]) => `  ${source}\n      ${JSON.stringify(value)}\n`);
  return [`${signatureOf(own, entry)}\n`, ...notes.map((note) => `${note}\n`), ...(shown.length > 0 ? ["\n", ...shown] : [`\n${lookupNames()}`])].join("");
}

/** docs/functions.md. */
export function functionsMarkdown(): string {
  return [
    "# Functions",
    "",
    "What templates and expressions can call. One table serves both: `{{ join (sort names) ', ' }}` in a template is `join(sort(names), ', ')`, or",
    "`names.sort().join(', ')`, in an expression. A `?` marks what may be left out, `…` any number of values. In a template an argument may have its",
    "name: `{{ sort users attribute='age' reverse=true }}`; in an expression they stand in their order. `{{ name }}` alone is always the variable of",
    "this name, if there is one. `bowline doc --functions` shows this page, `bowline doc --functions NAME` one of it.",
    "",
    "How templates are written is in [templates.md](templates.md).",
    "",
    ...Object.entries(subjects).flatMap(([subject, table]) => [`## ${subject}`, "", "| function | gives | for example |", "|---|---|---|", ...Object.entries(table).map(([name, entry]) => row(name, entry)), ""]),
    "The lookups:",
    "",
    "| lookup | finds | for example |",
    "|---|---|---|",
    ...Object.entries(lookups).map(([name, { summary, example }]) => `| \`${name}\` | ${cell(summary)} | \`${cell(example)}\` |`),
    "",
    "This page is made from the code by `npm run docs`; a test fails when it is stale.",
    "",
  ].join("\n");
}

function lookupNames(): string {
  const width = Math.max(...Object.keys(lookups).map((name) => name.length));
  return `The lookups\n${Object.entries(lookups).map(([name, { summary, example }]) => `  ${name.padEnd(width)}  ${summary}\n  ${" ".repeat(width)}  ${example}\n`).join("")}`;
}

function remarks({ aliases = [], inCel }: TemplateFunction): string[] {
  const other = aliases.length > 0 ? [`Also called ${aliases.join(", ")}.`] : [];
  return inCel ? [...other, "In templates only: an expression has an operator for it."] : other;
}

function row(name: string, entry: TemplateFunction): string {
  const words = [entry.summary, ...remarks(entry)].join(" ");
  return `| \`${cell(signatureOf(name, entry))}\` | ${cell(words)} | ${entry.examples.map(shown).join("<br>")} |`;
}

function shown([source, value]: Example): string {
  return `\`${cell(source)}\` → \`${cell(JSON.stringify(value))}\``;
}

function cell(words: string): string {
  return words.replaceAll("|", "\\|");
}
