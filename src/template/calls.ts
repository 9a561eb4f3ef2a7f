import { suggestion } from "../core/suggest.ts";
import { functionNamed, functions } from "./functions.ts";

/** What is wrong with a template before any value is known; the line counts from 1, the column from 0. */
export interface Mistake {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint?: string;
}

/** The blocks that there are; a block of any other name is a section over the variable of that name. */
export const blockNames: readonly string[] = ["if", "unless", "each", "with", "raw"];

/** Helpers that do not exist, wrong numbers of arguments, and parts of Handlebars that templates here do not have. */
export function callMistakes(ast: hbs.AST.Program): Mistake[] {
  return ast.body.flatMap(ofStatement);
}

function ofStatement(statement: hbs.AST.Statement): Mistake[] {
  switch (statement.type) {
    case "MustacheStatement":
      return ofCall(statement as hbs.AST.MustacheStatement);
    case "BlockStatement":
      return ofBlock(statement as hbs.AST.BlockStatement);
    case "ContentStatement":
      return ofContent(statement as hbs.AST.ContentStatement);
    case "CommentStatement":
      return [];
    default:
      return [mistake(statement, "templates have no partials and no decorators", "put the text here, or into a variable")];
  }
}

type Call = hbs.AST.MustacheStatement | hbs.AST.SubExpression;

function ofCall(call: Call): Mistake[] {
  const path = call.path as hbs.AST.PathExpression;
  const inner = [...ofParams(call.params), ...ofHash(call.hash)];
  if (path.type !== "PathExpression") return call.params.length === 0 ? inner : [mistake(call.params[0]!, "nothing can follow a literal", "operators go into conditions and !expr:  key: !expr port + 1")];
  const helper = functionNamed(path.original);
  if (!helper) return call.params.length > 0 || call.type === "SubExpression" || blockNames.includes(path.original) ? [noHelper(path), ...inner] : inner;
  const count = call.params.length;
  if (helper.arity.includes(count)) return inner;
  const takes = `${path.original} takes ${helper.arity.join(" or ")} argument${helper.arity.at(-1) === 1 ? "" : "s"}, not ${count}`;
  return [mistake(path, takes, count === 0 ? `{{ this.${path.original} }} is a variable of this name` : helper.summary), ...inner];
}

function ofBlock(block: hbs.AST.BlockStatement): Mistake[] {
  const name = block.path.original as string;
  const isRaw = name === "raw";
  const inside = isRaw ? [] : [block.program, block.inverse].flatMap((program) => (program as hbs.AST.Program | undefined)?.body.flatMap(ofStatement) ?? []);
  return [...blockItself(block, name), ...ofParams(block.params), ...ofHash(block.hash), ...inside];
}

function blockItself(block: hbs.AST.BlockStatement, name: string): Mistake[] {
  const wanted = name === "raw" || !blockNames.includes(name) ? 0 : 1;
  if (functionNamed(name)) return [mistake(block.path, `${name} is no block`, `write {{ ${name} … }}`)];
  if (block.params.length === wanted) return [];
  if (blockNames.includes(name)) return [mistake(block.path, `{{#${name}}} takes ${wanted === 1 ? "one value" : "no value"}, not ${block.params.length}`, "a call inside it stands in round brackets: {{#if (eq a b)}}")];
  return [mistake(block.path, `there is no block "${name}"`, suggestion(name, blockNames))];
}

function ofContent(content: hbs.AST.ContentStatement): Mistake[] {
  const index = content.value.search(/\{%.*?%\}/);
  if (index < 0) return [];
  const before = content.value.slice(0, index).split("\n");
  const start = content.loc.start;
  const place = before.length === 1 ? { line: start.line, column: start.column + index } : { line: start.line + before.length - 1, column: before.at(-1)!.length };
  return [{ ...place, message: "{% … %} is Jinja's", hint: "write {{#if …}} … {{/if}} and {{#each …}} … {{/each}}; text that is to stay as it is goes between {{{{raw}}}} and {{{{/raw}}}}" }];
}

function ofParams(params: readonly hbs.AST.Expression[]): Mistake[] {
  return params.flatMap((param) => (param.type === "SubExpression" ? ofCall(param as hbs.AST.SubExpression) : []));
}

function ofHash(hash: hbs.AST.Hash | undefined): Mistake[] {
  const [first] = hash?.pairs ?? [];
  return first ? [mistake(first, "helpers take no named arguments", `write the value alone, without ${first.key}=`)] : [];
}

function noHelper(path: hbs.AST.PathExpression): Mistake {
  if (blockNames.includes(path.original)) return mistake(path, `${path.original} is a block`, `write {{#${path.original} …}} … {{/${path.original}}}`);
  return mistake(path, `there is no helper "${path.original}"`, suggestion(path.original, Object.keys(functions)));
}

function mistake(node: hbs.AST.Node, message: string, hint?: string): Mistake {
  const { line, column } = node.loc.start;
  return { line, column, message, ...(hint === undefined ? {} : { hint }) };
}
