import { throwProblems, type Problem } from "../core/errors.ts";
import type { MappingEntry, SourceNode } from "../core/node.ts";
import { suggestion } from "../core/suggest.ts";
import { profiles, type Profile } from "./rule.ts";
import { rules } from "./rules.ts";

/** The names of the file, in the root of a project; the first that is there counts. */
export const configNames = [".bowline-lint", ".bowline-lint.yml", ".bowline-lint.yaml"] as const;

/** What `.bowline-lint` says. */
export interface Config {
  readonly profile: Profile;
  readonly skip: readonly string[];
  readonly warn: readonly string[];
  /** Files and folders that are not looked at, beginning where the file stands; `*` stands for any part of a name. */
  readonly exclude: readonly string[];
}

export const defaultConfig: Config = { profile: "production", skip: [], warn: [], exclude: [] };

/** Reads the root of a `.bowline-lint`. Throws every mistake at once (E_OPTIONS). */
export function readConfig(root: SourceNode): Config {
  const problems: Problem[] = [];
  if (root.kind === "scalar" && root.value === null) return defaultConfig;
  if (root.kind !== "mapping") problems.push({ code: "E_OPTIONS", message: "the settings of lint must be a mapping", at: root.at, expected: settings.join(", ") });
  const entries = root.kind === "mapping" ? root.entries : [];
  const config = Object.fromEntries(entries.map((entry) => [entry.key, readSetting(entry, problems)]));
  throwProblems(problems);
  return { ...defaultConfig, ...config };
}

const settings = Object.keys(defaultConfig);

function readSetting({ key, keyAt, value }: MappingEntry, problems: Problem[]): unknown {
  if (!settings.includes(key)) problems.push({ code: "E_OPTIONS", message: `"${key}" is not a setting of lint`, at: keyAt, expected: settings.join(", "), ...hintOf(key, settings) });
  else if (key === "profile") return textOf(value, problems, (word) => unknownProfile(word));
  else {
    const items = value.kind === "sequence" ? value.items : [value];
    return items.map((item) => textOf(item, problems, (word) => (key === "exclude" ? undefined : unknownRule(word))));
  }
  return undefined;
}

function textOf(node: SourceNode, problems: Problem[], check: (word: string) => Problem | undefined): string {
  const word = node.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
  const problem = word === undefined ? { code: "E_OPTIONS" as const, message: "this must be a word" } : check(word);
  if (problem) problems.push({ ...problem, at: node.at });
  return word ?? "";
}

/** What is wrong with the id of a rule that somebody typed, without its place. */
export function unknownRule(id: string): Problem | undefined {
  const ids = rules.map((rule) => rule.id);
  if (ids.includes(id)) return undefined;
  return { code: "E_OPTIONS", message: `there is no rule "${id}"`, hint: hintOf(id, ids).hint ?? "bowline lint --list-rules shows what there is" };
}

/** What is wrong with the name of a profile, without its place. */
export function unknownProfile(name: string): Problem | undefined {
  if ((profiles as readonly string[]).includes(name)) return undefined;
  return { code: "E_OPTIONS", message: `there is no profile "${name}"`, expected: profiles.join(", "), ...hintOf(name, profiles) };
}

function hintOf(word: string, known: readonly string[]): { hint?: string } {
  const hint = suggestion(word, known);
  return hint?.startsWith("did") ? { hint } : {};
}
