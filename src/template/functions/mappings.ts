import type { Functions } from "./function.ts";
import { isMapping, kindOf, list, mapping, own, text } from "./values.ts";

/** Mappings in or out. */
export const mappingFunctions: Functions = {
  combine: {
    summary: "Mappings as one; where two have a key, the later wins. With recursive, mappings under the same key are combined too.",
    takes: ["mapping", "others*", "recursive?"],
    aliases: ["merge"],
    examples: [
      ["combine({'a': 1}, {'b': 2}, {'a': 3})", { a: 3, b: 2 }],
      ["combine({'a': {'x': 1}}, {'a': {'y': 2}}, true)", { a: { x: 1, y: 2 } }],
    ],
    call: (...values) => combined(values),
  },
  dict2items: {
    summary: "A mapping as a list of mappings with key and value, or with keys of other names.",
    takes: ["mapping", "key_name?", "value_name?"],
    examples: [["dict2items({'a': 1})", [{ key: "a", value: 1 }]], ["dict2items({'a': 1}, 'name', 'size')", [{ name: "a", size: 1 }]]],
    call: (value, key, name) => Object.entries(mapping(value)).map(([each, inner]) => ({ [text(key ?? "key")]: each, [text(name ?? "value")]: inner })),
  },
  item: {
    summary: "The item of a list at an index (from 0), or the value of a mapping under a key; with more keys, what lies under them further in.",
    takes: ["value", "key", "keys*"],
    examples: [["item(['a', 'b'], 1)", "b"], ["item({'a': 1}, 'a')", 1], ["item({'a': [1, 2]}, 'a', 1)", 2]],
    call: (value, ...keys) => keys.reduce(itemAt, value),
  },
  items2dict: {
    summary: "A mapping from a list of mappings with key and value, or with keys of other names.",
    takes: ["list", "key_name?", "value_name?"],
    examples: [["items2dict([{'key': 'a', 'value': 1}])", { a: 1 }], ["items2dict([{'name': 'a', 'size': 1}], 'name', 'size')", { a: 1 }]],
    call: (value, key, name) => Object.fromEntries(list(value).map((each) => [text(itemAt(each, key ?? "key")), itemAt(each, name ?? "value")])),
  },
  keys: { summary: "The keys of a mapping.", takes: ["mapping"], examples: [["keys({'a': 1})", ["a"]]], call: (value) => Object.keys(mapping(value)) },
  values: { summary: "The values of a mapping.", takes: ["mapping"], examples: [["values({'a': 1})", [1]]], call: (value) => Object.values(mapping(value)) },
};

function combined(values: readonly unknown[]): unknown {
  const recursive = values.at(-1) === true;
  const mappings = values.filter((value) => typeof value !== "boolean" && value !== undefined).map(mapping);
  return mappings.reduce((left, right) => (recursive ? deeply(left, right) : { ...left, ...right }), {});
}

function deeply(left: Readonly<Record<string, unknown>>, right: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const merged = Object.entries(right).map(([key, value]) => {
    const before = own(left, key);
    return [key, isMapping(before) && isMapping(value) ? deeply(before, value) : value] as const;
  });
  return { ...left, ...Object.fromEntries(merged) };
}

function itemAt(value: unknown, key: unknown): unknown {
  const found = own(value, text(key));
  if (found !== undefined) return found;
  throw new TypeError(`finds no ${JSON.stringify(key)} in ${kindOf(value)}`);
}
