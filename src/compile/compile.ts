import { throwProblems } from "../core/errors.ts";
import { nodeOf, type SequenceNode, type SourceNode } from "../core/node.ts";
import type { Definition } from "../core/scope.ts";
import type { Registry } from "../modules/contract.ts";
import { checkNames } from "./names.ts";
import { readPlay } from "./play.ts";
import type { HostEntry, Play, Program } from "./program.ts";
import { kindOf, Problems } from "./shape.ts";
import type { TagChoice } from "./tags.ts";

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
  const plays = readPlays(input, problems, warnings);
  const program: Program = {
    version: 1,
    playbook: input.playbook.path,
    plays,
    hosts: hostEntries(plays, input),
    variables: [...input.extraVariables, ...magicVariables(input)],
  };
  checkNames(program, input.registry, problems);
  throwProblems(problems.list);
  checkHosts(program, input);
  return { program, warnings };
}

function readPlays(input: CompileInput, problems: Problems, warnings: string[]): Play[] {
  const list = playList(input.playbook.root, problems);
  const select = (pattern: string): readonly string[] => {
    const { hosts, unmatched, hint } = input.select(pattern);
    for (const word of unmatched) warnings.push(`no host matches "${word}"${hint === undefined ? "" : `: ${hint}`}`);
    return hosts;
  };
  return list.flatMap((node, index) => {
    const fileVariables = input.fileVariables[index] ?? [];
    const play = readPlay(node, { index, registry: input.registry, tags: input.tags, select, fileVariables }, problems);
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
    const own = { inventory_hostname: name, inventory_hostname_short: name.split(".")[0]!, group_names: entry.groups };
    return [name, { ...entry, variables: [...entry.variables, ...magic(own, input.playbook.path)] }] as const;
  });
  return Object.fromEntries(entries);
}

function magicVariables(input: CompileInput): Definition[] {
  const [source] = input.inventory.sources;
  const values = {
    playbook_dir: input.playbook.dir,
    inventory_dir: source ?? input.playbook.dir,
    groups: Object.fromEntries(input.inventory.groups),
    check_mode: input.checkMode,
    ansible_check_mode: input.checkMode,
  };
  return magic(values, input.playbook.path);
}

function magic(values: Readonly<Record<string, unknown>>, file: string): Definition[] {
  const at = { file, line: 1, column: 1 };
  return Object.entries(values).map(([name, value]) => ({ name, value: nodeOf(value, at), level: "magic" }));
}

function checkHosts(program: Program, input: CompileInput): void {
  if (Object.keys(program.hosts).length > 0) return;
  throwProblems([
    {
      code: "E_NO_HOSTS",
      message: "no host matched",
      expected: program.plays.map((play) => `hosts: ${play.name}`).length > 0 ? "at least one host of the inventory in a play, after --limit" : "a play",
      seen: `the inventory ${input.inventory.sources.join(", ")}`,
      hint: "bowline inventory --graph shows the groups and hosts that there are",
    },
  ]);
}
