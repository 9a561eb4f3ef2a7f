import { createHash } from "node:crypto";
import type { Functions } from "./function.ts";
import { attribute, inOrder, isMapping, isSame, keyOf, kindOf, list, mapping, number, text } from "./values.ts";

/** Lists in, lists or one of their items out. */
export const listFunctions: Functions = {
  batch: {
    summary: "A list as lists of so many items.",
    takes: ["list", "size", "fill?"],
    examples: [["batch([1, 2, 3], 2)", [[1, 2], [3]]], ["batch([1, 2, 3], 2, 0)", [[1, 2], [3, 0]]]],
    call: (value, size, fill) => batches(list(value), number(size), fill),
  },
  difference: {
    summary: "What the first list has and the second has not, each once.",
    takes: ["list", "other"],
    examples: [["difference([1, 2, 2, 3], [3])", [1, 2]]],
    call: (value, other) => unique(without(list(value), list(other))),
  },
  first: { summary: "The first item of a list, or null.", takes: ["list"], examples: [["first([3, 1])", 3]], call: (value) => list(value)[0] },
  flatten: {
    summary: "A list with the items of the lists in it, all the way down or so many levels.",
    takes: ["list", "levels?"],
    examples: [["flatten([1, [2, [3, []]]])", [1, 2, 3]], ["flatten([1, [2, [3]]], 1)", [1, 2, [3]]]],
    call: (value, levels) => list(value).flat(levels === undefined ? Infinity : number(levels)),
  },
  groupby: {
    summary: "A list of [value, items with it] for an attribute of its items, in the order of the values.",
    takes: ["list", "attribute"],
    examples: [["groupby([{'n': 2}, {'n': 1}, {'n': 2}], 'n')", [[1, [{ n: 1 }]], [2, [{ n: 2 }, { n: 2 }]]]]],
    call: (value, path) => groups(list(value), path),
  },
  intersect: {
    summary: "What both lists have, each once.",
    takes: ["list", "other"],
    examples: [["intersect([1, 2, 3], [3, 1])", [1, 3]]],
    call: (value, other) => unique(common(list(value), list(other))),
  },
  last: { summary: "The last item of a list, or null.", takes: ["list"], examples: [["last([3, 1])", 1]], call: (value) => list(value).at(-1) },
  list: {
    summary: "A list as it is, the keys of a mapping, or the characters of a text.",
    takes: ["value"],
    examples: [["list([1])", [1]], ["list({'a': 1})", ["a"]], ["list('ab')", ["a", "b"]]],
    call: (value) => listOf(value),
  },
  product: {
    summary: "Every combination of an item of each list.",
    takes: ["list", "others*"],
    examples: [["product(['a', 'b'], [1, 2])", [["a", 1], ["a", 2], ["b", 1], ["b", 2]]]],
    call: (...lists) => lists.map(list).reduce<unknown[][]>((rows, items) => rows.flatMap((row) => items.map((item) => [...row, item])), [[]]),
  },
  random: {
    summary: "An item of a list, or a number below another one; the same for the same seed, so that a second run changes nothing.",
    takes: ["from", "seed"],
    examples: [["random(['a'], 'web1')", "a"], ["random(60, 'web1') < 60", true], ["random(60, 'web1') == random(60, 'web1')", true]],
    call: (from, seed) => (Array.isArray(from) ? (from as unknown[])[below(from.length, text(seed))] : below(number(from), text(seed))),
  },
  range: {
    summary: "The numbers from the first (0) up to, and without, the second, by so much each (1).",
    takes: ["start", "stop?", "step?"],
    examples: [["range(3)", [0, 1, 2]], ["range(2, 8, 3)", [2, 5]], ["range(3, 0, -1)", [3, 2, 1]]],
    call: (start, stop, step) => range(stop === undefined ? 0 : number(start), number(stop ?? start), number(step ?? 1)),
  },
  reverse: { summary: "A list, or a text, from its end.", takes: ["list"], examples: [["reverse([1, 2])", [2, 1]], ["reverse('ab')", "ba"]], call: (value) => (typeof value === "string" ? [...value].reverse().join("") : [...list(value)].reverse()) },
  shuffle: {
    summary: "A list in another order; the same for the same seed.",
    takes: ["list", "seed"],
    examples: [["sort(shuffle([1, 2, 3], 'web1'))", [1, 2, 3]], ["shuffle([1, 2, 3], 'a') == shuffle([1, 2, 3], 'a')", true]],
    call: (value, seed) => shuffled(list(value), text(seed)),
  },
  slice: {
    summary: "A list as so many lists of nearly the same length.",
    takes: ["list", "count", "fill?"],
    examples: [["slice([1, 2, 3, 4, 5], 2)", [[1, 2, 3], [4, 5]]]],
    call: (value, count, fill) => slices(list(value), number(count), fill),
  },
  sort: {
    summary: "A list in order: numbers by value, everything else as text; by an attribute of its items, or from the greatest.",
    takes: ["list", "attribute?", "reverse?"],
    examples: [["sort([3, 1, 20])", [1, 3, 20]], ["sort([{'n': 2}, {'n': 1}], 'n')", [{ n: 1 }, { n: 2 }]], ["{{ sort 'ba' reverse=true }}", ["b", "a"]]],
    call: (value, path, reverse) => sorted(listOf(value), path, reverse === true),
  },
  subelements: {
    summary: "A list of [item, part] for every part of a list that each item has under a key.",
    takes: ["list", "key", "skip_missing?"],
    examples: [["subelements([{'n': 'a', 'k': [1, 2]}], 'k')", [[{ n: "a", k: [1, 2] }, 1], [{ n: "a", k: [1, 2] }, 2]]]],
    call: (value, key, skip) => subelements(value, key, skip === true || (isMapping(skip) && skip["skip_missing"] === true)),
  },
  symmetric_difference: {
    summary: "What only one of two lists has, each once.",
    takes: ["list", "other"],
    examples: [["symmetric_difference([1, 2], [2, 3])", [1, 3]]],
    call: (value, other) => unique([...without(list(value), list(other)), ...without(list(other), list(value))]),
  },
  union: {
    summary: "What either of two lists has, each once.",
    takes: ["list", "other"],
    examples: [["union([1, 2], [2, 3])", [1, 2, 3]]],
    call: (value, other) => unique([...list(value), ...list(other)]),
  },
  unique: {
    summary: "A list without repetitions; of items with the same attribute only the first.",
    takes: ["list", "attribute?"],
    examples: [["unique([3, 1, 3])", [3, 1]], ["unique([{'n': 1, 'x': 1}, {'n': 1, 'x': 2}], 'n')", [{ n: 1, x: 1 }]]],
    call: (value, path) => unique(list(value), path),
  },
  zip: {
    summary: "Lists of the first items of each list, of the second, and so on, as far as the shortest goes.",
    takes: ["list", "others*"],
    examples: [["zip(['a', 'b'], [1, 2, 3])", [["a", 1], ["b", 2]]]],
    call: (...lists) => Array.from({ length: Math.min(...lists.map((each) => list(each).length)) }, (_, index) => lists.map((each) => list(each)[index])),
  },
};

