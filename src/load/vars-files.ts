import { resolve } from "node:path";
import { BowlineError } from "../core/errors.ts";
import type { Position } from "../core/position.ts";
import type { Definition } from "../core/scope.ts";
import { isFile, loadYaml } from "./files.ts";
import type { Keyring } from "./secrets/keyring.ts";
import { together } from "./together.ts";
import { definitionsOf } from "./variables.ts";

/** One entry of vars_files: the first of these paths that exists is read. */
export interface VarsFile {
  readonly paths: readonly string[];
  readonly at: Position;
}

/** The variables of the vars_files of each play; paths are relative to the playbook. */
export async function loadVarsFiles(plays: readonly (readonly VarsFile[])[], dir: string, keyring?: Keyring): Promise<Definition[][]> {
  return together(plays.map(async (files) => (await together(files.map((file) => variablesOf(file, dir, keyring)))).flat()));
}

async function variablesOf({ paths, at }: VarsFile, dir: string, keyring?: Keyring): Promise<Definition[]> {
  const places = paths.map((path) => resolve(dir, path));
  const exist = await Promise.all(places.map(isFile));
  const found = places[exist.indexOf(true)] ?? places[0]!;
  try {
    return definitionsOf(await loadYaml(found, keyring), "vars_files");
  } catch (error) {
    if (!(error instanceof BowlineError) || error.code !== "E_FILE") throw error;
    const seen = places.length > 1 ? { seen: `looked for ${places.join(", ")}` } : {};
    throw new BowlineError({ ...error.problems[0], ...seen, at }, { cause: error });
  }
}
