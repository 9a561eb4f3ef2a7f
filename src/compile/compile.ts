import { throwProblems, type Problem } from "../core/errors.ts";
import type { SequenceNode, SourceNode } from "../core/node.ts";
import type { Definition } from "../core/scope.ts";
import type { Registry } from "../modules/contract.ts";
import { hostVariables, magicVariables } from "./magic.ts";
import { checkNames, namesSetBy, type NameInput } from "./names.ts";
import { readPlay } from "./play.ts";
import type { HostEntry, Play, Program, Task } from "./program.ts";
import { kindOf, Problems } from "./shape.ts";
import { unknownTags, type TagChoice } from "./tags.ts";

/** Everything that the files and the command line say; compile itself reads no file. */
export interface CompileInput {
  readonly playbook: { readonly path: string; readonly dir: string; readonly root: SourceNode };
  /** The variables of the vars_files of each play, by the play's index. */
  readonly fileVariables: readonly (readonly Definition[])[];
  readonly extraVariables: readonly Definition[];
  readonly inventory: {
    readonly host: (name: string) => HostEntry | undefined;
    readonly groups: ReadonlyMap<string, readonly string[]>;
    readonly sources: readonly string[];
  };
  /** Hosts of a pattern after --limit, in inventory order, and the words of it that matched nothing. */
  readonly select: (pattern: string) => { readonly hosts: readonly string[]; readonly unmatched: readonly string[]; readonly hint?: string };
  readonly registry: Registry;
  /** A template file that is there already, by the path that a task names. */
  readonly template: NameInput["template"];
  readonly tags: TagChoice;
  readonly checkMode: boolean;
}

export interface Compiled {
  readonly program: Program;
  /** What a person should know and what stops nothing: a pattern that matched no host. */
  readonly warnings: readonly string[];
}

/**
 * Playbook and inventory to a program. Throws one BowlineError with every mistake that can be known before a host is
 * contacted; E_NO_HOSTS when no play has a host.
 */
export function compile(input: CompileInput): Compiled {
  const problems = new Problems();
  const warnings: string[] = [];
  const leftOut = new Map<string, string>();
  const tags = new Set<string>();
  const onLeftOut = (task: Task) => {
    for (const tag of task.tags) tags.add(tag);
    for (const name of namesSetBy(task, input.registry)) leftOut.set(name, task.name);
  };
  const variables = [...input.extraVariables, ...magicVariables(input)];
  const patterns: string[] = [];
  const plays = readPlays(input, { problems, warnings, patterns, variables, onLeftOut });
  const program: Program = {
    version: 1,
    playbook: input.playbook.path,
    plays,
    hosts: hostEntries(plays, input),
    variables,
  };
  checkNames(program, { registry: input.registry, template: input.template, leftOut }, problems);
  throwProblems(inFileOrder(problems.list));
  checkHosts(program, patterns, warnings);
  for (const task of plays.flatMap((play) => play.tasks)) for (const tag of task.tags) tags.add(tag);
  warnings.push(...unknownTags(input.tags, [...tags]));
  return { program, warnings };
}

/** By place, files in the order in which they turned up. */
function inFileOrder(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map((problem) => problem.at?.file))];
  const place = ({ at }: Problem) => [files.indexOf(at?.file), at?.line ?? 0, at?.column ?? 0] as const;
  return [...problems].sort((left, right) => {
    const [one, other] = [place(left), place(right)];
    return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
  });
}

interface Reading {
  readonly problems: Problems;
  readonly warnings: string[];
  /** The host patterns of the plays. */
  readonly patterns: string[];
  /** What every play sees. */
  readonly variables: readonly Definition[];
  readonly onLeftOut: (task: Task) => void;
}

function readPlays(input: CompileInput, { problems, warnings, patterns, variables, onLeftOut }: Reading): Play[] {
  const list = playList(input.playbook.root, problems);
  const select = (pattern: string): readonly string[] => {
    patterns.push(pattern);
    const { hosts, unmatched, hint } = input.select(pattern);
    for (const word of unmatched) warnings.push(`no host matches "${word}"${hint === undefined ? "" : `: ${hint}`}`);
    return hosts;
  };
  return list.flatMap((node, index) => {
    const fileVariables = input.fileVariables[index] ?? [];
    const play = readPlay(node, { index, registry: input.registry, tags: input.tags, select, common: variables, fileVariables, onLeftOut }, problems);
    return play ? [play] : [];
  });
}

function playList(root: SourceNode, problems: Problems): SequenceNode["items"] {
  if (root.kind === "sequence" && root.items.length > 0) return root.items;
  const seen = root.kind === "sequence" ? "an empty list" : kindOf(root);
  problems.add(root.at, `a playbook must be a list of plays, not ${seen}`, { hint: "begin it with - name: … and hosts: …" });
  return [];
}

function hostEntries(plays: readonly Play[], input: CompileInput): Record<string, HostEntry> {
  const names = new Set(plays.flatMap((play) => play.hosts));
  const entries = [...names].map((name) => {
    const entry = input.inventory.host(name) ?? { name, groups: [], variables: [] };
    return [name, { ...entry, variables: [...entry.variables, ...hostVariables(entry, input.playbook.path)] }] as const;
  });
  return Object.fromEntries(entries);
}

function checkHosts(program: Program, patterns: readonly string[], warnings: readonly string[]): void {
  if (Object.keys(program.hosts).length > 0) return;
  throwProblems([
    {
      code: "E_NO_HOSTS",
      message: "no host matched",
      expected: "at least one host of the inventory in a play, after --limit",
      seen: `hosts: ${patterns.join("; ")}`,
      hint: warnings[0] ?? "bowline inventory --graph shows the groups and hosts that there are",
    },
  ]);
}
