import { text } from "./values.ts";

/** A regular expression as people know it from Python too: `(?i)`, `(?P<name>…)`, `\A` and `\Z`. */
export function pattern(source: unknown, flags = ""): RegExp {
  const written = text(source);
  const inline = /^\(\?([imsx]+)\)/.exec(written)?.[1] ?? "";
  const body = written
    .slice(inline === "" ? 0 : inline.length + 3)
    .replaceAll("(?P<", "(?<")
    .replace(/\(\?P=(\w+)\)/g, "\\k<$1>")
    .replace(/\\A/g, "^")
    .replace(/\\Z/g, "$");
  return new RegExp(body, [...new Set(flags + inline.replace("x", ""))].join(""));
}

/** `\1`, `\g<1>` and `\g<name>` beside `$1` and `$<name>`. */
export function replacement(source: unknown): string {
  return text(source)
    .replace(/\\g<(\d+)>/g, "$$$1")
    .replace(/\\g<(\w+)>/g, "$$<$1>")
    .replace(/\\(\d)/g, "$$$1");
}
