import { dirname, join } from "node:path";
import { throwProblems, type Problem } from "../core/errors.ts";
import type { SourceNode } from "../core/node.ts";
import type { Definition } from "../core/scope.ts";
import type { Registry } from "../modules/contract.ts";
import { magicVariables, withOwnNames, type RunWords } from "./magic.ts";
import { checkNames, namesSetBy, type NameInput } from "./names.ts";
import { readPlay, type ReadPlay } from "./play.ts";
import { playNodes } from "./plays.ts";
import type { HostEntry, Play, Program, Task } from "./program.ts";
import type { Answers } from "./prompts.ts";
import type { ProjectFiles } from "./reading.ts";
import { Problems } from "./shape.ts";
import { unknownTags, type TagChoice } from "./tags.ts";

/** Everything that the files and the command line say; compile itself reads no file. */
export interface CompileInput {
  readonly playbook: { readonly path: string; readonly dir: string; readonly root: SourceNode };
  /** Every other file of the project. */
  readonly files: ProjectFiles;
  /** Absolute directories with roles, beside those of the playbooks. */
  readonly rolesPath: readonly string[];
  readonly extraVariables: readonly Definition[];
  readonly answers: Answers;
  readonly inventory: {
    readonly host: (name: string) => HostEntry | undefined;
    readonly groups: ReadonlyMap<string, readonly string[]>;
    readonly sources: readonly string[];
  };
  /** Hosts of a pattern after --limit, in inventory order, and the words of it that matched nothing. */
  readonly select: (pattern: string) => { readonly hosts: readonly string[]; readonly unmatched: readonly string[]; readonly hint?: string };
  readonly registry: Registry;
  /** A template file that is there already, by the path that a task names and the directories where it is looked for. */
  readonly template: NameInput["template"];
  readonly facts: NameInput["facts"];
  readonly tags: TagChoice;
  readonly words: RunWords;
  /** Where a play does not say whether handlers run on hosts that failed after they were notified: true when absent. */
  readonly forceHandlers?: boolean;
}

export interface Compiled {
  readonly program: Program;
  /** Every tag that a task has, also of those that the choice of tags leaves out. */
  readonly tags: readonly string[];
  /** What a person should know and what stops nothing: a pattern that matched no host. */
  readonly warnings: readonly string[];
}

/**
 * Playbook and inventory to a program. Throws one BowlineError with every mistake that can be known before a host is
 * contacted; E_NO_HOSTS when no play has a host. What it asks `files` and `answers` for and does not get counts as
 * absent: whoever calls it gets that, and calls it again.
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
  const read = readPlays(input, { problems, warnings, patterns, variables, onLeftOut });
  const plays = read.map(({ play }) => play);
  const program: Program = {
    version: 1,
    playbook: input.playbook.path,
    plays,
    hosts: hostEntries(plays, input),
    variables,
  };
  const named = checkNames(program, { registry: input.registry, template: input.template, facts: input.facts, leftOut, read }, problems);
  throwProblems(inFileOrder(problems.list));
  checkHosts(program, patterns, warnings);
  for (const task of read.flatMap(({ play, possible }) => [...play.tasks, ...possible])) for (const tag of task.tags) tags.add(tag);
  warnings.push(...unknownTags(input.tags, [...tags]));
  return { program: { ...program, plays: read.map((each) => withFacts(each, named.get(each.play.id)!, input)) }, tags: [...tags].sort(), warnings };
}

/** The facts that a play asks for, and those that its tasks name. */
function withFacts({ play, subsets }: ReadPlay, named: ReadonlySet<string>, { facts }: CompileInput): Play {
  const families = new Set([...(subsets.length > 0 ? facts.familiesOfSubsets(subsets) : []), ...named]);
  return { ...play, facts: { ...play.facts, families: [...families] } };
}

/** By place, files in the order in which they turned up; what several tasks inherit is said once. */
function inFileOrder(problems: readonly Problem[]): Problem[] {
  const once = [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
  const files = [...new Set(once.map((problem) => problem.at?.file))];
  const place = ({ at }: Problem) => [files.indexOf(at?.file), at?.line ?? 0, at?.column ?? 0] as const;
  return once.sort((left, right) => {
    const [one, other] = [place(left), place(right)];
    return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
  });
}

interface ReadingOfAll {
  readonly problems: Problems;
  readonly warnings: string[];
  /** The host patterns of the plays. */
  readonly patterns: string[];
  /** What every play sees. */
  readonly variables: readonly Definition[];
  readonly onLeftOut: (task: Task) => void;
}

function readPlays(input: CompileInput, { problems, warnings, patterns, variables, onLeftOut }: ReadingOfAll): ReadPlay[] {
  const { registry, files, tags, answers, forceHandlers = true } = input;
  const select = (pattern: string): readonly string[] => {
    patterns.push(pattern);
    const { hosts, unmatched, hint } = input.select(pattern);
    for (const word of unmatched) warnings.push(`no host matches "${word}"${hint === undefined ? "" : `: ${hint}`}`);
    return hosts;
  };
  return playNodes(input.playbook, { files, problems, common: variables }).flatMap(({ node, dir, outer }, index) => {
    const rolesPath = rolesPathOf([dir, input.playbook.dir], input.rolesPath);
    const play = readPlay(node, { index, registry, files, rolesPath, tags, dir, select, common: variables, answers, forceHandlers, outer, onLeftOut }, problems);
    return play ? [play] : [];
  });
}

/** Roles stand beside the playbook, in a project's own directory of playbooks beside that, or where the person says. */
export function rolesPathOf(dirs: readonly string[], further: readonly string[]): string[] {
  return [...new Set([...dirs.flatMap((dir) => [join(dir, "roles"), join(dirname(dir), "roles")]), ...further])];
}

function hostEntries(plays: readonly Play[], { inventory, playbook }: CompileInput): Record<string, HostEntry> {
  const names = new Set(plays.flatMap((play) => play.hosts));
  return Object.fromEntries([...names].map((name) => [name, withOwnNames(inventory.host(name) ?? { name, groups: [], variables: [] }, playbook.path)]));
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
