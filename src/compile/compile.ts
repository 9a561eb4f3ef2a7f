import { dirname, join } from "node:path";
import { inFileOrder, throwProblems, type Problem } from "../core/errors.ts";
import type { SourceNode } from "../core/node.ts";
import type { Definition } from "../core/scope.ts";
import type { Unread } from "../load/unread.ts";
import type { Registry } from "../modules/contract.ts";
import { magicVariables, withOwnNames, type RunWords } from "./magic.ts";
import { checkNames, namesSetBy, type NameInput } from "./names.ts";
import { checkFiles, type Absent } from "./named-files.ts";
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
  /** Without it nothing is said of files that are not there. */
  readonly absent?: Absent;
  readonly facts: NameInput["facts"];
  readonly tags: TagChoice;
  readonly words: RunWords;
  /** Where a play does not say whether handlers run on hosts that failed after they were notified: true when absent. */
  readonly forceHandlers?: boolean;
  /** What is wrong with the inventory and the command line: told with the mistakes of the playbook. */
  readonly mistakes?: readonly Problem[];
  /** What cannot be read, here and in `files`. */
  readonly unread?: Pick<Unread, "has" | "words" | "isSealed">;
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
 * absent: whoever calls it gets that, and calls it again; while files are waited for, nothing is checked.
 */
export function compile(input: CompileInput): Compiled {
  const { unread = nothingUnread } = input;
  const problems = new Problems(input.mistakes);
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
  if (input.files.isWaiting) return { program: { version: 1, playbook: input.playbook.path, plays, hosts: {}, variables }, tags: [], warnings };
  const program: Program = {
    version: 1,
    playbook: input.playbook.path,
    plays,
    hosts: hostEntries(plays, input),
    variables,
  };
  const named = checkNames(program, { registry: input.registry, template: input.template, facts: input.facts, leftOut, unread, read }, problems);
  if (input.absent) checkFiles(read, input.registry, input.absent, problems);
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

const nothingUnread = { has: () => false, words: [], isSealed: false };

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
    const play = readPlay(node, { index, registry, files, unread: input.unread ?? nothingUnread, rolesPath, tags, dir, select, common: variables, answers, forceHandlers, outer, onLeftOut }, problems);
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
