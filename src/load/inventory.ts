import { access, constants, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { BowlineError, throwProblems } from "../core/errors.ts";
import type { SourceNode } from "../core/node.ts";
import { isDirectory, isFile, loadYaml, namesIn, readText, type ReadYaml } from "./files.ts";
import { Groups } from "./groups.ts";
import { portVariable, readIni } from "./inventory-ini.ts";
import { isListing, readListing } from "./inventory-listing.ts";
import type { Inventory } from "./inventory-model.ts";
import { readScript } from "./inventory-script.ts";
import { readYamlInventory } from "./inventory-yaml.ts";
import { hostsAndPort } from "./ranges.ts";
import { Keyring } from "./secrets/keyring.ts";
import { unknownSettings } from "./ssh-settings.ts";
import { together } from "./together.ts";
import { variablesBeside } from "./vars-folders.ts";

/**
 * Reads inventories: YAML and INI files, scripts, directories of them, and lists of names with a comma. group_vars/
 * and host_vars/ beside each source and beside the playbook are read too. A later source wins.
 */
export async function loadInventory(sources: readonly string[], playbookDir: string, keyring = new Keyring()): Promise<Inventory> {
  const groups = new Groups();
  const read = (path: string) => loadYaml(path, keyring);
  const dirs = [...new Set((await inTurn(sources.map((source) => () => readSource(source, { groups, read })))).flat())];
  const named = { groups: groups.groupNames(), hosts: groups.hostNames() };
  const ofPlaybook = dirs.includes(playbookDir) ? [] : [variablesBeside(playbookDir, "playbook", named, read)];
  const folders = await together([...dirs.map((dir) => variablesBeside(dir, "inventory", named, read)), ...ofPlaybook]);
  const ofFolders = folders.flatMap((folder) => [...folder.groups.values(), ...folder.hosts.values()].flat());
  throwProblems(unknownSettings([...groups.definitions(), ...ofFolders]));
  return groups.finish(dirs, folders);
}

interface Reading {
  readonly groups: Groups;
  readonly read: ReadYaml;
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

/** Gives the directory beside which variables may lie; a list of names has none. */
async function readSource(source: string, reading: Reading): Promise<string[]> {
  const found = await stat(source).catch(() => undefined);
  if (found?.isDirectory()) return [await readDirectory(source, reading)];
  if (found) return [await readOneFile(source, reading)];
  if (source.includes(",")) return readList(source, reading.groups);
  throw new BowlineError({ code: "E_INVENTORY", message: `there is no inventory ${source}`, expected: "a file, a script, a directory, or names with a comma: -i host1,host2" });
}

function readList(source: string, groups: Groups): [] {
  groups.reading(source);
  const at = { file: "-i", line: 1, column: 1 };
  for (const word of source.split(",").map((each) => each.trim()).filter(Boolean)) {
    const { names, port } = hostsAndPort(word, at);
    for (const name of names) groups.addHost(name, "ungrouped", port === undefined ? [] : [portVariable(port, at)]);
  }
  return [];
}

async function readDirectory(source: string, reading: Reading): Promise<string> {
  const names = (await namesIn(source)).filter((name) => !ignored.test(name));
  await inTurn(
    names.map((name) => async () => {
      const path = join(source, name);
      if (await isDirectory(path)) await readDirectory(path, reading);
      else if (await isFile(path)) await readOneFile(path, reading);
    }),
  );
  return resolve(source);
}

/** Ansible's list (INVENTORY_IGNORE_EXTS), and public keys. */
const ignored = /^\.|^(?:group_vars|host_vars|vars_plugins)$|(?:~|\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|cfg|retry|pub))$/;

async function readOneFile(path: string, { groups, read }: Reading): Promise<string> {
  groups.reading(path);
  const dir = dirname(resolve(path));
  if (/\.(ya?ml|json)$/.test(path)) {
    readData(await read(path), groups);
    return dir;
  }
  const text = await readText(path);
  if (text.startsWith("#!") || text.includes("\0")) await readProgram(path, groups);
  else if (text.startsWith("$ANSIBLE_VAULT") || looksLikeYaml(path, text)) readData(await read(path), groups);
  else readIni(text, path, groups);
  return dir;
}

/** Ansible's YAML form, or what a script printed once. */
function readData(root: SourceNode, groups: Groups): void {
  if (isListing(root)) readListing(root, groups);
  else readYamlInventory(root, groups);
}

/** A text without `#!` is no script, whatever its mode: on some file systems every file can be executed. */
async function readProgram(path: string, groups: Groups): Promise<void> {
  const runs = await access(path, constants.X_OK).then(() => true, () => false);
  if (runs) return readScript(path, groups);
  throw new BowlineError({ code: "E_INVENTORY", message: `${path} is a script, and it may not be executed`, hint: `chmod +x ${path}` });
}

/** Its first line tells: a section, or a host, or the beginning of a mapping. */
function looksLikeYaml(path: string, text: string): boolean {
  const first = text.replace(/^\uFEFF/, "").split("\n").find((line) => /^\s*[^\s#;]/.test(line)) ?? "";
  return !path.endsWith(".ini") && /^(?:---|\{|["']?[\w.-]+["']?:(?:\s|$))/.test(first);
}
