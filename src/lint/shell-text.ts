/** A shell text with its quoted parts and its templates blanked out, each character by another one: what is left is syntax. */
export function unquoted(script: string): string {
  const blank = (part: string) => "x".repeat(part.length);
  return script.replace(/\{\{[\s\S]*?\}\}|'[^']*'|"(?:[^"\\]|\\.)*"/g, blank);
}

/** A pipe between two programs; `||` and `>|` are none. */
export function hasPipe(script: string): boolean {
  return /(^|[^|>])\|(?!\|)/m.test(unquoted(script).replace(/(^|\s)#.*$/gm, ""));
}

/** True for one plain command: nothing in it needs a shell, which reads more than words and quotes. */
export function isPlainCommand(script: string): boolean {
  const text = script.trim();
  if (text.includes("\n") || /[$`\\]/.test(text)) return false;
  if (/[|&;<>()*?[\]{}~#!]/.test(unquoted(text))) return false;
  const [first = ""] = text.split(/\s+/);
  return !builtins.includes(first) && !/^[A-Za-z_]\w*=/.test(first);
}

/** What no program does, or does otherwise. */
const builtins = [
  ".", ":", "alias", "bg", "cd", "command", "declare", "eval", "exec", "exit", "export", "fg", "getopts", "hash", "history", "if", "jobs", "local", "popd", "pushd", "read", "return", "set",
  "shift", "source", "time", "times", "trap", "type", "ulimit", "umask", "unalias", "unset", "wait", "for", "while", "until", "case",
];

/** The words of a plain command, quotes taken off; templates are kept as they are. */
export function wordsOf(command: string): string[] {
  const words = command.trim().match(/(?:\{\{[\s\S]*?\}\}|'[^']*'|"(?:[^"\\]|\\.)*"|\S)+/g) ?? [];
  return words.map((word) => word.replace(/^(["'])(.*)\1$/s, "$2"));
}
