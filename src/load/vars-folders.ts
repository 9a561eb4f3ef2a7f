import { extname, join } from "node:path";
import type { Problem } from "../core/errors.ts";
import { nearPath } from "../core/near-path.ts";
import type { Definition, Level } from "../core/scope.ts";
import { isDirectory, namesIn, type ReadYaml } from "./files.ts";
import { eachTogether, together } from "./together.ts";
import { definitionsIn } from "./variables.ts";

/** What the group_vars/ and host_vars/ of one directory say. */
export interface FolderVariables {
  readonly groups: ReadonlyMap<string, readonly Definition[]>;
  readonly hosts: ReadonlyMap<string, readonly Definition[]>;
  readonly warnings: readonly string[];
}

/** Whose variables are asked for; files for others are left alone. */
export interface Named {
  readonly groups: readonly string[];
  readonly hosts: readonly string[];
}

/**
 * Reads group_vars/ and host_vars/ beside an inventory or a playbook: `X`, which may be a directory of files and
 * directories, else `X.yml`, `X.yaml` or `X.json`; of several the first, as in Ansible.
 */
export async function variablesBeside(dir: string, beside: "inventory" | "playbook", named: Named, { read, problems }: Pick<Reading, "read" | "problems">): Promise<FolderVariables> {
  const groupLevel = (name: string): Level => (name === "all" ? `group_vars/all of the ${beside}` : `group_vars of the ${beside}`);
  const [groups, hosts] = await together([
    readFolder(nearPath(join(dir, "group_vars")), named.groups, { levelOf: groupLevel, read, problems }),
    readFolder(nearPath(join(dir, "host_vars")), named.hosts, { levelOf: () => `host_vars of the ${beside}`, read, problems }),
  ]);
  return { groups: groups.variables, hosts: hosts.variables, warnings: [...groups.warnings, ...hosts.warnings] };
}

const endings = ["", ".yml", ".yaml", ".json"];

/** Files at work at the same time: a process may not open as many as an inventory has hosts. */
const filesAtOnce = 64;

interface Folder {
  readonly variables: ReadonlyMap<string, Definition[]>;
  readonly warnings: readonly string[];
}

interface Reading {
  readonly levelOf: (name: string) => Level;
  readonly read: ReadYaml;
  /** What is wrong with the variables themselves. */
  readonly problems: Problem[];
}

async function readFolder(folder: string, names: readonly string[], { levelOf, ...reading }: Reading): Promise<Folder> {
  const entries = new Set(await namesIn(folder));
  if (entries.size === 0) return { variables: new Map(), warnings: [] };
  const found = names.map((name) => ({ name, paths: endings.filter((ending) => entries.has(name + ending)).map((ending) => join(folder, name + ending)) })).filter(({ paths }) => paths.length > 0);
  const lists = await eachTogether(found, filesAtOnce, ({ name, paths }) => variablesOf(paths[0]!, levelOf(name), reading));
  return {
    variables: new Map(found.map(({ name }, index) => [name, lists[index]!])),
    warnings: found.flatMap(({ paths: [first, ...rest] }) => rest.map((path) => `${path} is not read, for ${first!} is there`)),
  };
}

async function variablesOf(path: string, level: Level, reading: Omit<Reading, "levelOf">): Promise<Definition[]> {
  if (!(await isDirectory(path))) return definitionsIn(await reading.read(path), level, reading.problems);
  const names = (await namesIn(path)).filter((name) => !/^\.|~$/.test(name) && endings.includes(extname(name)));
  return (await eachTogether(names, filesAtOnce, (name) => variablesOf(join(path, name), level, reading))).flat();
}
