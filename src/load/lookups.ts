import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync, type Stats } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { BowlineError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { candidatesFor } from "./files.ts";

export interface LookupSettings {
  /** Directories to look in before the playbook's, such as that of a role. */
  readonly directories?: readonly string[];
  /** Gets every password that a lookup finds or makes, before anything else does. */
  readonly onSecret: (secret: Secret) => void;
}

interface Source {
  readonly text: string;
  readonly file: string;
}

interface Asked {
  readonly options: Readonly<Record<string, unknown>>;
  readonly render: (source: Source) => string;
}

type Lookup = (term: string, asked: Asked, place: Places) => readonly unknown[];

/**
 * What templates may ask of this machine, as template/lookups.ts wants it: at once, because a template is rendered at
 * once. Files are looked for beside the playbook and beside its parent. Errors are in words, E_FILE for files.
 */
export function controllerLookups(playbookDir: string, { directories = [], onSecret }: LookupSettings) {
  const places: Places = { playbookDir, directories: [...directories, playbookDir, dirname(playbookDir)], onSecret };
  return {
    call: (name: string, terms: readonly unknown[], asked: Asked): readonly unknown[] =>
      name === "first_found" ? firstFound(terms, asked, places) : terms.flatMap((term) => finders[name]!(String(term), asked, places)),
    partial: (name: string): Source | undefined => {
      const file = [name, `${name}.hbs`].flatMap((path) => candidatesFor(path, ["templates"], places.directories)).find(isFileNow);
      return file === undefined ? undefined : { text: readFileSync(file, "utf8"), file };
    },
  };
}

interface Places {
  readonly playbookDir: string;
  readonly directories: readonly string[];
  readonly onSecret: (secret: Secret) => void;
}

const finders: Readonly<Record<string, Lookup>> = {
  env: (term, { options }) => [process.env[term] ?? options["default"] ?? ""],
  file: (term, _, places) => [readFileSync(needed(term, ["files"], places), "utf8").trimEnd()],
  fileglob: (term, _, places) => matching(term, places),
  lines: (term, _, places) => output(term, places).split("\n"),
  password: (term, { options }, places) => [password(term, options, places)],
  pipe: (term, _, places) => [output(term, places)],
  template: (term, { render }, places) => {
    const file = needed(term, ["templates"], places);
    return [render({ text: readFileSync(file, "utf8"), file })];
  },
};

function isFileNow(path: string): boolean {
  return statNow(path)?.isFile() ?? false;
}

/** A path that leads through a file is no mistake: nothing is there. */
function statNow(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    // Whatever it is, it cannot be read, and the next candidate may be.
    return undefined;
  }
}

function needed(path: string, folders: readonly string[], { directories }: Places): string {
  const candidates = candidatesFor(path, folders, directories);
  const found = candidates.find(isFileNow);
  if (found !== undefined) return found;
  throw new BowlineError({ code: "E_FILE", message: `there is no file ${path} on the controller`, seen: `looked for ${candidates.join(", ")}` });
}

function firstFound(terms: readonly unknown[], { options }: Asked, places: Places): string[] {
  const names = [...terms, ...listOf(options["files"])].map(String);
  const paths = listOf(options["paths"]).map(String);
  const wanted = names.flatMap((name) => (paths.length === 0 ? [name] : paths.map((path) => join(path, name))));
  const found = wanted.flatMap((path) => candidatesFor(path, ["files", "templates", "vars"], places.directories)).find(isFileNow);
  if (found !== undefined) return [found];
  if (options["skip"] === true) return [];
  throw new BowlineError({ code: "E_FILE", message: `none of these files is on the controller: ${wanted.join(", ")}`, hint: "the option skip gives nothing then" });
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : String(value).split(/[,;]\s*/);
}

