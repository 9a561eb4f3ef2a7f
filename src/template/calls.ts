import { nearest, suggestion } from "../core/suggest.ts";
import { inPlaces, parameterNames, signatureOf, wrongCount, type TemplateFunction } from "./functions/function.ts";
import { functionNamed, functionNames } from "./functions.ts";
import { templateHint } from "./jinja-hints.ts";
import { blockForJinja } from "./jinja-to-handlebars.ts";
import { unknownLookup } from "./lookups.ts";

/** What is wrong with a template before any value is known; the line counts from 1, the column from 0. */
export interface Mistake {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint?: string;
}

/** The blocks that there are; a block of any other name is a section over the variable of that name. */
export const blockNames: readonly string[] = ["if", "unless", "each", "with", "raw"];

type Call = hbs.AST.MustacheStatement | hbs.AST.SubExpression;

/**
 * The function that a call means. `{{ name }}` alone is a variable, whatever functions there are; it is a call only of
 * a function that needs no arguments, where no variable has the name.
 */
export function functionOf(call: Call, isVariable: (name: string) => boolean): TemplateFunction | undefined {
  const path = call.path as hbs.AST.PathExpression;
  if (path.type !== "PathExpression" || /^(\.|this\b|@)/.test(path.original)) return undefined;
  const found = functionNamed(path.original);
  if (!found || call.type === "SubExpression" || call.params.length > 0 || call.hash !== undefined) return found;
  return wrongCount(path.original, found, 0) === undefined && !isVariable(path.original) ? found : undefined;
}

/** What to say of a name that nothing defines and that a function has. */
export function functionHint(name: string): string | undefined {
  const found = functionNamed(name);
  return found && `${name} is a function: ${signatureOf(name, found)} is written {{ ${[name, ...found.takes.filter((each) => !/[?*]$/.test(each))].join(" ")} }}`;
}

/** The name in `{{> name }}`, a path below templates/. */
export function partialName(partial: hbs.AST.PartialStatement): string {
  return (partial.name as hbs.AST.PathExpression).original;
}

/** What to say of a partial that is not there. */
export function missingPartial(name: string): { readonly message: string; readonly hint: string } {
  return { message: `there is no partial "${name}"`, hint: `it would be templates/${name} or templates/${name}.hbs` };
}

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
    case "PartialStatement":
      return ofPartial(statement as hbs.AST.PartialStatement);
    case "PartialBlockStatement":
      return [mistake(statement, "a partial is no block", "write {{> name }}")];
    default:
      return [mistake(statement, "templates have no decorators", "put the text here, or into a partial")];
  }
}

function ofPartial(partial: hbs.AST.PartialStatement): Mistake[] {
  const inner = [...ofParams(partial.params), ...ofParams((partial.hash?.pairs ?? []).map((pair) => pair.value))];
  const name = partial.name.type === "PathExpression" ? partialName(partial) : "";
  if (name === "") return [mistake(partial, "the name of a partial is written as it is", "{{> name }} is templates/name or templates/name.hbs"), ...inner];
  if (name.split("/").includes("..")) return [mistake(partial, `a partial lies in templates/: ${name}`), ...inner];
  return partial.params.length > 1 ? [mistake(partial, "a partial takes one value, and names: {{> name item key=value }}"), ...inner] : inner;
}

function ofCall(call: Call): Mistake[] {
  const path = call.path as hbs.AST.PathExpression;
  const pairs = call.hash?.pairs ?? [];
  const inner = [...ofParams(call.params), ...ofParams(pairs.map((pair) => pair.value))];
  const jinja = jinjaIn(call);
  if (jinja !== undefined) return [mistake(path, `this is no template: {{ ${jinja} }}`, templateHint(jinja))];
  if (path.type !== "PathExpression") return call.params.length === 0 ? inner : [mistake(call.params[0]!, "nothing can follow a literal", "operators go into conditions and !expr:  key: !expr port + 1"), ...inner];
  const helper = functionOf(call, () => true);
  if (helper) return [...ofFunction(helper, path, call), ...inner];
  return call.params.length > 0 || pairs.length > 0 || call.type === "SubExpression" || blockNames.includes(path.original) ? [noHelper(path), ...inner] : inner;
}

/** Words that join values in Jinja; here they would be values of a helper. */
const jinjaWords = ["is", "if", "else", "and", "or", "not", "in"];

function jinjaIn({ path, params }: Call): string | undefined {
  const parts = [path as hbs.AST.Expression, ...params];
  const isJinja = params.some((param) => param.type === "PathExpression" && jinjaWords.includes((param as hbs.AST.PathExpression).original));
  return isJinja && parts.every((part) => part.type !== "SubExpression") ? parts.map(asWritten).join(" ") : undefined;
}

function asWritten(part: hbs.AST.Expression): string {
  const { original } = part as hbs.AST.PathExpression;
  return part.type === "StringLiteral" ? `'${original}'` : String(original);
}

