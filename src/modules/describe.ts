import * as z from "zod";
import type { Json } from "../core/json.ts";
import { isRequired } from "./args.ts";
import type { Module } from "./contract.ts";
import { moduleSchema, typeWords } from "./schema.ts";

/** The page of a module, in Markdown: summary, examples, arguments, and the rules it follows. */
export function describeMarkdown(module: Module): string {
  const rows = Object.entries(module.args).map(([name, type]) => `| \`${name}\` | ${cell(typeWords(type))} | ${markdownDefault(type)} | ${cell(type.description ?? "")} |`);
  const args = rows.length > 0 ? ["## Arguments", "", "| argument | takes | default | what it says |", "|---|---|---|---|", ...rows, ""] : [];
  const free = freeWords(module);
  const notes = module.notes === undefined ? [] : ["## Rules", "", module.notes.trim(), ""];
  const examples = module.examples.flatMap((example) => [`${example.title}:`, "", "```yaml", ...indentedTask(example.yaml), "```", ""]);
  const head = [`# ${module.name}`, "", module.summary, "", kindWords[module.kind], "", "## Examples", "", ...examples];
  return `${[...head, ...args, ...(free ? [free, ""] : []), ...notes].join("\n").trimEnd()}\n`;
}

/** The same for a terminal. */
export function describeText(module: Module): string {
  const args = Object.entries(module.args).flatMap(([name, type]) => [
    `  ${name} (${[typeWords(type), ...textDefault(type)].join("; ")})`,
    ...wrapped(type.description ?? "", "      "),
  ]);
  const free = freeWords(module);
  const examples = module.examples.flatMap((example) => ["", `  # ${example.title}`, ...indentedTask(example.yaml).map((line) => `  ${line}`)]);
  const notes = module.notes === undefined ? [] : ["", "Rules:", "", ...notesLines(module.notes)];
  const argLines = args.length > 0 ? ["", "Arguments:", ...args] : [];
  return `${[...wrapped(`${module.name}: ${module.summary}`, ""), ...wrapped(kindWords[module.kind], "  "), "", "Examples:", ...examples, ...argLines, ...(free ? ["", ...wrapped(free, "  ")] : []), ...notes].join("\n")}\n`;
}

/** The same as data, for programs; `args` is a JSON Schema. */
export function describeData(module: Module): Json {
  const { name, summary, kind, notes, examples } = module;
  const args = moduleSchema(module) as unknown as Json;
  return { name, summary, kind, ...(notes === undefined ? {} : { notes: notes.trim() }), args, examples: examples.map(({ title, yaml }) => ({ title, yaml })) };
}

/** A task to begin with: every argument with its words, those that must be given first and the others as comments. */
export function describeSnippet(module: Module): string {
  const args = Object.entries(module.args).sort(([, left], [, right]) => Number(isRequired(right)) - Number(isRequired(left)));
  const width = Math.max(0, ...args.map(([name]) => name.length)) + 2;
  const lines = args.map(([name, type]) => `    ${isRequired(type) ? `${name}:`.padEnd(width + 1) : `# ${name}:`.padEnd(width + 1)}  # ${[(type.description ?? "").replace(/\.$/, ""), typeWords(type), ...textDefault(type)].join("; ")}`);
  const name = module.summary.replace(/\.$/, "");
  return [`- name: ${name.includes(": ") ? JSON.stringify(name) : name}`, `  ${module.name}:`, ...lines, ""].join("\n");
}

const kindWords = {
  resource: "A resource: it is looked at first, changed only where it differs, and looked at again.",
  action: "An action: it runs whenever it is reached.",
  control: "A control: it runs on the controller only.",
} as const;

function freeWords({ name, freeForm, freeKeys }: Module): string | undefined {
  if (freeForm !== undefined) return `\`${name}: TEXT\` is short for \`${name}: { ${freeForm}: TEXT }\`; other arguments then go under \`args:\`.`;
  return freeKeys ? "Every key is the name of a variable, its value any value." : undefined;
}

function cell(words: string): string {
  return words.replaceAll("|", "\\|");
}

function markdownDefault(type: z.ZodType): string {
  if (isRequired(type)) return "required";
  return type instanceof z.ZodDefault ? `\`${defaultText(type)}\`` : "";
}

function textDefault(type: z.ZodType): string[] {
  if (isRequired(type)) return ["required"];
  return type instanceof z.ZodDefault ? [`default ${defaultText(type)}`] : [];
}

/** As one would write it in YAML. */
function defaultText(type: z.ZodDefault): string {
  const { defaultValue } = type.def;
  return typeof defaultValue === "string" && /^[A-Za-z0-9/][A-Za-z0-9 /._-]*$/.test(defaultValue) ? defaultValue : JSON.stringify(defaultValue);
}

function indentedTask(yaml: string): string[] {
  return yaml.trimEnd().split("\n").map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
}

const columns = 100;

/** Paragraphs and list items as lines; tables, code and what is indented by four stay as they are. */
function notesLines(notes: string): string[] {
  const blocks: string[] = [];
  let fenced = false;
  for (const line of notes.trim().split("\n")) {
    const fixed = fenced || /^(```|\||    )/.test(line);
    if (line.startsWith("```")) fenced = !fenced;
    const last = blocks.at(-1);
    const begins = fixed || line === "" || /^(\* |- |\d+\. )/.test(line) || last === undefined || last === "" || /^(```|\||    )/.test(last);
    if (begins) blocks.push(line);
    else blocks[blocks.length - 1] = `${last} ${line.trim()}`;
  }
  return blocks.flatMap((block) => (/^(```|\||    )/.test(block) ? [`  ${block}`] : wrapped(block, "  ")));
}

/** Lines of words; those after the first of a list item stand below its text. */
function wrapped(text: string, indent: string): string[] {
  const hanging = " ".repeat(/^(\* |- |\d+\. )/.exec(text)?.[0].length ?? 0);
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    const joined = line.trim() === "" ? `${line}${word}` : `${line} ${word}`;
    if (joined.length <= columns || line.trim() === "") line = joined;
    else {
      lines.push(line);
      line = `${indent}${hanging}${word}`;
    }
  }
  return [...lines, line.trimEnd()];
}