/** `keys/*.pub`: the files in the first directory of that name that has some. */
function matching(glob: string, { directories }: Places): string[] {
  if (/[*?[]/.test(dirname(glob))) throw new Error(`knows patterns in the last part of a path only, not ${glob}`);
  const name = globPattern(basename(glob));
  for (const directory of candidatesFor(dirname(glob), ["files"], directories)) {
    if (!statNow(directory)?.isDirectory()) continue;
    const found = readdirSync(directory).filter((each) => name.test(each)).sort().map((each) => join(directory, each)).filter(isFileNow);
    if (found.length > 0) return found;
  }
  return [];
}

/** A star fits no hidden file, as in a shell. */
function globPattern(glob: string): RegExp {
  const source = glob.replace(/\[!?[^\]]+\]|[.+^${}()|\\\]]|\*|\?|\[/g, (part) => {
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    return part.length > 2 ? part.replace("[!", "[^") : `\\${part}`;
  });
  return new RegExp(`^${/^[*?]/.test(glob) ? "(?!\\.)" : ""}${source}$`);
}

/** The command travels in the environment: others on this machine can read arguments. */
function output(command: string, { playbookDir }: Places): string {
  const script = 'command=$BOWLINE_COMMAND; unset BOWLINE_COMMAND; eval "$command"';
  try {
    const printed = execFileSync("/bin/sh", ["-c", script], {
      cwd: playbookDir,
      env: { ...process.env, BOWLINE_COMMAND: command },
      encoding: "utf8",
      maxBuffer: mostOutput,
      stdio: ["ignore", "pipe", "pipe"],
    });
    return printed.replace(/\n+$/, "");
  } catch (error) {
    const { status, stderr, message } = error as { status?: number | null; stderr?: string; message: string };
    const end = stderr?.trim().split("\n").at(-1) ?? "";
    throw new Error(`ended with ${status ?? message}${end === "" ? "" : `: ${end}`}`, { cause: error });
  }
}

const mostOutput = 16 * 1024 * 1024;

/** As Ansible has it: `path length=20 chars=ascii_letters,digits`, or the same as options; /dev/null keeps nothing. */
function password(term: string, named: Readonly<Record<string, unknown>>, { playbookDir, onSecret }: Places): string {
  const [path = "", ...words] = term.split(/\s+(?=\w+=)/);
  const written = Object.fromEntries(words.map((word) => word.split(/=(.*)/s, 2) as [string, string]));
  const { length = 20, chars = "ascii_letters,digits", ...foreign } = { ...written, ...named };
  const [other] = Object.keys(foreign);
  if (other !== undefined) throw new Error(`knows the options length and chars, not ${other}; password_hash makes a hash`);
  const file = resolve(playbookDir, path);
  const known = file === "/dev/null" ? undefined : passwordIn(file);
  const found = known ?? made(Number(length), chars);
  onSecret(new Secret(found));
  if (known === undefined && file !== "/dev/null") keep(file, found);
  return found;
}

/** Ansible may have written a salt behind it. */
function passwordIn(file: string): string | undefined {
  if (!isFileNow(file)) return undefined;
  const text = readFileSync(file, "utf8").trimEnd().replace(/ (salt|ident)=\S*(?= |$)/g, "");
  if (text === "") throw new BowlineError({ code: "E_FILE", message: `the password in ${file} is empty` });
  return text;
}

const letters = "abcdefghijklmnopqrstuvwxyz";
const sets: Readonly<Record<string, string>> = {
  ascii_letters: letters + letters.toUpperCase(),
  ascii_lowercase: letters,
  ascii_uppercase: letters.toUpperCase(),
  digits: "0123456789",
  hexdigits: "0123456789abcdefABCDEF",
  punctuation: "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
};

function made(length: number, chars: unknown): string {
  const names = Array.isArray(chars) ? chars.map(String) : String(chars).split(",");
  const alphabet = [...new Set(names.flatMap((name) => [...(Object.hasOwn(sets, name) ? sets[name]! : name)]))];
  if (!Number.isInteger(length) || length < 1 || alphabet.length < 2) throw new Error("needs a length of 1 or more, and two characters or more to choose from");
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}

/** Another run may have made it in between: then the file is right, and this run must not go on with its own. */
function keep(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${text}\n`, { mode: 0o600, flag: "wx" });
}
