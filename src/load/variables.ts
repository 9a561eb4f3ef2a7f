import { BowlineError, throwProblems, type Problem } from "../core/errors.ts";
import type { SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Definition } from "../core/scope.ts";

/** The entries of a mapping of variables as definitions of one level; an empty file has none. */
export function definitionsOf(node: SourceNode, level: Definition["level"]): Definition[] {
  if (node.kind === "scalar" && node.value === null) return [];
  if (node.kind !== "mapping") throw new BowlineError({ code: "E_YAML", message: "variables must be a mapping", at: node.at, expected: "name: value" });
  throwProblems(node.entries.filter((entry) => !isVariableName(entry.key)).map((entry) => badName(entry.key, entry.keyAt)));
  return node.entries.map((entry) => ({ name: entry.key, value: entry.value, level }));
}

/** Other names could be written, and no template could reach them. */
export function isVariableName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

export function badName(name: string, at: Position): Problem {
  return { code: "E_YAML", message: `"${name}" cannot be the name of a variable`, at, expected: "letters, digits and _, not beginning with a digit" };
}
