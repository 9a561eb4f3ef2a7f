import { dirname, resolve } from "node:path";
import { compile, type Compiled } from "../../src/compile/compile.ts";
import type { Prompt } from "../../src/compile/prompts.ts";
import { nodeOf } from "../../src/core/node.ts";
import type { Definition, Level } from "../../src/core/scope.ts";
import { parseYaml } from "../../src/load/yaml.ts";
import { factMistake, familiesOf } from "../../src/modules/_facts.ts";
import { familiesOfSubsets } from "../../src/modules/setup.ts";
import { registry } from "../../src/modules/registry.ts";
import { placed, problemsFrom } from "../load/_files.ts";
import { memoryFiles, plainWords } from "./_memory-files.ts";

export interface Around {
  /** Group to hosts; web: w1, w2 and db: d1 when absent. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** Variables of the inventory, by group. */
  readonly groupVars?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly extra?: Readonly<Record<string, unknown>>;
  /** Other files of the project, by their path from site.yml. */
  readonly files?: Readonly<Record<string, string>>;
  /** What a person answers to vars_prompt, by the variable's name. */
  readonly answers?: Readonly<Record<string, string>>;
  /** Told of every question. */
  readonly onPrompt?: (prompt: Prompt) => void;
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly limit?: readonly string[];
  readonly templates?: Readonly<Record<string, string>>;
}

/** Compiles a text as site.yml with the real modules and an inventory of plain data. */
export function compileText(text: string, around: Around = {}): Compiled {
  const groups = around.groups ?? { web: ["w1", "w2"], db: ["d1"] };
  const all = [...new Set(Object.values(groups).flat())];
  const membership = new Map([["all", all] as const, ...Object.entries(groups)]);
  const playbook = { path: "site.yml", dir: dirname(resolve("site.yml")), root: parseYaml(text, "site.yml") };
  const inventory = { host: (name: string) => hostOf(name, groups, around), groups: membership, sources: ["/inventory"] };
  const extraVariables = definitions(around.extra ?? {}, "extra vars");
  const isAllowed = (host: string) => around.limit?.includes(host) ?? true;
  return compile({
    playbook,
    files: memoryFiles(around.files ?? {}),
    rolesPath: [],
    answers: (prompt) => {
      around.onPrompt?.(prompt);
      return around.answers?.[prompt.name];
    },
    extraVariables,
    inventory,
    select: (pattern) => {
      const words = pattern.split(",");
      const hosts = all.filter((host) => words.some((word) => word === host || membership.get(word)?.includes(host)));
      return { hosts: hosts.filter(isAllowed), unmatched: words.filter((word) => !all.includes(word) && !membership.has(word)) };
    },
    registry,
    template: (path) => (Object.hasOwn(around.templates ?? {}, path) ? { text: around.templates![path]!, file: `templates/${path}` } : undefined),
    tags: { tags: around.tags ?? [], skipTags: around.skipTags ?? [] },
    facts: { familiesOf, mistake: factMistake, familiesOfSubsets },
    words: plainWords,
  });
}

/** A play for web with these tasks; their lines begin on line 3. */
export function play(tasks: string): string {
  return `- hosts: web\n  tasks:\n${tasks.replace(/^(?=.)/gm, "    ")}\n`;
}

/** `line:col: cause` of everything that is wrong. */
export async function mistakes(text: string, around: Around = {}): Promise<string[]> {
  return (await problemsFrom(() => compileText(text, around))).map(placed);
}

/** The hint of the first mistake. */
export async function hintFor(text: string, around: Around = {}): Promise<string | undefined> {
  return (await problemsFrom(() => compileText(text, around)))[0]!.hint;
}

function hostOf(name: string, groups: Readonly<Record<string, readonly string[]>>, { groupVars = {} }: Around) {
  const own = Object.keys(groups).filter((group) => groups[group]!.includes(name));
  if (own.length === 0) return undefined;
  return { name, groups: own, variables: ["all", ...own].flatMap((group) => definitions(groupVars[group] ?? {}, "group_vars of the inventory")) };
}

function definitions(values: Readonly<Record<string, unknown>>, level: Level): Definition[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: nodeOf(value, { file: "vars.yml", line: 1, column: 1 }), level }));
}
