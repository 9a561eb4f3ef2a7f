import * as z from "zod";
import { isRequired } from "./args.ts";
import type { Module } from "./contract.ts";

/** The page of a module, in Markdown: summary, arguments, examples and the rules it follows. */
export function describeMarkdown(module: Module): string {
  const rows = Object.entries(module.args).map(([name, type]) => `| \`${name}\` | ${wordsOf(type)} | ${defaultOf(type)} |`);
  const args = rows.length > 0 ? ["## Arguments", "", "| argument | what | default |", "|---|---|---|", ...rows, ""] : [];
  const notes = module.notes === undefined ? [] : ["## Rules", "", module.notes.trim(), ""];
  const examples = module.examples.flatMap((example) => [`${example.title}:`, "", "```yaml", ...indentedTask(example.yaml), "```", ""]);
  return `${[`# ${module.name}`, "", module.summary, "", kindWords[module.kind], "", ...args, "## Examples", "", ...examples, ...notes].join("\n").trimEnd()}\n`;
}

/** The same for a terminal. */
export function describeText(module: Module): string {
  const width = Math.max(0, ...Object.keys(module.args).map((name) => name.length));
  const args = Object.entries(module.args).map(([name, type]) => `  ${name.padEnd(width)}  ${wordsOf(type)} (${defaultOf(type)})`);
  const examples = module.examples.flatMap((example) => ["", `  # ${example.title}`, ...indentedTask(example.yaml).map((line) => `  ${line}`)]);
  const notes = module.notes === undefined ? [] : ["", "Rules:", ...module.notes.trim().split("\n").map((line) => `  ${line}`)];
  return `${[`${module.name}: ${module.summary}`, `  ${kindWords[module.kind]}`, "", "Arguments:", ...args, "", "Examples:", ...examples, ...notes].join("\n")}\n`;
}

const kindWords = {
  resource: "A resource: it is looked at first, changed only where it differs, and looked at again.",
  action: "An action: it runs whenever it is reached.",
  control: "A control: it runs on the controller only.",
} as const;

function wordsOf(type: z.ZodType): string {
  return (type.description ?? "").replaceAll("|", "\\|");
}

function defaultOf(type: z.ZodType): string {
  if (isRequired(type)) return "required";
  if (type instanceof z.ZodDefault) return `\`${JSON.stringify(type.def.defaultValue)}\``;
  return "–";
}

function indentedTask(yaml: string): string[] {
  return yaml.trimEnd().split("\n").map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
}
