import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import SSHConfig from "ssh-config";
import { BowlineError } from "../core/errors.ts";

/** What ssh_config says about a host: its keys in lower case, each with all its values. */
export type HostConfig = Readonly<Record<string, readonly string[]>>;

/** The person's file before the system's; another file that was named stands alone, as with `ssh -F`. */
export function configOf(host: string, file?: string): HostConfig {
  const files = file === undefined ? [join(homedir(), ".ssh", "config"), "/etc/ssh/ssh_config"] : [file];
  // Each file begins outside of any Host block.
  const text = files.map((each) => textOf(each, 0)).join("\nHost *\n");
  const computed = SSHConfig.parse(text).compute(host, { ignoreCase: true });
  return Object.fromEntries(Object.entries(computed).map(([key, value]) => [key.toLowerCase(), Array.isArray(value) ? value.map(String) : [String(value)]]));
}

/** `~` and the tokens of ssh_config(5) that a file name or a host name may have. */
export function expandTokens(text: string, tokens: Readonly<Record<string, string>>): string {
  return text.replace(/%([%a-zA-Z])/g, (whole, letter: string) => (letter === "%" ? "%" : (tokens[letter] ?? whole)));
}

export function expandPath(path: string, tokens: Readonly<Record<string, string>> = {}): string {
  const text = expandTokens(path, tokens);
  return text === "~" || text.startsWith("~/") ? join(homedir(), text.slice(1)) : resolve(text);
}

/** ssh gives up at this depth, too. */
const deepest = 16;

/** A file with those that it includes; the Host block that an Include stands in goes on behind it. */
function textOf(file: string, depth: number): string {
  if (!existsSync(file) || !statSync(file).isFile()) return "";
  if (depth > deepest) throw new BowlineError({ code: "E_INVENTORY", message: `${file}: too many files that include each other` });
  let block = "Host *";
  const lines = readText(file).split("\n");
  return lines
    .map((line) => {
      if (/^\s*(host|match)[\s=]/i.test(line)) block = line;
      const include = /^\s*include[\s=]+(.*?)\s*$/i.exec(line);
      if (!include) return line;
      const included = wordsOf(include[1]!).flatMap((pattern) => filesLike(pattern, file));
      return [...included.map((each) => `${textOf(each, depth + 1)}\n${block}`)].join("\n");
    })
    .join("\n");
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new BowlineError({ code: "E_INVENTORY", message: `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}` });
  }
}

function wordsOf(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);
}

/** Relative names are beside the person's or the system's file; only the last part may be a pattern. */
function filesLike(pattern: string, from: string): string[] {
  const path = /^[~/]/.test(pattern) ? expandPath(pattern) : join(from.startsWith("/etc/ssh/") ? "/etc/ssh" : dirname(from), pattern);
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (!/[*?]/.test(name)) return [path];
  const directory = dirname(path);
  if (!existsSync(directory)) return [];
  const like = new RegExp(`^${name.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*").replaceAll("?", "[^/]")}$`);
  return readdirSync(directory).filter((each) => like.test(each)).sort().map((each) => join(directory, each));
}
