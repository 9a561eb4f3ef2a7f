import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { BowlineError, throwProblems } from "../../core/errors.ts";

/** The file of a project that says for whom its secrets are encrypted: a recipient a line, `#` before a comment. */
export const recipientsFile = "secrets.recipients";

/** The recipients that count in a directory: those of the nearest file, up to the root of the project. */
export async function recipientsFor(dir: string): Promise<{ path: string; recipients: readonly string[] }> {
  const places = (await directoriesOf(resolve(dir))).map((each) => join(each, recipientsFile));
  for (const path of places) {
    const text = await readFile(path, "utf8").catch(absent);
    if (text !== undefined) return { path, recipients: await recipientsIn(text, path) };
  }
  throw new BowlineError({
    code: "E_SECRET",
    message: `there is no ${recipientsFile}: for whom is this to be encrypted?`,
    seen: `looked for ${places.join(", ")}`,
    hint: `bowline secrets keygen >> ${recipientsFile}, in the root of the project; or -r age1…`,
  });
}

/** Recipients that were typed, with every one that is none told. */
export async function checkedRecipients(words: readonly string[]): Promise<readonly string[]> {
  const { isRecipient } = await import("./age.ts");
  throwProblems(words.filter((word) => !isRecipient(word)).map((word) => ({ code: "E_OPTIONS", message: `--recipient: ${shown(word)} is no recipient of age`, expected: "age1…" })));
  return words;
}

async function recipientsIn(text: string, path: string): Promise<readonly string[]> {
  const { isRecipient } = await import("./age.ts");
  const words = text.split(/\r?\n/).map((line, index) => ({ word: line.replace(/(^|\s)#.*$/, "").trim(), line: index + 1 })).filter(({ word }) => word !== "");
  const wrong = words.filter(({ word }) => !isRecipient(word));
  throwProblems(wrong.map(({ word, line }) => ({ code: "E_SECRET", message: `${shown(word)} is no recipient of age`, at: { file: path, line, column: 1 }, expected: "age1…, or # and a comment" })));
  if (words.length === 0) throw new BowlineError({ code: "E_SECRET", message: `${path} names no recipient`, expected: "age1… on a line", hint: `bowline secrets keygen >> ${path}` });
  return [...new Set(words.map(({ word }) => word))];
}

/** Somebody who pastes the wrong half must not find it in the log of a build. */
function shown(word: string): string {
  return word.startsWith("AGE-SECRET-KEY") ? "an identity, the secret half," : `"${word}"`;
}

/**
 * A directory and those above it, up to the one with .git, or with none, up to where the person stands: beyond the
 * project somebody else may put a file that says for whom we encrypt.
 */
async function directoriesOf(dir: string): Promise<string[]> {
  const all = upwards(dir);
  const isRoot = await Promise.all(all.map((each) => stat(join(each, ".git")).then(() => true, () => false)));
  const root = isRoot.indexOf(true);
  return all.slice(0, 1 + (root >= 0 ? root : Math.max(0, all.indexOf(process.cwd()))));
}

function upwards(dir: string): string[] {
  const above = dirname(dir);
  return above === dir ? [dir] : [dir, ...upwards(above)];
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw new BowlineError({ code: "E_FILE", message: `${recipientsFile} cannot be read: ${error.message}` }, { cause: error });
}
