import { BowlineError, throwProblems, type Problem } from "../core/errors.ts";
import { suggestion } from "../core/suggest.ts";
import type { MappingNode, SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import { definitionsOf } from "./variables.ts";
import type { Groups } from "./groups.ts";
import { expandRange } from "./ranges.ts";

/** Ansible's YAML form: groups with `hosts`, `vars` and `children`; `all` is the usual root. Throws every mistake of the file. */
export function readYamlInventory(root: SourceNode, groups: Groups): void {
  if (isNothing(root)) return;
  const problems: Problem[] = [];
  for (const { key, keyAt, value } of mappingOf(root, "an inventory").entries) collect(problems, () => readGroup({ name: key, at: keyAt, node: value }, groups, problems));
  throwProblems(problems);
}

interface Group {
  readonly name: string;
  readonly at: Position;
  readonly node: SourceNode;
}

function readGroup({ name, at, node }: Group, groups: Groups, problems: Problem[]): void {
  if (/[\s,:!&[\]]/.test(name)) throw new BowlineError({ code: "E_INVENTORY", message: `"${name}" cannot be the name of a group`, at, expected: "a name without blanks and , : ! & [ ], which patterns use" });
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

/** Goes on with the rest of the file after a mistake. */
function collect(problems: Problem[], read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    problems.push(...error.problems);
  }
}

function isNothing(node: SourceNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

function readHosts(group: string, node: SourceNode, groups: Groups, problems: Problem[]): void {
  for (const { key, keyAt, value } of mappingOf(node, `the hosts of ${group}`).entries) {
    collect(problems, () => {
      const variables = isNothing(value) ? [] : definitionsOf(mappingOf(value, `host ${key}`), "inventory host");
      for (const name of expandRange(key, keyAt)) groups.addHost(name, group, variables);
    });
  }
}

function readChildren(group: string, node: SourceNode, groups: Groups, problems: Problem[]): void {
  for (const { key, keyAt, value } of mappingOf(node, `the children of ${group}`).entries) {
    collect(problems, () => {
      groups.addChild(group, key, keyAt);
      readGroup({ name: key, at: keyAt, node: value }, groups, problems);
    });
  }
}

function mappingOf(node: SourceNode, what: string): MappingNode {
  if (node.kind === "mapping") return node;
  const hint = node.kind === "sequence" ? "write name: instead of - name" : "end the name with a colon";
  throw new BowlineError({ code: "E_INVENTORY", message: `${what} must be a mapping`, at: node.at, expected: "name: on a line of its own", hint });
}
