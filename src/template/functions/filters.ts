import type { Functions } from "./function.ts";
import { testNamed, type Test } from "./tests.ts";
import { attribute, isTruthy, list, text } from "./values.ts";

/** What picks from a list by a test; an expression has `list.filter(x, …)` and `list.map(x, …)` too. */
export const filterFunctions: Functions = {
  map: {
    summary: "An attribute of each item of a list: a key, or a path such as a.b; the other value where an item has none.",
    takes: ["list", "attribute", "default?"],
    examples: [["map([{'id': 'x'}, {'id': 'y'}], 'id')", ["x", "y"]], ["map([{'a': {'b': 1}}, {}], 'a.b', 0)", [1, 0]], ["[1, 2].map(x, x * 2)", [2, 4]]],
    call: (value, path, otherwise) => list(value).map((item) => attributeOr(item, path, otherwise)),
  },
  reject: {
    summary: "The items of a list for which a test does not hold.",
    takes: ["list", "test?", "value?"],
    examples: [["reject([1, 2, 3], 'gt', 1)", [1]], ["reject(['', 'a'])", [""]]],
    call: (value, name, other) => list(value).filter(not(tester(name, other))),
  },
  rejectattr: {
    summary: "The items of a list for whose attribute a test does not hold.",
    takes: ["list", "attribute", "test?", "value?"],
    examples: [["rejectattr([{'on': true}, {'on': false}], 'on')", [{ on: false }]]],
    call: (value, path, name, other) => list(value).filter(not((item) => tester(name, other)(attribute(item, path)))),
  },
  select: {
    summary: "The items of a list for which a test holds; that are true, in the sense of {{#if}}, if none is said.",
    takes: ["list", "test?", "value?"],
    examples: [["select([1, 2, 3], 'gt', 1)", [2, 3]], ["select(['web1', 'db1'], 'match', 'web')", ["web1"]], ["select(['', 'a'])", ["a"]]],
    call: (value, name, other) => list(value).filter(tester(name, other)),
  },
  selectattr: {
    summary: "The items of a list for whose attribute a test holds.",
    takes: ["list", "attribute", "test?", "value?"],
    examples: [["selectattr([{'age': 30}, {'age': 50}], 'age', 'gt', 40)", [{ age: 50 }]], ["selectattr([{'a': 1}, {}], 'a', 'defined')", [{ a: 1 }]]],
    call: (value, path, name, other) => list(value).filter((item) => tester(name, other)(attribute(item, path))),
  },
};

function attributeOr(item: unknown, path: unknown, otherwise: unknown): unknown {
  const found = attribute(item, path) ?? otherwise;
  if (found === undefined) throw new TypeError(`finds no ${JSON.stringify(path)} in an item: ${text(item).slice(0, 60)}`);
  return found;
}

function tester(name: unknown, other: unknown): (item: unknown) => boolean {
  if (name === undefined) return isTruthy;
  const test: Test = testNamed(text(name));
  return (item) => test(item ?? null, other);
}

function not(holds: (item: unknown) => boolean): (item: unknown) => boolean {
  return (item) => !holds(item);
}
