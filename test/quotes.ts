/** One level of shell text: the whole, or what stands in `$(…)`; quotes begin anew in each. */
interface Level {
  quote: "" | "'" | '"';
  /** Parentheses that were opened in it and not closed yet. */
  open: number;
}

/**
 * The quotes around each place where a word stands in a shell script: `'`, `"`, or nothing. Reads quotes, backslashes,
 * comments and command substitutions as POSIX.1-2017, XCU 2.2 has them; a lone `)` of a case pattern is let pass.
 */
export function quotesAround(word: string, script: string): string[] {
  const found: string[] = [];
  const levels: Level[] = [{ quote: "", open: 0 }];
  for (let at = 0; at < script.length; at++) {
    const level = levels.at(-1)!;
    if (script.startsWith(word, at)) found.push(level.quote);
    at = skipped(script, at, level) ?? step(script, at, levels);
  }
  return found;
}

/** The last character of something in which nothing counts: an escaped character, a comment. */
function skipped(script: string, at: number, { quote }: Level): number | undefined {
  if (quote !== "'" && script[at] === "\\") return at + 1;
  if (quote === "" && script[at] === "#" && /(^|[\s;(])$/.test(script.slice(Math.max(0, at - 1), at))) return script.indexOf("\n", at) === -1 ? script.length : script.indexOf("\n", at);
  return undefined;
}

/** Reads one character (two for `$(`) and gives the place of the last one. */
function step(script: string, at: number, levels: Level[]): number {
  const level = levels.at(-1)!;
  const char = script[at]!;
  if (level.quote === "'") {
    if (char === "'") level.quote = "";
  } else if (script.startsWith("$(", at)) {
    levels.push({ quote: "", open: 0 });
    return at + 1;
  } else if (char === '"') {
    level.quote = level.quote === '"' ? "" : '"';
  } else if (level.quote === "") {
    if (char === "'") level.quote = "'";
    if (char === "(") level.open++;
    if (char === ")" && level.open > 0) level.open--;
    else if (char === ")" && levels.length > 1) levels.pop();
  }
  return at;
}
