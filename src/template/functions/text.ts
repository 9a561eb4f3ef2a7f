import type { Functions } from "./function.ts";
import { pattern, replacement } from "./patterns.ts";
import { list, number, oneOf, text, isMapping, kindOf } from "./values.ts";

/** Text in, text out. */
export const textFunctions: Functions = {
  capitalize: {
    summary: "Text with its first letter in upper case and the others in lower case.",
    takes: ["text"],
    examples: [["capitalize('hELLO you')", "Hello you"]],
    call: (value) => text(value).charAt(0).toUpperCase() + text(value).slice(1).toLowerCase(),
  },
  comment: {
    summary: "Text as a comment of a configuration file: plain (#), c, cblock, erlang or xml; or with a decoration of its own.",
    takes: ["text", "style?", "decoration?"],
    examples: [["comment('managed')", "#\n# managed\n#"], ["comment('managed', 'cblock')", "/*\n *\n * managed\n *\n */"], ["{{ comment 'managed' decoration='; ' }}", ";\n; managed\n;"]],
    call: (value, style, decoration) => comment(text(value), style ?? "plain", decoration),
  },
  concat: {
    summary: "Texts one after the other; what is no text, as text.",
    takes: ["value", "others*"],
    inCel: true,
    examples: [["{{ concat 'web' 1 '.conf' }}", "web1.conf"]],
    call: (...values) => values.map(text).join(""),
  },
  indent: {
    summary: "Text with its lines after the first moved right by so many blanks (4); the first line too, if that is said.",
    takes: ["text", "width?", "first?"],
    examples: [["indent('a\\nb\\n\\nc', 2)", "a\n  b\n\n  c"], ["indent('a\\nb', 2, true)", "  a\n  b"], ["{{ indent 'a' width=2 first=true }}", "  a"]],
    call: (value, width, first) => (first === true ? blanks(width) : "") + text(value).replace(/\n(?=[^\n])/g, `\n${blanks(width)}`),
  },
  join: {
    summary: "The items of a list as one text, with a separator between them.",
    takes: ["list", "separator?"],
    examples: [["join(['a', 'b'], ', ')", "a, b"], ["join(['a', 'b'])", "ab"]],
    call: (value, separator) => list(value).map(text).join(text(separator)),
  },
  length: {
    summary: "The number of characters, items or keys.",
    takes: ["value"],
    aliases: ["count"],
    examples: [["length('Ann')", 3], ["length([1, 2])", 2], ["length({'a': 1})", 1]],
    call: (value) => lengthOf(value),
  },
  lower: { summary: "Text in lower case.", takes: ["text"], examples: [["lower('Ann')", "ann"]], call: (value) => text(value).toLowerCase() },
  quote: {
    summary: "Text as one shell word.",
    takes: ["text"],
    examples: [["quote(\"it's\")", "'it'\\''s'"]],
    call: (value) => `'${text(value).replaceAll("'", "'\\''")}'`,
  },
  regex_escape: {
    summary: "Text in which nothing means anything to a regular expression.",
    takes: ["text"],
    examples: [["regex_escape('a.b*')", "a\\.b\\*"]],
    call: (value) => text(value).replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"),
  },
  regex_findall: {
    summary: "Every match of a regular expression; its groups where it has some: of one the texts, of several lists.",
    takes: ["text", "pattern", "multiline?", "ignorecase?"],
    examples: [["regex_findall('a1 b22', '[0-9]+')", ["1", "22"]], ["regex_findall('a=1 b=2', '(\\\\w)=(\\\\d)')", [["a", "1"], ["b", "2"]]]],
    call: (value, source, multiline, ignoreCase) => [...text(value).matchAll(pattern(source, `g${flags(multiline, ignoreCase)}`))].map(found),
  },
  regex_replace: {
    summary: "Text with every match of a regular expression replaced; $1 or \\1 stands for its first group.",
    takes: ["text", "pattern", "by?", "multiline?", "ignorecase?"],
    examples: [["regex_replace('/srv/x', '/([a-z]+)/', '<$1>')", "<srv>x"], ["regex_replace('a1', '([0-9])', '-\\\\1')", "a-1"], ["regex_replace('abc', 'b')", "ac"]],
    call: (value, source, by, ...how) => text(value).replace(pattern(source, `g${flags(how[0], how[1])}`), replacement(by)),
  },
  regex_search: {
    summary: "The first match of a regular expression, or null; the wanted groups as a list ('\\1') if some are named.",
    takes: ["text", "pattern", "groups*", "multiline?", "ignorecase?"],
    examples: [["regex_search('version 1.25', '[0-9.]+')", "1.25"], ["regex_search('a=1', '(\\\\w)=(\\\\d)', '\\\\2')", ["1"]], ["regex_search('a', 'b')", null]],
    call: (value, source, ...groups) => search(text(value), source, groups),
  },
  replace: {
    summary: "Text with every occurrence of a text replaced by another.",
    takes: ["text", "from", "to"],
    examples: [["replace('/a/b', '/', '.')", ".a.b"]],
    call: (value, from, to) => text(value).replaceAll(text(from), () => text(to)),
  },
  split: {
    summary: "The parts of a text between separators; between blanks if none is said.",
    takes: ["text", "separator?"],
    examples: [["split('a,b', ',')", ["a", "b"]], ["split(' a  b ')", ["a", "b"]]],
    call: (value, separator) => (separator === undefined ? text(value).split(/\s+/).filter((part) => part !== "") : text(value).split(text(separator))),
  },
  title: {
    summary: "Text with the first letter of each word in upper case.",
    takes: ["text"],
    examples: [["title('hello big world')", "Hello Big World"]],
    call: (value) => text(value).replace(/[^\s-]+/g, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()),
  },
  trim: { summary: "Text without blanks and newlines at its ends.", takes: ["text"], examples: [["trim('  x ')", "x"]], call: (value) => text(value).trim() },
  upper: { summary: "Text in upper case.", takes: ["text"], examples: [["upper('Ann')", "ANN"]], call: (value) => text(value).toUpperCase() },
};