function ofFunction(helper: TemplateFunction, path: hbs.AST.PathExpression, call: Call): Mistake[] {
  const pairs = call.hash?.pairs ?? [];
  if (helper.looks) return ofLookup(call);
  const names = parameterNames(helper);
  const foreign = pairs.find(({ key }) => !names.includes(key));
  if (foreign) {
    const near = nearest(foreign.key, names);
    return [mistake(foreign, `${path.original} has no argument "${foreign.key}"`, near === undefined ? signatureOf(path.original, helper) : `did you mean "${near}"?`)];
  }
  const places = inPlaces(helper, call.params, Object.fromEntries(pairs.map(({ key, value }) => [key, value])));
  const wrong = wrongCount(path.original, helper, places.length);
  if (wrong !== undefined) return [mistake(path, wrong, `${signatureOf(path.original, helper)}: ${helper.summary}`)];
  const absent = helper.takes.find((name, index) => !/[?*]$/.test(name) && places[index] === undefined);
  return absent === undefined ? [] : [mistake(path, `${path.original} needs ${absent}`, signatureOf(path.original, helper))];
}

function ofLookup(call: Call): Mistake[] {
  const [name] = call.params;
  if (!name) return [mistake(call.path, "a lookup needs its name", "{{ lookup 'env' 'HOME' }}")];
  const wrong = name.type === "StringLiteral" ? unknownLookup((name as hbs.AST.StringLiteral).value) : undefined;
  if (wrong) return [mistake(name, wrong.message, wrong.hint)];
  return call.params.length === 1 && name.type === "StringLiteral" ? [mistake(name, `the lookup ${(name as hbs.AST.StringLiteral).value} needs what it looks for`, `bowline doc --functions lookup shows each with an example`)] : [];
}

function ofBlock(block: hbs.AST.BlockStatement): Mistake[] {
  const name = block.path.original as string;
  const isRaw = name === "raw";
  const inside = isRaw ? [] : [block.program, block.inverse].flatMap((program) => (program as hbs.AST.Program | undefined)?.body.flatMap(ofStatement) ?? []);
  return [...blockItself(block, name), ...ofParams(block.params), ...ofHash(block.hash), ...inside];
}

function blockItself(block: hbs.AST.BlockStatement, name: string): Mistake[] {
  const wanted = name === "raw" || !blockNames.includes(name) ? 0 : 1;
  if (functionNamed(name) && block.params.length > 0) return [mistake(block.path, `${name} is no block`, `write {{ ${name} … }}`)];
  if (block.params.length === wanted) return [];
  if (blockNames.includes(name)) return [mistake(block.path, `{{#${name}}} takes ${wanted === 1 ? "one value" : "no value"}, not ${block.params.length}`, "a call inside it stands in round brackets: {{#if (eq a b)}}")];
  return [mistake(block.path, `there is no block "${name}"`, suggestion(name, blockNames))];
}

function ofContent(content: hbs.AST.ContentStatement): Mistake[] {
  // Of the value Handlebars takes away what stands around a block that is alone on its line; the place counts with it.
  const written = String(content.original);
  return [...written.matchAll(/\{%(.*?)%\}/gs)].map(({ index, 1: inside }) => {
    const before = written.slice(0, index).split("\n");
    const start = content.loc.start;
    const place = before.length === 1 ? { line: start.line, column: start.column + index } : { line: start.line + before.length - 1, column: before.at(-1)!.length };
    const translated = blockForJinja(inside!);
    const write = translated === undefined ? "write {{#if …}} … {{/if}} and {{#each …}} … {{/each}}" : `write ${translated}`;
    return { ...place, message: "{% … %} is Jinja's", hint: `${write}; text that is to stay as it is goes between {{{{raw}}}} and {{{{/raw}}}}` };
  });
}

function ofParams(params: readonly hbs.AST.Expression[]): Mistake[] {
  return params.flatMap((param) => (param.type === "SubExpression" ? ofCall(param as hbs.AST.SubExpression) : []));
}

function ofHash(hash: hbs.AST.Hash | undefined): Mistake[] {
  const [first] = hash?.pairs ?? [];
  return first ? [mistake(first, "blocks take no named arguments", `write the value alone, without ${first.key}=`)] : [];
}

function noHelper(path: hbs.AST.PathExpression): Mistake {
  if (blockNames.includes(path.original)) return mistake(path, `${path.original} is a block`, `write {{#${path.original} …}} … {{/${path.original}}}`);
  return mistake(path, `there is no helper "${path.original}"`, suggestion(path.original, functionNames()));
}

function mistake(node: hbs.AST.Node, message: string, hint?: string): Mistake {
  const { line, column } = node.loc.start;
  return { line, column, message, ...(hint === undefined ? {} : { hint }) };
}
