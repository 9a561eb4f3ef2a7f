import type { ScalarNode, SourceNode } from "../core/node.ts";
import type { Scope } from "../core/scope.ts";
import { Context } from "./context.ts";
import { evaluate } from "./expression.ts";
import { parseText, placeInFile, placeOf } from "./handlebars.ts";
import { interpret, interpretCall } from "./interpret.ts";

/** The variables of a scope, with raw values over them: `extras` over everything, `values` as what tasks have set. */
export function makeContext(scope: Scope, extras: Readonly<Record<string, unknown>>, values: Readonly<Record<string, unknown>> = none): Context {
  return new Context(scope, { extras, values }, render);
}

const none: Readonly<Record<string, unknown>> = Object.create(null) as Record<string, unknown>;

/**
 * The value of a node with its templates rendered, all the way down. A text that is nothing but one `{{ … }}` keeps
 * the type of what it names. Throws E_UNDEFINED, E_TEMPLATE or E_EXPRESSION with the place of the expression.
 */
export function render(node: SourceNode, context: Context): unknown {
  switch (node.kind) {
    case "scalar":
      return typeof node.value === "string" && node.value.includes("{{") ? renderScalar(node, node.value, context) : node.value;
    case "expression":
      return evaluate(node, context);
    case "sequence":
      return node.items.map((item) => render(item, context));
    case "mapping":
      return Object.fromEntries(node.entries.map((entry) => [entry.key, render(entry.value, context)]));
    default:
      return node satisfies never;
  }
}

/** The text of a template file with everything in it rendered; errors name `file`. */
export function renderText(source: string, file: string, context: Context): string {
  return interpret({ parsed: parseText(source, placeInFile(file)), context });
}

function renderScalar(node: ScalarNode, source: string, context: Context): unknown {
  const parsed = parseText(source, placeOf(node));
  const [only, second] = parsed.ast.body;
  if (only?.type !== "MustacheStatement" || second) return interpret({ parsed, context });
  return interpretCall(only as hbs.AST.MustacheStatement, { parsed, context });
}
