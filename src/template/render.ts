import type { ScalarNode, SourceNode } from "../core/node.ts";
import type { Scope } from "../core/scope.ts";
import { Context, type Beside, type Render } from "./context.ts";
import { valueOf } from "./expression.ts";
import { omit } from "./functions/values.ts";
import { parseText, placeInFile, placeOf } from "./handlebars.ts";
import { interpret, interpretCall } from "./interpret.ts";

/** The variables of a scope, with raw values over them: `extras` over everything, the others as strong as their level is. */
export function makeContext(scope: Scope, extras: Readonly<Record<string, unknown>>, beside: Partial<Omit<Beside, "extras">> = {}): Context {
  const { values = none, facts = none, lookups } = beside;
  return new Context(scope, { extras, values, facts, lookups }, renderers);
}

const none: Readonly<Record<string, unknown>> = Object.create(null) as Record<string, unknown>;

/**
 * The value of a node with its templates rendered, all the way down. A text that is nothing but one `{{ … }}` keeps
 * the type of what it names. Keys and items whose whole value is `omit` are left out; null where that is everything.
 * Throws E_UNDEFINED, E_TEMPLATE or E_EXPRESSION with the place of the expression.
 */
export function render(node: SourceNode, context: Context): unknown {
  const value = renderPart(node, context);
  return value === omit ? null : value;
}

/** The text of a template file with everything in it rendered; errors name `file`. */
export function renderText(source: string, file: string, context: Context): string {
  return interpret({ parsed: parseText(source, placeInFile(file)), context });
}

const renderers: Render = { node: renderPart, file: ({ text, file }, context) => renderText(text, file, context) };

function renderPart(node: SourceNode, context: Context): unknown {
  switch (node.kind) {
    case "scalar":
      return typeof node.value === "string" && node.value.includes("{{") ? renderScalar(node, node.value, context) : node.value;
    case "expression":
      return valueOf(node, context);
    case "sequence":
      return node.items.map((item) => renderPart(item, context)).filter((value) => value !== omit);
    case "mapping":
      return Object.fromEntries(node.entries.map((entry) => [entry.key, renderPart(entry.value, context)] as const).filter(([, value]) => value !== omit));
    default:
      return node satisfies never;
  }
}

function renderScalar(node: ScalarNode, source: string, context: Context): unknown {
  const parsed = parseText(source, placeOf(node));
  const [only, second] = parsed.ast.body;
  if (only?.type !== "MustacheStatement" || second) return interpret({ parsed, context });
  return interpretCall(only as hbs.AST.MustacheStatement, { parsed, context });
}