function batches(items: readonly unknown[], size: number, fill: unknown): unknown[][] {
  if (!(size >= 1)) throw new TypeError(`needs a size of 1 or more, not ${size}`);
  const rows = Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
  return fill === undefined ? rows : rows.map((row) => [...row, ...Array<unknown>(size - row.length).fill(fill)]);
}

function slices(items: readonly unknown[], count: number, fill: unknown): unknown[][] {
  if (!(count >= 1)) throw new TypeError(`needs a count of 1 or more, not ${count}`);
  const short = Math.floor(items.length / count);
  const longer = items.length % count;
  return Array.from({ length: count }, (_, index) => {
    const start = index * short + Math.min(index, longer);
    const part = items.slice(start, start + short + (index < longer ? 1 : 0));
    return fill === undefined || longer === 0 || index < longer ? part : [...part, fill];
  });
}

function listOf(value: unknown): readonly unknown[] {
  if (isMapping(value)) return Object.keys(value);
  return typeof value === "string" ? [...value] : list(value);
}

/** A set of keys makes it a matter of one pass over each list, not of one list for each item of the other. */
function without(items: readonly unknown[], others: readonly unknown[]): unknown[] {
  const keys = new Set(others.map(keyOf));
  return items.filter((item) => !keys.has(keyOf(item)));
}

function common(items: readonly unknown[], others: readonly unknown[]): unknown[] {
  const keys = new Set(others.map(keyOf));
  return items.filter((item) => keys.has(keyOf(item)));
}

function unique(items: readonly unknown[], path?: unknown): unknown[] {
  const seen = new Map<string, unknown>();
  for (const item of items) {
    const key = keyOf(path === undefined ? item : attribute(item, path));
    if (!seen.has(key)) seen.set(key, item);
  }
  return [...seen.values()];
}

function sorted(items: readonly unknown[], path: unknown, reverse: boolean): unknown[] {
  const by = (item: unknown) => (path === undefined || path === null ? item : present(item, path));
  const ordered = [...items].sort((left, right) => inOrder(by(left), by(right)));
  return reverse ? ordered.reverse() : ordered;
}

function groups(items: readonly unknown[], path: unknown): [unknown, unknown[]][] {
  const found: [unknown, unknown[]][] = [];
  for (const item of items) {
    const value = present(item, path);
    const group = found.find(([key]) => isSame(key, value));
    if (group) group[1].push(item);
    else found.push([value, [item]]);
  }
  return found.sort(([left], [right]) => inOrder(left, right));
}

function present(item: unknown, path: unknown): unknown {
  const value = attribute(item, path);
  if (value === undefined) throw new TypeError(`finds no ${JSON.stringify(path)} in ${isMapping(item) ? JSON.stringify(item).slice(0, 60) : kindOf(item)}`);
  return value;
}

function subelements(value: unknown, key: unknown, skipMissing: boolean): unknown[][] {
  const items = isMapping(value) ? Object.values(value) : list(value);
  return items.flatMap((item) => {
    const parts = attribute(mapping(item), key);
    if (parts === undefined && skipMissing) return [];
    return list(parts ?? present(item, key)).map((part) => [item, part]);
  });
}

function range(start: number, stop: number, step: number): number[] {
  if (step === 0) throw new TypeError("needs a step that is not 0");
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (length > mostNumbers) throw new TypeError(`makes ${mostNumbers} numbers at most, not ${length}`);
  return Array.from({ length }, (_, index) => start + index * step);
}

/** More is a mistake that would fill the memory. */
const mostNumbers = 1_000_000;

/** 52 bits of a digest: as even as anybody needs, and the same on every machine. */
function below(limit: number, seed: string): number {
  const bits = parseInt(createHash("sha256").update(seed).digest("hex").slice(0, 13), 16);
  return Math.floor((bits / 2 ** 52) * limit);
}

function shuffled(items: readonly unknown[], seed: string): unknown[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = below(index + 1, `${seed}\0${index}`);
    [result[index], result[other]] = [result[other], result[index]];
  }
  return result;
}
