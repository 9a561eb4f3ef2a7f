import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { BowlineError, headline, type Problem } from "../../src/core/errors.ts";

const made: string[] = [];

/** Files in a fresh directory, which {@link removeTrees} takes away: path to text. */
export function tree(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(tmpdir(), "bowline-load-"));
  made.push(dir);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

export function removeTrees(): void {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
}

/** The problems that something ends with; fails when it ends well or with an error that is not ours. */
export async function problemsFrom(work: () => unknown): Promise<readonly Problem[]> {
  try {
    await work();
  } catch (error) {
    if (error instanceof BowlineError) return error.problems;
    throw error;
  }
  throw new Error("nothing was wrong");
}

/** `line:col: cause`, with the name of the file left out. */
export function placed({ at, message }: Problem): string {
  return at ? `${at.line}:${at.column}: ${message}` : headline({ code: "E_BUG", message });
}
