import { inPlaces, parameterNames, wrongCount } from "./functions/function.ts";
import { functionNamed, ownName } from "./functions.ts";
import { parseJinja, type Arguments, type Jinja } from "./jinja.ts";

/** The inside of `{{ … }}` in Handlebars' words, or undefined where it takes a person to say it. */
export function handlebarsForJinja(source: string): string | undefined {
  const tree = parseJinja(source);
  const found = tree && part(tree);
  return found === undefined ? undefined : bare(found);
}

/** `{{#if …}}` for `{% if … %}` and the like, or undefined. */
export function blockForJinja(inside: string): string | undefined {
  const word = /^\s*-?\s*(\w+)\s*(.*?)\s*-?\s*$/s.exec(inside);
  const [, name = "", rest = ""] = word ?? [];
  if (Object.hasOwn(plain, name)) return plain[name];
  const each = /^(\w+)(?:\s*,\s*(\w+))?\s+in\s+(.*)$/s.exec(rest);
  if (name === "for" && each) return eachFor(each[1]!, each[2], each[3]!);
  if (name !== "if" && name !== "elif") return undefined;
  const tree = parseJinja(rest);
  const condition = tree && part(tree);
  return condition && (name === "if" ? `{{#if ${condition}}}` : `{{else if ${condition}}}`);
}

const plain: Readonly<Record<string, string>> = { endif: "{{/if}}", endfor: "{{/each}}", else: "{{else}}", raw: "{{{{raw}}}}", endraw: "{{{{/raw}}}}" };

function eachFor(first: string, second: string | undefined, source: string): string | undefined {
  const items = /^(.*)\.(?:items|iteritems)\(\)$/s.exec(source)?.[1];
  const tree = parseJinja(second === undefined ? source : (items ?? ""));
  const list = tree && part(tree);
  return list && `{{#each ${list} as |${second === undefined ? first : `${second} ${first}`}|}}`;
}

/** A call in round brackets, a path or a literal. */
function part(tree: Jinja): string | undefined {
  switch (tree.kind) {
    case "literal":
      return literal(tree.value);
    case "name":
      return functionNamed(tree.name) && ["not", "if"].includes(tree.name) ? undefined : tree.name;
    case "item":
      return item(tree.of, tree.key);
    case "call":
      return undefined;
    case "function":
      return call(tree.name, tree.args);
    case "filter":
      return tree.name === "list" && tree.of.kind === "filter" ? part(tree.of) : tree.name === "map" && tree.args.values.length > 0 ? undefined : call(tree.name, { values: [tree.of, ...tree.args.values], named: tree.args.named });
    case "test":
      return test(tree);
    case "unary":
      return tree.sign === "not" ? call("not", { values: [tree.of], named: [] }) : tree.of.kind === "literal" && typeof tree.of.value === "number" ? `-${tree.of.value}` : undefined;
    case "binary":
      if (tree.sign === "~") return call("concat", { values: joined(tree), named: [] });
      return operators[tree.sign] && call(operators[tree.sign]!, { values: [tree.left, tree.right], named: [] });
    case "choice":
      return call("ternary", { values: [tree.condition, tree.yes, tree.no], named: [] });
    case "list":
    case "mapping":
      return undefined;
    default:
      return tree satisfies never;
  }
}

const operators: Readonly<Record<string, string>> = { "==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", and: "and", or: "or", in: "in" };

/** The parts of `a ~ b ~ c`. */
function joined(tree: Jinja): Jinja[] {
  return tree.kind === "binary" && tree.sign === "~" ? [...joined(tree.left), ...joined(tree.right)] : [tree];
}

function bare(found: string): string {
  return found.startsWith("(") && found.endsWith(")") ? found.slice(1, -1) : found;
}

function literal(value: string | number | boolean | null): string | undefined {
  if (typeof value !== "string") return String(value);
  if (!value.includes("'")) return `'${value}'`;
  return value.includes('"') ? undefined : `"${value}"`;
}

/** Where a turn of Jinja's loop stands; what counts from 1 has no word here. */
const turns: Readonly<Record<string, string>> = { first: "@first", last: "@last", index0: "@index" };

function item(of: Jinja, key: Jinja): string | undefined {
  if (of.kind === "name" && of.name === "loop" && key.kind === "literal") return turns[String(key.value)];
  const owner = part(of);
  if (owner === undefined) return undefined;
  const isPath = !owner.startsWith("(") && !/^['"\d-]/.test(owner);
  if (isPath && key.kind === "literal" && key.value !== null) {
    const name = String(key.value);
    return /^[A-Za-z_][\w-]*$/.test(name) ? `${owner}.${name}` : `${owner}.[${name}]`;
  }
  const inner = part(key);
  if (inner === undefined) return undefined;
  return owner.startsWith("(item ") ? `${owner.slice(0, -1)} ${inner})` : `(item ${owner} ${inner})`;
}

function call(name: string, { values, named }: Arguments): string | undefined {
  const entry = functionNamed(name);
  if (!entry) return undefined;
  const names = parameterNames(entry);
  if (!entry.looks && named.some(([key]) => !names.includes(key))) return undefined;
  const places = inPlaces(entry, values, Object.fromEntries(named));
  if (wrongCount(name, entry, entry.looks ? values.length : places.length) !== undefined) return undefined;
  const parts = [...values.map(part), ...named.map(([key, value]) => prefixed(`${key}=`, part(value)))];
  return parts.includes(undefined) ? undefined : `(${[ownName(name), ...parts].join(" ")})`;
}

function prefixed(prefix: string, found: string | undefined): string | undefined {
  return found === undefined ? undefined : prefix + found;
}

const tests: Readonly<Record<string, string>> = { equalto: "eq", eq: "eq", sameas: "eq", ne: "ne", gt: "gt", ge: "ge", lt: "lt", le: "le", in: "in" };

function test({ of, name, args, not }: Extract<Jinja, { kind: "test" }>): string | undefined {
  const isUndefined = name === "undefined";
  const asked = isUndefined ? "defined" : (tests[name] ?? name);
  const found = call(asked, { values: [of, ...args.values], named: args.named });
  return found && (isUndefined !== not ? `(not ${found})` : found);
}
