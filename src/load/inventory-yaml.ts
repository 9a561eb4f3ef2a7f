import { BowlineError, throwProblems, type Problem } from "../core/errors.ts";
import { suggestion } from "../core/suggest.ts";
import { plainOf, type MappingEntry, type MappingNode, type SourceNode } from "../core/node.ts";
import { formatPosition, type Position } from "../core/position.ts";
import { collect } from "./collect.ts";
import type { Groups } from "./groups.ts";
import { portVariable } from "./inventory-ini.ts";
import { hostsAndPort } from "./ranges.ts";
import { definitionsOf } from "./variables.ts";

/** Ansible's YAML form: groups with `hosts`, `vars` and `children`; `all` is the usual root. Throws every mistake of the file. */
export function readYamlInventory(root: SourceNode, groups: Groups): void {
  if (isNothing(root)) return;
  const problems: Problem[] = [];
  const { entries } = mappingOf(root, "an inventory");
  const plugin = entries.find(({ key, value }) => key === "plugin" && value.kind === "scalar");
  if (plugin) throw pluginError(plugin);
  for (const { key, keyAt, value } of entries) collect(problems, () => readGroup({ name: key, at: keyAt, node: value }, groups, problems));
  throwProblems(problems);
}

function pluginError({ keyAt, value }: MappingEntry): BowlineError {
  const hint = `make a file of what it finds: ansible-inventory -i ${keyAt.file} --list --yaml > hosts.yml; or let a script print it each time`;
  return new BowlineError({ code: "E_INVENTORY", message: `this is the configuration of Ansible's inventory plugin ${String(plainOf(value))}, and no inventory`, at: keyAt, hint });
}

interface Group {
  readonly name: string;
  readonly at: Position;
  readonly node: SourceNode;
}

function readGroup({ name, at, node }: Group, groups: Groups, problems: Problem[]): void {
  // Ansible warns too: clouds make such names, and children and variables work with them.
  if (/[\s,:!&[\]]/.test(name)) groups.warn(`${formatPosition(at)}: patterns cannot name the group "${name}": blanks and , : ! & [ ] mean something there`);
  groups.declare(name);
  if (isNothing(node)) return;
  for (const { key, keyAt, value } of mappingOf(node, `group ${name}`).entries) {
    if (!groupKeys.includes(key)) problems.push({ code: "E_INVENTORY", message: `"${key}" is not a key of a group`, at: keyAt, expected: groupKeys.join(", "), ...hintFor(key) });
    else if (!isNothing(value)) collect(problems, () => readPart[key]!(name, value, groups, problems));
  }
}

const groupKeys = ["hosts", "vars", "children"];

const readPart: Readonly<Record<string, (group: string, node: SourceNode, groups: Groups, problems: Problem[]) => void>> = {
  hosts: readHosts,
  vars: (group, node, groups) => groups.addVariables(group, definitionsOf(mappingOf(node, `the vars of ${group}`), "inventory group")),
  children: readChildren,
};

function hintFor(key: string): { hint?: string } {
  const hint = suggestion(key, groupKeys);
  return hint?.startsWith("did") ? { hint } : { hint: "a variable goes under vars:, another group under children:" };
}

function isNothing(node: SourceNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

function readHosts(group: string, node: SourceNode, groups: Groups, problems: Problem[]): void {
  for (const { key, keyAt, value } of namesIn(node, `the hosts of ${group}`)) {
    collect(problems, () => {
      const variables = isNothing(value) ? [] : definitionsOf(mappingOf(value, `host ${key}`), "inventory host");
      const { names, port } = hostsAndPort(key, keyAt);
      for (const name of names) groups.addHost(name, group, port === undefined ? variables : [portVariable(port, keyAt), ...variables]);
    });
  }
}

function readChildren(group: string, node: SourceNode, groups: Groups, problems: Problem[]): void {
  for (const { key, keyAt, value } of namesIn(node, `the children of ${group}`)) {
    collect(problems, () => {
      groups.addChild(group, key, keyAt);
      readGroup({ name: key, at: keyAt, node: value }, groups, problems);
    });
  }
}

/** A single name may stand for a mapping of it, as in Ansible. */
function namesIn(node: SourceNode, what: string): readonly MappingEntry[] {
  if (node.kind === "scalar" && typeof node.value === "string") return [{ key: node.value, keyAt: node.at, value: { kind: "scalar", value: null, at: node.at } }];
  return mappingOf(node, what).entries;
}

function mappingOf(node: SourceNode, what: string): MappingNode {
  if (node.kind === "mapping") return node;
  const hint = node.kind === "sequence" ? "write name: instead of - name" : "end the name with a colon";
  throw new BowlineError({ code: "E_INVENTORY", message: `${what} must be a mapping`, at: node.at, expected: "name: on a line of its own", hint });
}
