import { throwProblems, type Problem } from "../core/errors.ts";
import type { MappingEntry, SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Definition } from "../core/scope.ts";

/** The entries of a mapping of variables as definitions of one level; an empty file has none. Throws every mistake. */
export function definitionsOf(node: SourceNode, level: Definition["level"]): Definition[] {
  const problems: Problem[] = [];
  const definitions = definitionsIn(node, level, problems);
  throwProblems(problems);
  return definitions;
}

/** The same, as far as there is no mistake; these join the others. */
export function definitionsIn(node: SourceNode, level: Definition["level"], problems: Problem[]): Definition[] {
  if (node.kind === "scalar" && node.value === null) return [];
  if (node.kind !== "mapping") {
    problems.push({ code: "E_YAML", message: "variables must be a mapping", at: node.at, expected: "name: value" });
    return [];
  }
  const isGood = ({ key }: MappingEntry) => isVariableName(key);
  problems.push(...node.entries.filter((entry) => !isGood(entry)).map(({ key, keyAt }) => badName(key, keyAt)));
  return node.entries.filter(isGood).map(({ key, value }) => ({ name: key, value, level }));
}

/** Other names could be written, and no template could reach them. */
export function isVariableName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

export function badName(name: string, at: Position): Problem {
  return { code: "E_YAML", message: `"${name}" cannot be the name of a variable`, at, expected: "letters, digits and _, not beginning with a digit" };
}
