import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Definition, Level } from "../core/scope.ts";
import { loadYaml } from "./files.ts";
import type { Keyring } from "./secrets/keyring.ts";
import { together } from "./together.ts";
import { definitionsOf } from "./variables.ts";

/** What the group_vars/ and host_vars/ of one directory say. */
export interface FolderVariables {
  readonly groups: ReadonlyMap<string, readonly Definition[]>;
  readonly hosts: ReadonlyMap<string, readonly Definition[]>;
}

/** Reads group_vars/ and host_vars/ beside an inventory or a playbook: `X`, `X.yml`, `X.yaml`, `X.json`, or a directory `X`. */
export async function variablesBeside(dir: string, beside: "inventory" | "playbook", keyring?: Keyring): Promise<FolderVariables> {
  const groupLevel = (name: string): Level => (name === "all" ? `group_vars/all of the ${beside}` : `group_vars of the ${beside}`);
  const [groups, hosts] = await together([readFolder(join(dir, "group_vars"), groupLevel, keyring), readFolder(join(dir, "host_vars"), () => `host_vars of the ${beside}`, keyring)]);
  return { groups, hosts };
}

async function readFolder(folder: string, levelOf: (name: string) => Level, keyring?: Keyring): Promise<Map<string, Definition[]>> {
  const found = new Map<string, Definition[]>();
  const entries = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith(".") && !name.endsWith("~")).sort();
  const named = entries.map((entry) => ({ entry, name: entry.replace(/\.(ya?ml|json)$/, "") }));
  const lists = await together(named.map(({ entry, name }) => variablesOf(join(folder, entry), levelOf(name), keyring)));
  for (const [index, { name }] of named.entries()) found.set(name, [...(found.get(name) ?? []), ...lists[index]!]);
  return found;
}

async function variablesOf(path: string, level: Level, keyring?: Keyring): Promise<Definition[]> {
  if (!(await stat(path)).isDirectory()) return definitionsOf(await loadYaml(path, keyring), level);
  const names = (await readdir(path)).filter((name) => !name.startsWith(".")).sort();
  const lists = await together(names.map((name) => variablesOf(join(path, name), level, keyring)));
  return lists.flat();
}
