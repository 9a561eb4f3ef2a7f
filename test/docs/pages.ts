import type { Registry } from "../../src/modules/contract.ts";
import { describeMarkdown } from "../../src/modules/describe.ts";
import { documentKeys } from "../../src/compile/keys.ts";
import { schemas } from "../../src/lint/schema.ts";
import { functionsMarkdown } from "../../src/template/describe.ts";
import { commandsPage } from "./commands-page.ts";
import { factsPage } from "./facts-page.ts";
import { lintPage } from "./lint-page.ts";

/** Everything in docs/ that is made from code: path, relative to docs/, to text. */
export function generatedDocs(registry: Registry): ReadonlyMap<string, string> {
  const modules = [...registry.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return new Map([
    ...modules.map((module) => [`modules/${module.name}.md`, describeMarkdown(module)] as const),
    ["modules/README.md", index(modules)],
    ["commands.md", commandsPage()],
    ["facts.md", factsPage()],
    ["functions.md", functionsMarkdown()],
    ["lint.md", lintPage()],
    ["playbook.schema.json", `${JSON.stringify(schemas.playbook(registry, documentKeys), null, 2)}\n`],
  ]);
}

const kinds = [
  ["resource", "Resources", "A thing on a host that is so or is made so. Looked at first, changed only where it differs, and looked at again; `status`, `--check` and `--diff` work for all of them, `down` for those that can be brought down."],
  ["action", "Actions", "Something that runs whenever it is reached. Check mode says *unknown*, except where nothing is changed."],
  ["control", "Controls", "What only the controller does."],
] as const;

function index(modules: readonly { readonly name: string; readonly kind: string; readonly summary: string }[]): string {
  const sections = kinds.flatMap(([kind, title, words]) => [
    `## ${title}`,
    "",
    words,
    "",
    "| module | does |",
    "|---|---|",
    ...modules.filter((module) => module.kind === kind).map((module) => `| [${module.name}](${module.name}.md) | ${module.summary} |`),
    "",
  ]);
  return [
    "# Modules",
    "",
    "A task names one module. `bowline doc` lists them, `bowline doc NAME` shows one of these pages in the terminal.",
    "",
    ...sections,
    "[playbook.schema.json](../playbook.schema.json) is a JSON Schema of the whole playbook; [editors](../editors.md) complete modules and arguments with it.",
    "",
    "These pages are made from the code by `npm run docs`; a test fails when they are stale.",
    "",
  ].join("\n");
}