interface CommentStyle {
  readonly begin?: string;
  readonly decoration: string;
  readonly end?: string;
}

const commentStyles = {
  plain: { decoration: "# " },
  c: { decoration: "// " },
  cblock: { begin: "/*", decoration: " * ", end: " */" },
  erlang: { decoration: "% " },
  xml: { begin: "<!--", decoration: " - ", end: "-->" },
} as const satisfies Record<string, CommentStyle>;

function comment(body: string, name: unknown, own: unknown): string {
  const style: CommentStyle = commentStyles[oneOf(name, Object.keys(commentStyles) as (keyof typeof commentStyles)[])];
  const decoration = own === undefined ? style.decoration : text(own);
  const lines = ["", ...body.split("\n"), ""].map((line) => `${decoration}${line}`.trimEnd());
  return [...(style.begin === undefined ? [] : [style.begin]), ...lines, ...(style.end === undefined ? [] : [style.end])].join("\n");
}

function blanks(width: unknown): string {
  return typeof width === "string" && width.trim() === "" ? width : " ".repeat(number(width ?? 4));
}

function flags(multiline: unknown, ignoreCase: unknown): string {
  return `${multiline === true ? "m" : ""}${ignoreCase === true ? "i" : ""}`;
}

function found([whole, ...groups]: RegExpMatchArray): unknown {
  if (groups.length === 0) return whole;
  return groups.length === 1 ? (groups[0] ?? "") : groups.map((group) => group ?? "");
}

function search(body: string, source: unknown, rest: readonly unknown[]): unknown {
  const groups = rest.filter((each) => typeof each === "string");
  const [multiline, ignoreCase] = rest.filter((each) => typeof each !== "string");
  const match = pattern(source, flags(multiline, ignoreCase)).exec(body);
  if (!match) return null;
  if (groups.length === 0) return match[0];
  return groups.map((group) => {
    const name = /^(?:\\|\$)(?:g?<(\w+)>|(\d+))$/.exec(group);
    if (!name) throw new TypeError(`knows groups as '\\1' and '\\g<name>', not ${kindOf(group)}`);
    const key = name[1] ?? name[2]!;
    return (/^\d+$/.test(key) ? match[Number(key)] : match.groups?.[key]) ?? null;
  });
}

function lengthOf(value: unknown): number {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  if (isMapping(value)) return Object.keys(value).length;
  throw new TypeError(`needs text, a list or a mapping, not ${kindOf(value)}`);
}
