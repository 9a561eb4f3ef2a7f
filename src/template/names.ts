import { BowlineError, type Problem } from "../core/errors.ts";
import type { SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import { checkExpression, expressionNames } from "./expression.ts";
import { parseText, placeOf } from "./handlebars.ts";
import { pathsOf } from "./paths.ts";

/** What is wrong with the templates of a node before any value is known. */
export function checkTemplate(node: SourceNode): Problem[] {
  return partsOf(node).flatMap((part) => {
    if (part.kind === "expression") return checkExpression(part);
    try {
      parseText(String(part.value), placeOf(part));
      return [];
    } catch (error) {
      if (error instanceof BowlineError) return [...error.problems];
      throw error;
    }
  });
}

/** The variables that must be defined for a node to be rendered; it has no syntax errors. */
export function templateNames(node: SourceNode): { name: string; at: Position }[] {
  return partsOf(node).flatMap((part) => {
    const uses = part.kind === "expression" ? expressionNames(part) : pathsOf(parseText(String(part.value), placeOf(part)));
    return uses.filter((use) => !use.lenient).map(({ name, at }) => ({ name, at }));
  });
}

function partsOf(node: SourceNode): Extract<SourceNode, { kind: "scalar" | "expression" }>[] {
  switch (node.kind) {
    case "scalar":
      return typeof node.value === "string" && node.value.includes("{{") ? [node] : [];
    case "expression":
      return [node];
    case "sequence":
      return node.items.flatMap(partsOf);
    case "mapping":
      return node.entries.flatMap((entry) => partsOf(entry.value));
    default:
      return node satisfies never;
  }
}
