import { inPlaces, wrongCount } from "./functions/function.ts";
import { functionNamed, ownName } from "./functions.ts";
import { parseJinja, type Arguments, type Jinja } from "./jinja.ts";

/** The same expression in CEL, or undefined where it takes a person to say it. */
export function celForJinja(source: string): string | undefined {
  const tree = parseJinja(source);
  return tree && written(tree)?.text;
}

/** Text, and how tightly it holds together: 0 `?:`, 1 `||`, 2 `&&`, 3 comparisons, 4 `+`, 5 `*`, 6 `!`, 7 all else. */
interface Cel {
  readonly text: string;
  readonly hold: number;
}

const tight = 7;

function written(tree: Jinja): Cel | undefined {
  switch (tree.kind) {
    case "literal":
      return cel(typeof tree.value === "string" ? quoted(tree.value) : String(tree.value));
    case "name":
      return cel(tree.name);
    case "item":
      return item(tree.of, tree.key);
    case "call":
      return method(tree);
    case "function":
      return tree.name === "lookup" || tree.name === "query" || tree.name === "q" ? look(tree.name, tree.args) : call(tree.name, tree.args);
    case "filter":
      return filter(tree);
    case "test":
      return test(tree);
    case "unary":
      return prefixed(tree.sign === "not" ? "!" : "-", written(tree.of));
    case "binary":
      return binary(tree.sign, tree.left, tree.right);
    case "choice":
      return joined(0, (condition, yes, no) => `${condition} ? ${yes} : ${no}`, [within(tree.condition, 1), within(tree.yes, 1), within(tree.no, 0)]);
    case "list":
      return joined(tight, (...items) => `[${items.join(", ")}]`, tree.items.map((each) => within(each, 0)));
    case "mapping":
      return joined(tight, (...entries) => `{${entries.join(", ")}}`, tree.entries.map(([key, value]) => joined(0, (left, right) => `${left}: ${right}`, [within(key, 0), within(value, 0)])?.text));
    default:
      return tree satisfies never;
  }
}

type Part = string | undefined;

function cel(text: string, hold = tight): Cel {
  return { text, hold };
}

function within(tree: Jinja, hold: number): Part {
  const found = written(tree);
  return found && (found.hold < hold ? `(${found.text})` : found.text);
}

function joined(hold: number, join: (...parts: string[]) => string, parts: readonly Part[]): Cel | undefined {
  const known = parts.filter((part) => part !== undefined);
  return known.length === parts.length ? cel(join(...known), hold) : undefined;
}

function prefixed(sign: "!" | "-", of: Cel | undefined): Cel | undefined {
  if (!of) return undefined;
  return cel(`${sign}${of.hold < 6 ? `(${of.text})` : of.text}`, 6);
}

function quoted(value: string): string {
  const body = value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", "\\t").replaceAll("\r", "\\r");
  return body.includes("'") && !body.includes('"') ? `"${body}"` : `'${body.replaceAll("'", "\\'")}'`;
}

function item(of: Jinja, key: Jinja): Cel | undefined {
  if (key.kind === "unary" && key.sign === "-" && key.of.kind === "literal" && key.of.value === 1) return call("last", { values: [of], named: [] });
  if (key.kind === "literal" && /^[A-Za-z_]\w*$/.test(String(key.value)) && typeof key.value === "string") return joined(tight, (left) => `${left}.${String(key.value)}`, [within(of, tight)]);
  return joined(tight, (left, inner) => `${left}[${inner}]`, [within(of, tight), within(key, 0)]);
}

const signs: Readonly<Record<string, readonly [string, number]>> = {
  or: ["||", 1],
  and: ["&&", 2],
  "==": ["==", 3],
  "!=": ["!=", 3],
  "<": ["<", 3],
  "<=": ["<=", 3],
  ">": [">", 3],
  ">=": [">=", 3],
  "+": ["+", 4],
  "-": ["-", 4],
  "*": ["*", 5],
  "/": ["/", 5],
  "//": ["/", 5],
  "%": ["%", 5],
};

function binary(sign: string, left: Jinja, right: Jinja): Cel | undefined {
  if (sign === "in") return membership(left, right);
  if (sign === "~") return joined(4, (one, other) => `${one} + ${other}`, [asText(left), asText(right)]);
  const find = found(left, sign, right);
  if (find) return find;
  const known = signs[sign];
  return known && joined(known[1], (one, other) => `${one} ${known[0]} ${other}`, [within(left, known[1]), within(right, known[1] + 1)]);
}

/** CEL's `in` knows no text in a text; `contains` knows all three. */
function membership(value: Jinja, of: Jinja): Cel | undefined {
  if (of.kind === "list" || of.kind === "mapping" || (of.kind === "name" && ["groups", "group_names"].includes(of.name))) return joined(3, (one, other) => `${one} in ${other}`, [within(value, 4), within(of, 4)]);
  return call("contains", { values: [of, value], named: [] });
}

function asText(tree: Jinja): Part {
  const isText = tree.kind === "literal" ? typeof tree.value === "string" : tree.kind === "binary" && tree.sign === "~";
  return isText ? within(tree, 4) : call("string", { values: [tree], named: [] })?.text;
}

