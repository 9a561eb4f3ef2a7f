import { readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { BowlineError, throwProblems } from "../core/errors.ts";
import { isFile, loadYaml, readText } from "./files.ts";
import { Groups } from "./groups.ts";
import type { Inventory } from "./inventory-model.ts";
import { readIni } from "./inventory-ini.ts";
import { readYamlInventory } from "./inventory-yaml.ts";
import { expandRange } from "./ranges.ts";
import { Keyring } from "./secrets/keyring.ts";
import { revealed } from "./secrets/reveal.ts";
import { unknownSettings } from "./ssh-settings.ts";
import { together } from "./together.ts";
import { variablesBeside } from "./vars-folders.ts";
import { parseYaml } from "./yaml.ts";

/**
 * Reads inventories: YAML or INI files, directories of them, and lists of names with a comma. group_vars/ and
 * host_vars/ beside each source and beside the playbook are read too. A later source wins.
 */
export async function loadInventory(sources: readonly string[], playbookDir: string, keyring = new Keyring()): Promise<Inventory> {
  const groups = new Groups();
  const dirs = await inTurn(sources.map((source) => () => readSource(source, groups, keyring)));
  if (!groups.hasHost("localhost")) groups.implicitLocalhost();
  const ofPlaybook = dirs.includes(playbookDir) ? [] : [variablesBeside(playbookDir, "playbook", keyring)];
  const beside = await together([...[...new Set(dirs)].map((dir) => variablesBeside(dir, "inventory", keyring)), ...ofPlaybook]);
  const inventory = groups.finish(dirs, beside);
  throwProblems(unknownSettings(inventory));
  return inventory;
}

/** One after the other, for a later source wins, and yet with the mistakes of all. */
async function inTurn<Value>(work: readonly (() => Promise<Value>)[]): Promise<Value[]> {
  const done: Promise<Value>[] = [];
  for (const each of work) {
    const value = each();
    done.push(value);
    await value.catch(() => undefined);
  }
  return together(done);
}

async function readSource(source: string, groups: Groups, keyring: Keyring): Promise<string> {
  if (source.includes(",")) {
    const names = source.split(",").map((name) => name.trim()).filter(Boolean);
    for (const name of names.flatMap((each) => expandRange(each, { file: "-i", line: 1, column: 1 }))) groups.addHost(name, "ungrouped", []);
    return process.cwd();
  }
  const found = await stat(source).catch(() => undefined);
  if (!found) throw new BowlineError({ code: "E_INVENTORY", message: `there is no inventory ${source}`, expected: "a file, a directory, or names with a comma: -i host1,host2" });
  if (!found.isDirectory()) {
    await readFileInto(source, groups, keyring);
    return dirname(resolve(source));
  }
  const names = (await readdir(source)).filter((name) => isInventoryFile(name)).sort();
  await inTurn(
    names.map((name) => async () => {
      const path = join(source, name);
      if (await isFile(path)) await readFileInto(path, groups, keyring);
    }),
  );
  return resolve(source);
}

function isInventoryFile(name: string): boolean {
  return !name.startsWith(".") && !/(~|\.orig|\.bak|\.retry|\.md|\.cfg|\.pub)$/.test(name) && name !== "group_vars" && name !== "host_vars";
}

async function readFileInto(path: string, groups: Groups, keyring: Keyring): Promise<void> {
  if (/\.(ya?ml|json)$/.test(path)) return readYamlInventory(await loadYaml(path, keyring), groups);
  const text = await readText(path);
  if (text.startsWith("#!")) throw scriptError(path);
  const looksLikeYaml = /^(---|[A-Za-z_][\w-]*:\s*$)/m.test(text) && !/^\s*\[/m.test(text);
  return looksLikeYaml ? readYamlInventory(await revealed(parseYaml(text, path), keyring), groups) : readIni(text, path, groups);
}

function scriptError(path: string): BowlineError {
  return new BowlineError({
    code: "E_INVENTORY",
    message: `${path} is a script; inventory scripts are not run yet`,
    hint: `make a file of what it says: ansible-inventory -i ${path} --list --yaml > hosts.yml`,
  });
}
