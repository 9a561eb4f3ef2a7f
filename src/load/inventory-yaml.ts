import { BowlineError } from "../core/errors.ts";
import { suggestion } from "../core/suggest.ts";
import type { MappingNode, SourceNode } from "../core/node.ts";
import { definitionsOf } from "./playbook.ts";
import type { Groups } from "./groups.ts";
import { expandRange } from "./ranges.ts";

/** Ansible's YAML form: groups with `hosts`, `vars` and `children`; `all` is the usual root. */
export function readYamlInventory(root: SourceNode, groups: Groups): void {
  if (root.kind === "scalar" && root.value === null) return;
  for (const entry of mappingOf(root, "an inventory").entries) readGroup(entry.key, entry.value, groups);
}

function readGroup(name: string, node: SourceNode, groups: Groups): void {
  groups.addGroup(name);
  if (node.kind === "scalar" && node.value === null) return;
  for (const { key, keyAt, value } of mappingOf(node, `group ${name}`).entries) {
    if (value.kind === "scalar" && value.value === null && groupKeys.includes(key)) continue;
    if (key === "hosts") readHosts(name, value, groups);
    else if (key === "vars") groups.addVariables(name, definitionsOf(mappingOf(value, "vars"), "inventory group"));
    else if (key === "children") readChildren(name, value, groups);
    else {
      const hint = suggestion(key, groupKeys);
      throw new BowlineError({ code: "E_INVENTORY", message: `"${key}" is not a key of a group`, at: keyAt, expected: groupKeys.join(", "), ...(hint ? { hint } : {}) });
    }
  }
}

const groupKeys = ["hosts", "vars", "children"];

function readHosts(group: string, node: SourceNode, groups: Groups): void {
  for (const { key, keyAt, value } of mappingOf(node, `the hosts of ${group}`).entries) {
    const variables = value.kind === "scalar" && value.value === null ? [] : definitionsOf(mappingOf(value, `host ${key}`), "inventory host");
    for (const name of expandRange(key, keyAt)) groups.addHost(name, group, variables);
  }
}

function readChildren(group: string, node: SourceNode, groups: Groups): void {
  for (const { key, keyAt, value } of mappingOf(node, `the children of ${group}`).entries) {
    groups.addChild(group, key, keyAt);
    readGroup(key, value, groups);
  }
}

function mappingOf(node: SourceNode, what: string): MappingNode {
  if (node.kind === "mapping") return node;
  const hint = node.kind === "sequence" ? "write name: instead of - name" : "end the name with a colon";
  throw new BowlineError({ code: "E_INVENTORY", message: `${what} must be a mapping`, at: node.at, expected: "name: on a line of its own", hint });
}