/** `text.find(part) != -1`, which is how Python asks. */
function found(left: Jinja, sign: string, right: Jinja): Cel | undefined {
  const isMinusOne = right.kind === "unary" && right.sign === "-" && right.of.kind === "literal" && right.of.value === 1;
  if (left.kind !== "call" || left.name !== "find" || !isMinusOne || !["==", "!=", ">"].includes(sign)) return undefined;
  const contains = call("contains", { values: [left.of, ...left.args.values], named: [] });
  return sign === "==" ? prefixed("!", contains) : contains;
}

function call(name: string, args: Arguments): Cel | undefined {
  const entry = functionNamed(name);
  if (!entry || entry.inCel) return undefined;
  const values = inPlaces(entry, args.values, Object.fromEntries(args.named)) as readonly (Jinja | undefined)[];
  if (values.includes(undefined) || wrongCount(name, entry, values.length) !== undefined) return undefined;
  return joined(tight, (...parts) => `${ownName(name)}(${parts.join(", ")})`, values.map((value) => within(value!, 0)));
}

function look(name: string, { values, named }: Arguments): Cel | undefined {
  const options: readonly Jinja[] = named.length === 0 ? [] : [{ kind: "mapping", entries: named.map(([key, value]) => [{ kind: "literal", value: key }, value] as const) }];
  return joined(tight, (...parts) => `${name}(${parts.join(", ")})`, [...values, ...options].map((value) => within(value, 0)));
}

/** Python's methods of text and mappings: the function for it. */
const methods: Readonly<Record<string, string>> = { endswith: ".endsWith", startswith: ".startsWith", items: "dict2items", keys: "keys", values: "values", lower: "lower", upper: "upper", strip: "trim", split: "split", replace: "replace", title: "title", capitalize: "capitalize" };

function method({ of, name, args }: Extract<Jinja, { kind: "call" }>): Cel | undefined {
  const [first, second] = args.values;
  if (name === "get" && first) {
    const inner: Jinja = { kind: "item", of, key: first };
    return second ? call("default", { values: [inner, second], named: [] }) : call("default", { values: [inner, { kind: "literal", value: null }], named: [] });
  }
  if (name === "join" && first) return call("join", { values: [first, of], named: [] });
  const ours = Object.hasOwn(methods, name) ? methods[name]! : undefined;
  if (ours?.startsWith(".")) return joined(tight, (text, ...parts) => `${text}${ours}(${parts.join(", ")})`, [within(of, tight), ...args.values.map((value) => within(value, 0))]);
  return ours === undefined ? undefined : call(ours, { values: [of, ...args.values], named: [] });
}

/** What a list comes out of anyway. */
const givesList = new Set(["map", "select", "reject", "selectattr", "rejectattr", "unique", "sort", "flatten", "union", "difference", "intersect", "dict2items", "zip", "product"]);

function filter({ of, name, args }: Extract<Jinja, { kind: "filter" }>): Cel | undefined {
  if (name === "list" && of.kind === "filter" && givesList.has(of.name)) return written(of);
  const [each] = args.values;
  if (name === "map" && each?.kind === "literal" && args.named.length === 0) {
    const inner = written({ kind: "filter", of: { kind: "name", name: "x" }, name: String(each.value), args: { values: args.values.slice(1), named: [] } });
    return inner && joined(tight, (list) => `${list}.map(x, ${inner.text})`, [within(of, tight)]);
  }
  return call(name, { values: [of, ...args.values], named: args.named });
}

const types: Readonly<Record<string, string>> = { string: "string", mapping: "map", boolean: "bool", integer: "int", float: "double", sequence: "list" };

const aliasesOfTests: Readonly<Record<string, string>> = { equalto: "==", eq: "==", sameas: "==", ne: "!=", gt: ">", greaterthan: ">", ge: ">=", lt: "<", lessthan: "<", le: "<=" };

function test({ of, name, args, not }: Extract<Jinja, { kind: "test" }>): Cel | undefined {
  const positive = positiveTest(of, name, args);
  const opposite = name === "undefined" ? call("defined", { values: [of], named: [] }) : undefined;
  if (opposite) return not ? opposite : prefixed("!", opposite);
  if (name === "none" || name === "None") return joined(3, (value) => `${value} ${not ? "!=" : "=="} null`, [within(of, 4)]);
  return not ? prefixed("!", positive) : positive;
}

function positiveTest(of: Jinja, name: string, args: Arguments): Cel | undefined {
  const [other] = args.values;
  const sign = aliasesOfTests[name];
  if (sign !== undefined) return other && binary(sign, of, other);
  if (name === "in") return other && membership(of, other);
  if (name === "true" || name === "false") return joined(3, (value) => `${value} == ${name}`, [within(of, 4)]);
  if (Object.hasOwn(types, name)) return joined(3, (value) => `type(${value}) == ${types[name]!}`, [within(of, 0)]);
  return call(name, { values: [of, ...args.values], named: args.named });
}
