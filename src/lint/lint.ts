import { dirname } from "node:path";
import type { Problem } from "../core/errors.ts";
import type { SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Registry } from "../modules/contract.ts";
import { readFile, type LintFile, type Parse } from "./file.ts";
import { ignoresOf } from "./ignore.ts";
import { remarkOf } from "./remark.ts";
import { profiles, type Context, type Finding, type Looks, type Profile, type Project, type Remark, type Rule } from "./rule.ts";
import { rules } from "./rules.ts";

/** A file to lint: its path as findings show it, and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** What the linter is handed, so that it needs no other layer. */
export interface Tools {
  readonly parse: Parse;
  readonly registry: Registry;
  /** The keys of a task beside its module. */
  readonly taskKeys: readonly string[];
  /** What to use in the place of a module that there is not, of those that people look for. */
  readonly otherModule: (name: string) => string | undefined;
  /** Every mistake that the compiler finds in a playbook, which has been parsed already. */
  readonly compile?: (path: string, root: SourceNode) => Promise<readonly Problem[]>;
}

/** Which rules count, and for how much. */
export interface Choice {
  readonly profile: Profile;
  /** Ids of rules that are left out. */
  readonly skip: readonly string[];
  /** Ids of rules whose errors are warnings. */
  readonly warn: readonly string[];
}

/** What a lint came to, as it is reported. */
export interface Result {
  /** The files as they were looked at. */
  readonly sources: readonly Source[];
  readonly findings: readonly Finding[];
  /** Of Bowline. */
  readonly version: string;
}

/** Every finding in these files, in the order of their places. */
export async function lint(sources: readonly Source[], choice: Choice, tools: Tools): Promise<Finding[]> {
  const files = sources.map(({ path, text }) => readFile(path, text, tools));
  const compiled = new Map(await Promise.all(files.map(async (file) => [file.path, await compiledRemarks(file, tools)] as const)));
  const { registry, taskKeys, otherModule } = tools;
  const project: Project = { registry, taskKeys, otherModule, files, compiled, ruleIds: rules.map(({ id }) => id) };
  const strictness = profiles.indexOf(choice.profile);
  const chosen = rules.filter((rule) => profiles.indexOf(rule.profile) <= strictness && !choice.skip.includes(rule.id));
  const findings = files.flatMap((file) => findingsOf(chosen, { ...project, file }));
  return inOrder(withoutEchoes(findings).map((finding) => (choice.warn.includes(finding.rule) ? { ...finding, severity: "warning" } : finding)));
}

async function compiledRemarks(file: LintFile, { compile }: Tools): Promise<readonly Remark[]> {
  if (file.kind !== "playbook" || !file.root || !compile) return [];
  return (await compile(file.path, file.root)).map((problem) => remarkOf(problem, { file: file.path, line: 1, column: 1 }));
}

function findingsOf(chosen: readonly Rule[], context: Context): Finding[] {
  const { file } = context;
  const isIgnored = ignoresOf(file);
  const look = <Kind extends keyof Looks>(kind: Kind, things: readonly Looks[Kind][], from: (thing: Looks[Kind]) => Position | undefined) =>
    chosen.flatMap((rule) => {
      const at = rule.look[kind];
      return at ? things.flatMap((thing) => at(thing, context).map((remark) => ({ finding: { rule: rule.id, severity: rule.severity, ...remark }, from: from(thing) }))) : [];
    });
  const all = [
    ...look("file", [file], () => undefined),
    ...look("play", file.plays, ({ node }) => node.at),
    ...look("task", file.tasks, ({ node }) => node.at),
    ...look("condition", file.conditions, ({ task }) => task.node.at),
    ...look("variable", file.variables, () => undefined),
  ];
  return all.filter(({ finding, from }) => !isIgnored(finding, from)).map(({ finding }) => finding);
}

/**
 * One mistake is told once: by the special rule and not by a general one, and of two playbooks that share it by the
 * first. What the general rule calls an error is one, by whatever rule it is told.
 */
function withoutEchoes(findings: readonly Finding[]): Finding[] {
  const insteadOf = new Map(rules.map((rule) => [rule.id, rule.insteadOf ?? []]));
  const place = ({ at }: Finding, rule: string) => `${at.file}:${at.line}:${at.column} ${rule}`;
  const errors = new Set(findings.filter(({ severity }) => severity === "error").map((finding) => place(finding, finding.rule)));
  const echoed = (finding: Finding) => insteadOf.get(finding.rule)!.map((rule) => place(finding, rule));
  const echoes = new Set(findings.flatMap(echoed));
  const told = findings
    .filter((finding) => !echoes.has(place(finding, finding.rule)))
    .map((finding): Finding => (echoed(finding).some((echo) => errors.has(echo)) ? { ...finding, severity: "error" } : finding));
  return [...new Map(told.map((finding) => [`${place(finding, finding.rule)} ${finding.message}`, finding])).values()];
}

function inOrder(findings: readonly Finding[]): Finding[] {
  const byPlace = (left: Position, right: Position) => compare(dirname(left.file), dirname(right.file)) || compare(left.file, right.file) || left.line - right.line || left.column - right.column;
  return [...findings].sort((left, right) => byPlace(left.at, right.at) || compare(left.rule, right.rule));
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
