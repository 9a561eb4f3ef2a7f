import { BowlineError, type Problem } from "../core/errors.ts";
import type { SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import { checkCondition, checkExpression, definedWhereHolds, expressionNames } from "./expression.ts";
import type { Source } from "./expression-words.ts";
import { parseText, placeInFile, placeOf, type Place } from "./handlebars.ts";
import { pathsOf, type Partials } from "./paths.ts";

/** A variable that something names; `lenient`: it may be undefined there. */
export interface Use {
  readonly name: string;
  readonly at: Position;
  readonly lenient: boolean;
  /** What is asked for below the name, as far as it is written out. */
  readonly paths: readonly (readonly string[])[];
}

/** What can be said before any value is known: mistakes, and the variables that will be needed. */
export interface Inspection {
  readonly problems: readonly Problem[];
  readonly uses: readonly Use[];
}

/** The templates and expressions of a node, all the way down, with the partials that they name. */
export function inspectNode(node: SourceNode, partials?: Partials): Inspection {
  switch (node.kind) {
    case "scalar":
      return typeof node.value === "string" && node.value.includes("{{") ? inspectText(node.value, placeOf(node), partials) : nothing;
    case "expression":
      return inspectExpression(node);
    case "sequence":
      return together(node.items.map((item) => inspectNode(item, partials)));
    case "mapping":
      return together(node.entries.map((entry) => inspectNode(entry.value, partials)));
    default:
      return node satisfies never;
  }
}

export function inspectExpression(expression: Source): Inspection {
  const problems = checkExpression(expression);
  return problems.length > 0 ? { problems, uses: [] } : { problems, uses: expressionNames(expression) };
}

/** An expression that must be true or false. */
export function inspectCondition(condition: Source): Inspection {
  const problems = checkCondition(condition);
  return problems.length > 0 ? { problems, uses: [] } : { problems, uses: expressionNames(condition) };
}

/** A template file. */
export function inspectFile(text: string, file: string, partials?: Partials): Inspection {
  return inspectText(text, placeInFile(file), partials);
}

/** The variables that are surely defined where a condition holds; none for a condition with mistakes. */
export function definedBy(condition: Source): ReadonlySet<string> {
  return checkExpression(condition).length > 0 ? new Set() : definedWhereHolds(condition);
}

/** Partials among the templates of a project: `name`, or `name.hbs`. */
export function partialsAmong(template: Partials): Partials {
  return (name) => template(name) ?? template(`${name}.hbs`);
}

export function together(inspections: readonly Inspection[]): Inspection {
  return { problems: inspections.flatMap((each) => each.problems), uses: inspections.flatMap((each) => each.uses) };
}

const nothing: Inspection = { problems: [], uses: [] };

function inspectText(text: string, place: Place, partials: Partials | undefined): Inspection {
  try {
    return pathsOf(parseText(text, place), partials);
  } catch (error) {
    if (error instanceof BowlineError) return { problems: error.problems, uses: [] };
    throw error;
  }
}
