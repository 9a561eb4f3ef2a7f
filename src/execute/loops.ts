import { BowlineError } from "../core/errors.ts";
import type { Loop } from "../compile/program.ts";
import type { Context } from "../template/context.ts";
import { isMapping } from "../template/functions/values.ts";
import { render } from "../template/render.ts";

/** The items of a loop, each style as Ansible's `with_…` makes them. E_ARGS for what is no list. */
export function loopItems(loop: Loop, context: Context, groups: (pattern: string) => readonly string[]): readonly unknown[] {
  const value = render(loop.value, context);
  const style = Object.hasOwn(styles, loop.style) ? styles[loop.style] : undefined;
  if (style) return style(value, { loop, groups, context });
  throw new BowlineError({ code: "E_BUG", message: `there is no loop of style ${loop.style}`, at: loop.value.at });
}

interface Around {
  readonly loop: Loop;
  /** The hosts of a pattern. */
  readonly groups: (pattern: string) => readonly string[];
  readonly context: Context;
}

type Style = (value: unknown, around: Around) => readonly unknown[];

const styles: Readonly<Record<string, Style>> = {
  loop: (value, { loop }) => list(value, loop),
  list: (value, { loop }) => list(value, loop),
  items: (value) => listed(value).flat(),
  flattened: (value) => listed(value).flat(Infinity),
  dict: (value, { loop }) => Object.entries(mapping(Array.isArray(value) && value.length === 1 ? value[0] : value, loop)).map(([key, inner]) => ({ key, value: inner })),
  indexed_items: (value) => listed(value).flat().map((item, index) => [index, item]),
  together: (value, { loop }) => together(list(value, loop).map((each) => list(each, loop))),
  nested: (value, { loop }) => product(list(value, loop).map(listed)),
  cartesian: (value, { loop }) => product(list(value, loop).map(listed)),
  sequence: (value, { loop }) => sequence(value, loop),
  subelements: (value, { loop }) => subelements(list(value, loop), loop),
  random_choice: (value, { loop }) => {
    const items = list(value, loop);
    return items.length === 0 ? [] : [items[Math.floor(Math.random() * items.length)]];
  },
  file: (value, around) => found("file", listed(value), around),
  fileglob: (value, around) => found("fileglob", listed(value), around),
  lines: (value, around) => found("lines", listed(value), around),
  first_found: (value, around) => found("first_found", listed(value).flatMap(candidates), around, { skip: listed(value).some((each) => isMapping(each) && each["skip"] === true) }),
  inventory_hostnames: (value, { groups }) => listed(value).flatMap((pattern) => groups(String(pattern))),
};

/** What a lookup of this name finds on the controller. */
function found(name: "file" | "fileglob" | "lines" | "first_found", terms: readonly unknown[], { context, loop }: Around, options: Readonly<Record<string, unknown>> = {}): readonly unknown[] {
  const { at } = loop.value;
  const { port, render: renderFile } = context.around();
  if (!port) throw new BowlineError({ code: "E_TEMPLATE", message: "lookups do not work here", at });
  try {
    return port.call(name, terms, { options, at, render: renderFile });
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    const [first, ...rest] = error.problems;
    throw new BowlineError([{ at, ...first }, ...rest], { cause: error });
  }
}

/** `files` in each of `paths`, as Ansible's first_found takes them. */
function candidates(term: unknown): unknown[] {
  if (!isMapping(term)) return [term];
  const paths = listed(term["paths"]);
  return listed(term["files"]).flatMap((file) => (paths.length === 0 ? [file] : paths.map((path) => `${String(path)}/${String(file)}`)));
}

function listed(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === null || value === undefined ? [] : [value];
}

function list(value: unknown, { style, value: { at } }: Loop): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const key = style === "loop" ? "loop" : `with_${style}`;
  throw new BowlineError({ code: "E_ARGS", message: `"${key}" must be a list`, at, seen: JSON.stringify(value)?.slice(0, 60) ?? "nothing" });
}

