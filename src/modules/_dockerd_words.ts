/** The long name behind a short flag or an old one. */
const longNames: Readonly<Record<string, string>> = {
  "-b": "--bridge",
  "-D": "--debug",
  "-g": "--data-root",
  "--graph": "--data-root",
  "-G": "--group",
  "-H": "--host",
  "-l": "--log-level",
  "-p": "--pidfile",
  "-s": "--storage-driver",
};

/**
 * The flags of a dockerd command line in one spelling: `-H x`, `-Hx`, `--host x` and `--host=x` are all
 * `["--host", "x"]`. It is exact because dockerd takes no other words: what follows a flag is its value. A switch
 * has the value "true".
 */
export function flagsOf(words: readonly string[]): (readonly [flag: string, value: string])[] {
  const flags: [string, string][] = [];
  for (let at = 1; at < words.length; at++) {
    const word = words[at]!;
    const [, name = word, joined] = /^(--[^=]+)=([^]*)$/.exec(word) ?? /^(-[^-])=?([^]+)$/.exec(word) ?? [];
    const flag = longNames[name] ?? name;
    const next = words[at + 1];
    if (joined !== undefined) flags.push([flag, joined]);
    else if (next === undefined || next.startsWith("-")) flags.push([flag, "true"]);
    else flags.push([flag, words[++at]!]);
  }
  return flags;
}

/** The values of one flag. */
export function valuesOf(words: readonly string[], flag: string): string[] {
  return flagsOf(words).filter(([name]) => name === flag).map(([, value]) => value);
}

/** What a running daemon lacks and what it has too many, in flags as a person writes them; empty when nothing differs. */
export function differenceOf(running: readonly string[], wanted: readonly string[]): string {
  const [has, wants] = [running, wanted].map((words) => flagsOf(words).map(([flag, value]) => (value === "true" ? flag : `${flag} ${value}`)));
  const lacks = without(wants!, has!);
  const extra = without(has!, wants!);
  return [...(lacks.length > 0 ? [`runs without ${lacks.join(" ")}`] : []), ...(extra.length > 0 ? [`runs with ${extra.join(" ")}`] : [])].join(", ");
}

/** The items of a list less those of another, each taken out once. */
function without(list: readonly string[], other: readonly string[]): string[] {
  const left = [...other];
  return list.filter((item) => {
    const at = left.indexOf(item);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}
