import { readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { BowlineError } from "../core/errors.ts";
import { loadYaml, readText } from "./files.ts";
import { Groups } from "./groups.ts";
import type { Inventory } from "./inventory-model.ts";
import { readIni } from "./inventory-ini.ts";
import { readYamlInventory } from "./inventory-yaml.ts";
import { expandRange } from "./ranges.ts";
import { variablesBeside } from "./vars-folders.ts";
import { parseYaml } from "./yaml.ts";

/**
 * Reads inventories: YAML or INI files, directories of them, and lists of names with a comma. group_vars/ and
 * host_vars/ beside each source and beside the playbook are read too. A later source wins.
 */
export async function loadInventory(sources: readonly string[], playbookDir: string): Promise<Inventory> {
  const groups = new Groups();
  const dirs: string[] = [];
  for (const source of sources) dirs.push(await readSource(source, groups));
  if (!groups.hasHost("localhost")) groups.implicitLocalhost();
  const beside = [
    ...(await Promise.all([...new Set(dirs)].map((dir) => variablesBeside(dir, "inventory")))),
    await variablesBeside(playbookDir, "playbook"),
  ];
  return groups.finish(dirs, beside);
}

async function readSource(source: string, groups: Groups): Promise<string> {
  if (source.includes(",")) {
    const names = source.split(",").map((name) => name.trim()).filter(Boolean);
    for (const name of names.flatMap((each) => expandRange(each, { file: "-i", line: 1, column: 1 }))) groups.addHost(name, "ungrouped", []);
    return process.cwd();
  }
  const found = await stat(source).catch(() => undefined);
  if (!found) throw new BowlineError({ code: "E_INVENTORY", message: `there is no inventory ${source}`, expected: "a file, a directory, or names with a comma: -i host1,host2" });
  if (!found.isDirectory()) {
    await readFileInto(source, groups);
    return dirname(resolve(source));
  }
  const names = (await readdir(source)).filter((name) => isInventoryFile(name)).sort();
  for (const name of names) {
    const path = join(source, name);
    if ((await stat(path)).isFile()) await readFileInto(path, groups);
  }
  return resolve(source);
}

function isInventoryFile(name: string): boolean {
  return !name.startsWith(".") && !/(~|\.orig|\.bak|\.retry|\.md|\.cfg|\.pub)$/.test(name) && name !== "group_vars" && name !== "host_vars";
}

async function readFileInto(path: string, groups: Groups): Promise<void> {
  if (/\.(ya?ml|json)$/.test(path)) return readYamlInventory(await loadYaml(path), groups);
  const text = await readText(path);
  const looksLikeYaml = /^(---|[A-Za-z_][\w-]*:\s*$)/m.test(text) && !/^\s*\[/m.test(text);
  return looksLikeYaml ? readYamlInventory(parseYaml(text, path), groups) : readIni(text, path, groups);
}
