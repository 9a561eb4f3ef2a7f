/**
 * A regular expression as people know it from Python too: `(?i)` in front, `(?P<name>…)`, `(?P=name)`, `\A` and `\Z`.
 * Throws a SyntaxError for what is none.
 */
export function patternOf(source: string, flags = ""): RegExp {
  const inline = /^\(\?([imsx]+)\)/.exec(source)?.[1] ?? "";
  const body = source
    .slice(inline === "" ? 0 : inline.length + 3)
    .replaceAll("(?P<", "(?<")
    .replace(/\(\?P=(\w+)\)/g, "\\k<$1>")
    .replaceAll("\\A", "(?<![^])")
    .replaceAll("\\Z", "(?![^])");
  return new RegExp(body, [...new Set(flags + inline.replace("x", ""))].join(""));
}

/** What a pattern found: the whole and its groups, and those that have names. */
export interface Found {
  readonly groups: readonly (string | undefined)[];
  readonly named: Readonly<Record<string, string | undefined>>;
}

/** A replacement in Python's words: `\1`, `\g<1>`, `\g<name>` and `\n`; every other character stands for itself. */
export function filledIn(template: string, { groups, named }: Found): string {
  return template.replace(/\\(?:(\d{1,2})|g<(\w+)>|([ntr\\]))/g, (_, number: string | undefined, name: string | undefined, letter: string | undefined) => {
    if (letter !== undefined) return letters[letter]!;
    const key = number ?? name ?? "";
    return (/^\d+$/.test(key) ? groups[Number(key)] : named[key]) ?? "";
  });
}

const letters: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\\": "\\" };