function mapping(value: unknown, { style, value: { at } }: Loop): Readonly<Record<string, unknown>> {
  if (isMapping(value)) return value;
  throw new BowlineError({ code: "E_ARGS", message: `"with_${style}" must be a mapping`, at, seen: JSON.stringify(value)?.slice(0, 60) ?? "nothing" });
}

/** The first of each, then the second of each; a shorter list gives null. */
function together(lists: readonly (readonly unknown[])[]): unknown[] {
  const longest = Math.max(0, ...lists.map((each) => each.length));
  return Array.from({ length: longest }, (_, index) => lists.map((each) => each[index] ?? null));
}

/** Each of the first with each of the second; an item that is a list is laid out in its row. */
function product(lists: readonly (readonly unknown[])[]): unknown[][] {
  return lists.reduce<unknown[][]>((rows, items) => rows.flatMap((row) => items.map((item) => [...row, ...(Array.isArray(item) ? (item as unknown[]) : [item])])), [[]]);
}

/** `start=1 end=5 stride=2 format=host%02d`, or the same as a mapping; `count` in the place of `end`; in short `1-5/2:host%02d`. */
function sequence(value: unknown, loop: Loop): unknown[] {
  const given = wordsOf(Array.isArray(value) ? value[0] : value);
  const number = (key: string, otherwise: number) => numberOf(given[key], otherwise, loop);
  const [start, stride] = [number("start", 1), number("stride", 1)];
  const end = "count" in given ? start + (number("count", 0) - 1) * stride : number("end", start);
  const format = String(given["format"] ?? "%d");
  if (stride === 0) throw new BowlineError({ code: "E_ARGS", message: '"with_sequence" needs a stride that is not 0', at: loop.value.at });
  const items: string[] = [];
  for (let each = start; stride > 0 ? each <= end : each >= end; each += stride) items.push(formatted(format, each));
  return items;
}

function wordsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  const short = /^(?:(?<start>0x[0-9a-f]+|\d+)-)?(?<end>0x[0-9a-f]+|\d+)(?:\/(?<stride>-?\d+))?(?::(?<format>.+))?$/i.exec(String(value).trim());
  const words = short ? Object.entries(short.groups!).filter(([, word]) => word !== undefined) : String(value).split(/\s+/).filter(Boolean).map((word) => word.split("=", 2));
  return Object.fromEntries(words) as Record<string, unknown>;
}

function numberOf(value: unknown, otherwise: number, loop: Loop): number {
  const number = value === undefined ? otherwise : Number(value);
  if (Number.isInteger(number)) return number;
  throw new BowlineError({ code: "E_ARGS", message: `"with_sequence" needs whole numbers, not ${JSON.stringify(value)}`, at: loop.value.at });
}

/** `%d`, `%02d`, `%x`, `%03x`, `%o`. */
function formatted(format: string, value: number): string {
  return format.replace(/%(0?)(\d*)([dxo])/, (_, zero: string, width: string, base: string) => value.toString(base === "x" ? 16 : base === "o" ? 8 : 10).padStart(Number(width || 0), zero === "" ? " " : "0"));
}

/** Each mapping of the first with each item of the list that it holds under the second, a path with dots. */
function subelements(value: readonly unknown[], loop: Loop): unknown[][] {
  const [owners, path, flags] = value;
  const isLenient = typeof flags === "object" && flags !== null && (flags as Record<string, unknown>)["skip_missing"] === true;
  const items = typeof owners === "object" && owners !== null && !Array.isArray(owners) ? Object.values(owners) : list(owners, loop);
  return items.flatMap((owner) => {
    const inner = String(path).split(".").reduce<unknown>((at, key) => (typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined), owner);
    if (inner === undefined && isLenient) return [];
    return list(inner, loop).map((each) => [owner, each]);
  });
}
