import { BowlineError, throwProblems, type Problem } from "../core/errors.ts";
import { entryOf, type MappingNode, type SourceNode } from "../core/node.ts";
import type { Definition, Level } from "../core/scope.ts";
import { collect } from "./collect.ts";
import type { Groups } from "./groups.ts";
import { isVariableName } from "./variables.ts";

/**
 * What `--list` of an inventory script prints, and `ansible-inventory --list`: groups as lists of hosts or with `hosts`,
 * `vars` and `children`, and the variables of hosts in `_meta`. Gives the hosts whose variables it does not tell.
 */
export function readListing(root: SourceNode, groups: Groups): string[] {
  const problems: Problem[] = [];
  const hosts = new Set<string>();
  const { entries } = mappingOf(root, "what an inventory script prints");
  for (const { key, value } of entries) if (key !== "_meta") collect(problems, () => readGroup(key, value, { groups, hosts }));
  const meta = entries.find(({ key }) => key === "_meta")?.value;
  const hostvars = meta?.kind === "mapping" ? entryOf(meta, "hostvars")?.value : undefined;
  if (hostvars) collect(problems, () => readHostvars(mappingOf(hostvars, "_meta.hostvars"), groups, hosts));
  throwProblems(problems);
  return hostvars ? [] : [...hosts];
}

/** What `--host NAME` prints. */
export function readHostVariables(host: string, node: SourceNode, groups: Groups): void {
  groups.addHost(host, "ungrouped", variablesOf(node, `the variables of ${host}`, "inventory host"));
}

/** Whether a file holds what a script would print. */
export function isListing(root: SourceNode): boolean {
  return root.kind === "mapping" && entryOf(root, "_meta") !== undefined;
}

interface Reading {
  readonly groups: Groups;
  readonly hosts: Set<string>;
}

function readGroup(name: string, node: SourceNode, reading: Reading): void {
  reading.groups.declare(name);
  if (isNothing(node)) return;
  if (node.kind === "sequence") return addHosts(name, node, reading);
  const { entries } = mappingOf(node, `group ${name}`);
  const parts = entries.filter(({ key }) => Object.hasOwn(readPart, key));
  for (const { key, value } of parts) if (!isNothing(value)) readPart[key]!(name, value, reading);
  if (parts.length > 0 || entries.length === 0) return;
  // The oldest form: the variables of a host that is called like its group.
  addHost(name, name, reading);
  readPart["vars"]!(name, node, reading);
}

const readPart: Readonly<Record<string, (group: string, node: SourceNode, reading: Reading) => void>> = {
  hosts: addHosts,
  vars: (group, node, { groups }) => groups.addVariables(group, variablesOf(node, `the vars of ${group}`, "inventory group")),
  children: (group, node, { groups }) => {
    for (const child of namesOf(node, `the children of ${group}`)) groups.addChild(group, child, node.at);
  },
};

function addHosts(group: string, node: SourceNode, reading: Reading): void {
  for (const host of namesOf(node, `the hosts of ${group}`)) addHost(host, group, reading);
}

function addHost(name: string, group: string, { groups, hosts }: Reading): void {
  groups.addHost(name, group, []);
  hosts.add(name);
}

/** Hosts that only `_meta` names are left out, as in Ansible. */
function readHostvars(hostvars: MappingNode, groups: Groups, hosts: ReadonlySet<string>): void {
  for (const { key, value } of hostvars.entries) if (hosts.has(key)) readHostVariables(key, value, groups);
}

/** Clouds have keys that no template could name; they are left out, for nobody can mend what a script prints. */
function variablesOf(node: SourceNode, what: string, level: Level): Definition[] {
  if (isNothing(node)) return [];
  return mappingOf(node, what).entries.filter(({ key }) => isVariableName(key)).map(({ key, value }) => ({ name: key, value, level }));
}

function isNothing(node: SourceNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** Names, also as the keys of a mapping, as in Ansible's YAML form. */
function namesOf(node: SourceNode, what: string): string[] {
  if (node.kind === "mapping") return node.entries.map(({ key }) => key);
  const items = node.kind === "sequence" ? node.items : undefined;
  if (items?.every((item) => item.kind === "scalar" && item.value !== null)) return items.map((item) => String((item as { value: unknown }).value));
  throw new BowlineError({ code: "E_INVENTORY", message: `${what} must be a list of names`, at: node.at });
}

function mappingOf(node: SourceNode, what: string): MappingNode {
  if (node.kind === "mapping") return node;
  throw new BowlineError({ code: "E_INVENTORY", message: `${what} must be a mapping`, at: node.at });
}
