import { entryKeys, otherModule } from "../../src/compile/keys.ts";
import { lint, type Choice, type Source } from "../../src/lint/lint.ts";
import type { Finding } from "../../src/lint/rule.ts";
import { parseYaml } from "../../src/load/yaml.ts";
import { optional, oneOf, text } from "../../src/modules/args.ts";
import { defineControl, type Registry } from "../../src/modules/contract.ts";
import { registry } from "../../src/modules/registry.ts";

/** The registry of this project, with what a rule is about and the project may lack. */
export const modules: Registry = new Map([
  ["package", defineControl({ name: "package", summary: "Packages.", args: { name: text("Its name."), state: optional(oneOf(["present", "latest"], "State.")) }, examples: [], act: () => ({ changed: false }) })],
  ...registry,
]);

export const tools = { parse: parseYaml, registry: modules, taskKeys: entryKeys, otherModule };

/** Every rule. */
export const everything: Choice = { profile: "production", skip: [], warn: [] };

/** What is found in files: path to text. */
export function found(files: Readonly<Record<string, string>>, choice: Partial<Choice> = {}): Promise<Finding[]> {
  return lint(sourcesOf(files), { ...everything, ...choice }, tools);
}

export function sourcesOf(files: Readonly<Record<string, string>>): Source[] {
  return Object.entries(files).map(([path, source]) => ({ path, text: source }));
}

/** `line:col rule` of each finding. */
export function places(findings: readonly Finding[]): string[] {
  return findings.map(({ at, rule }) => `${at.line}:${at.column} ${rule}`);
}
