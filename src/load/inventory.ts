import { access, constants, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { BowlineError, inFileOrder, problemsOf, throwProblems, type Problem } from "../core/errors.ts";
import { nodeOf, type SourceNode } from "../core/node.ts";
import { isDirectory, isFile, loadYaml, namesIn, readText, textIfAny, type ReadYaml } from "./files.ts";
import { Groups } from "./groups.ts";
import { portVariable, readIni } from "./inventory-ini.ts";
import { isListing, readListing } from "./inventory-listing.ts";
import type { Inventory } from "./inventory-model.ts";
import { readScript } from "./inventory-script.ts";
import { readYamlInventory } from "./inventory-yaml.ts";
import { hostsAndPort } from "./ranges.ts";
import { Keyring } from "./secrets/keyring.ts";
import { unknownSettings } from "./ssh-settings.ts";
import { Unread } from "./unread.ts";
import { variablesBeside } from "./vars-folders.ts";

/**
 * Reads inventories: YAML and INI files, scripts, directories of them, and lists of names with a comma. group_vars/
 * and host_vars/ beside each source and beside the playbook are read too. A later source wins.
 */
export async function loadInventory(sources: readonly string[], playbookDir: string, keyring = new Keyring()): Promise<Inventory> {
  const { inventory, problems } = await readInventory(sources, playbookDir, { keyring, unread: new Unread() });
  throwProblems(inFileOrder(problems));
  return inventory;
}

/** The same with the mistakes in it, and the inventory that is left without them: enough to look for more mistakes elsewhere. */
export async function readInventory(sources: readonly string[], playbookDir: string, { keyring, unread }: Openers): Promise<{ inventory: Inventory; problems: readonly Problem[] }> {
  const groups = new Groups();
  const problems: Problem[] = [];
  const reading: Reading = { groups, problems, unread, read: (path) => noted(path, reading, nodeOf(null, { file: path, line: 1, column: 1 }), () => loadYaml(path, keyring)) };
  const found: string[] = [];
  for (const source of sources) found.push(...(await noted(source, reading, [], () => readSource(source, reading))));
  const dirs = [...new Set(found)];
  const named = { groups: groups.groupNames(), hosts: groups.hostNames() };
  const ofPlaybook = dirs.includes(playbookDir) ? [] : [variablesBeside(playbookDir, "playbook", named, reading)];
  const folders = await Promise.all([...dirs.map((dir) => variablesBeside(dir, "inventory", named, reading)), ...ofPlaybook]);
  const ofFolders = folders.flatMap((folder) => [...folder.groups.values(), ...folder.hosts.values()].flat());
  problems.push(...unknownSettings([...groups.definitions(), ...ofFolders]));
  return { inventory: groups.finish(dirs, folders), problems };
}

interface Openers {
  readonly keyring: Keyring;
  /** Told of what cannot be read. */
  readonly unread: Unread;
}

interface Reading {
  readonly groups: Groups;
  readonly read: ReadYaml;
  readonly problems: Problem[];
  readonly unread: Unread;
}

/** The value, or the other one where there is a mistake, which joins those of the other files. */
async function noted<Value>(path: string, { problems, unread }: Reading, otherwise: Value, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    problems.push(...problemsOf(error));
    unread.add(await textIfAny(path));
    return otherwise;
  }
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
  for (const name of names) {
    const path = join(source, name);
    if (await isDirectory(path)) await readDirectory(path, reading);
    else if (await isFile(path)) await readOneFile(path, reading);
  }
  return resolve(source);
}

/** Ansible's list (INVENTORY_IGNORE_EXTS), and public keys. */
const ignored = /^\.|^(?:group_vars|host_vars|vars_plugins)$|(?:~|\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|cfg|retry|pub))$/;

async function readOneFile(path: string, reading: Reading): Promise<string> {
  reading.groups.reading(path);
  await noted(path, reading, undefined, () => readContent(path, reading));
  return dirname(resolve(path));
}

async function readContent(path: string, { groups, read }: Reading): Promise<void> {
  if (/\.(ya?ml|json)$/.test(path)) return readData(await read(path), groups);
  const text = await readText(path);
  if (text.startsWith("#!") || text.includes("\0")) await readProgram(path, groups);
  else if (text.startsWith("$ANSIBLE_VAULT") || looksLikeYaml(path, text)) readData(await read(path), groups);
  else readIni(text, path, groups);
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
