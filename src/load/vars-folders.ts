import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Definition, Level } from "../core/scope.ts";
import { loadYaml } from "./files.ts";
import { definitionsOf } from "./playbook.ts";

/** What the group_vars/ and host_vars/ of one directory say. */
export interface FolderVariables {
  readonly groups: ReadonlyMap<string, readonly Definition[]>;
  readonly hosts: ReadonlyMap<string, readonly Definition[]>;
}

/** Reads group_vars/ and host_vars/ beside an inventory or a playbook: `X`, `X.yml`, `X.yaml`, `X.json`, or a directory `X`. */
export async function variablesBeside(dir: string, beside: "inventory" | "playbook"): Promise<FolderVariables> {
  const groupLevel = (name: string): Level => (name === "all" ? `group_vars/all of the ${beside}` : `group_vars of the ${beside}`);
  return {
    groups: await readFolder(join(dir, "group_vars"), groupLevel),
    hosts: await readFolder(join(dir, "host_vars"), () => `host_vars of the ${beside}`),
  };
}

async function readFolder(folder: string, levelOf: (name: string) => Level): Promise<Map<string, Definition[]>> {
  const found = new Map<string, Definition[]>();
  const entries = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith(".") && !name.endsWith("~")).sort();
  for (const entry of entries) {
    const name = entry.replace(/\.(ya?ml|json)$/, "");
    const variables = await variablesOf(join(folder, entry), levelOf(name));
    found.set(name, [...(found.get(name) ?? []), ...variables]);
  }
  return found;
}

async function variablesOf(path: string, level: Level): Promise<Definition[]> {
  if (!(await stat(path)).isDirectory()) return definitionsOf(await loadYaml(path), level);
  const names = (await readdir(path)).filter((name) => !name.startsWith(".")).sort();
  const lists = await Promise.all(names.map((name) => variablesOf(join(path, name), level)));
  return lists.flat();
}
