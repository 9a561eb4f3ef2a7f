import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { BowlineError } from "../core/errors.ts";
import type { Definition } from "../core/scope.ts";
import { isFile, loadYaml } from "./files.ts";
import type { Keyring } from "./secrets/keyring.ts";
import { definitionsOf } from "./variables.ts";

/** What include_vars asks for: the first of these paths that is there. */
export interface WantedVariables {
  readonly paths: readonly string[];
  readonly isDirectory: boolean;
  /** Names of files that are passed over. */
  readonly ignore: readonly string[];
}

/** The variables of a file, or of every YAML file of a directory in the order of their names. E_FILE when there is none. */
export async function readVariables({ paths, isDirectory, ignore }: WantedVariables, keyring: Keyring): Promise<readonly Definition[]> {
  for (const path of paths) {
    if (!isDirectory && (await isFile(path))) return definitionsOf(await loadYaml(path, keyring), "include_vars");
    const names = isDirectory ? await readdir(path).catch(() => undefined) : undefined;
    if (names) return (await Promise.all(variableFiles(names, ignore).map(async (name) => definitionsOf(await loadYaml(join(path, name), keyring), "include_vars")))).flat();
  }
  const what = isDirectory ? "directory" : "file";
  const seen = `looked for ${paths.map((path) => relative(process.cwd(), path)).join(", ")}`;
  throw new BowlineError({ code: "E_FILE", message: `there is no ${what} ${relative(process.cwd(), paths[0]!)}`, seen });
}

function variableFiles(names: readonly string[], ignore: readonly string[]): string[] {
  return names.filter((name) => /\.(ya?ml|json)$/.test(name) && !ignore.includes(name)).sort();
}
