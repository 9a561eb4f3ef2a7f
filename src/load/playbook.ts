import { dirname, join, resolve } from "node:path";
import { BowlineError } from "../core/errors.ts";
import { entryOf, type SourceNode } from "../core/node.ts";
import type { Definition } from "../core/scope.ts";
import { loadYaml } from "./files.ts";

/** A playbook as read; what its keys mean is the compiler's part. */
export interface LoadedPlaybook {
  readonly path: string;
  /** Absolute. */
  readonly dir: string;
  readonly root: SourceNode;
  /** The variables of each play's vars_files, by the play's index. */
  readonly fileVariables: readonly (readonly Definition[])[];
}

/** Reads a playbook and the vars_files that it names. */
export async function loadPlaybook(path: string): Promise<LoadedPlaybook> {
  const root = await loadYaml(path);
  const dir = dirname(resolve(path));
  const plays = root.kind === "sequence" ? root.items : [];
  const fileVariables = await Promise.all(plays.map((play) => variablesOfPlay(play, dir)));
  return { path, dir, root, fileVariables };
}

async function variablesOfPlay(play: SourceNode, dir: string): Promise<Definition[]> {
  const value = play.kind === "mapping" ? entryOf(play, "vars_files")?.value : undefined;
  if (!value) return [];
  const items = value.kind === "sequence" ? value.items : [value];
  const lists = await Promise.all(items.map((item) => variablesOfFile(item, dir)));
  return lists.flat();
}

async function variablesOfFile(item: SourceNode, dir: string): Promise<Definition[]> {
  if (item.kind !== "scalar" || typeof item.value !== "string") {
    throw new BowlineError({ code: "E_PLAYBOOK", message: '"vars_files" must be a list of paths', at: item.at });
  }
  try {
    return definitionsOf(await loadYaml(join(dir, item.value)), "vars_files");
  } catch (error) {
    if (!(error instanceof BowlineError) || error.code !== "E_FILE") throw error;
    throw new BowlineError({ ...error.problems[0], at: item.at }, { cause: error });
  }
}

/** The entries of a variables file; an empty file has none. */
export function definitionsOf(node: SourceNode, level: Definition["level"]): Definition[] {
  if (node.kind === "scalar" && node.value === null) return [];
  if (node.kind === "mapping") return node.entries.map((entry) => ({ name: entry.key, value: entry.value, level }));
  throw new BowlineError({ code: "E_YAML", message: "a file of variables must be a mapping", at: node.at, expected: "name: value" });
}
