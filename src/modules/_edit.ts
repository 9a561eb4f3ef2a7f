import { createHash } from "node:crypto";
import * as z from "zod";
import { patternOf } from "../core/pattern.ts";
import { sh } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import { absolutePath, boolean, withDefault } from "./args.ts";
import type { Change, ResourceState } from "./contract.ts";
import { pathState } from "./_access.ts";
import { fileArgs, fileRules, planFile, type FileArgs } from "./_file.ts";
import { lazily } from "./_lazy.ts";
import { parsePath, type PathSeen } from "./_path.ts";
import type { More, PathLook } from "./_path_look.ts";
import { refuse } from "./refuse.ts";

/** What the modules take that change a part of a text. */
export const editArgs = lazily(() => ({
  path: absolutePath("The file."),
  create: withDefault(boolean("Make the file when it is not there."), false),
  ...fileArgs,
}));

export const editNotes = `
* The new text is written beside the old one with its mode and owner and renamed over it, and only when it differs.
* The text before is brought back when the run is taken back; \`--diff\` shows both. Texts of up to 1 MiB are read.
* Regular expressions are JavaScript's, with what is Python's in them read too: \`(?i)\` in front, \`(?P<name>…)\`, \`\\A\`, \`\\Z\`, and \`\\1\` or \`\\g<name>\` in what replaces.
`;

export const editNames = { dest: "path", destfile: "path", name: "path" } as const;

export interface EditArgs extends Omit<FileArgs, "dest"> {
  readonly path: string;
  readonly create: boolean;
}

export interface EditSeen extends PathSeen {
  /** Absent when nothing is there. */
  readonly text?: string;
  readonly unreadable: boolean;
  readonly isLarge: boolean;
}

/** Longer files are not read. */
const textLimit = 1024 * 1024;

/** A regular expression, checked before any host is reached. */
export function pattern(words: string) {
  return z.string("must be a regular expression").min(1, "must not be empty").refine(isPattern, "must be a regular expression").describe(words);
}

function isPattern(source: string): boolean {
  try {
    patternOf(source);
    return true;
  } catch {
    // What is wrong with it is in the words of the engine, which name no place.
    return false;
  }
}

export function editRules({ path, validate }: EditArgs): string[] {
  return fileRules({ dest: path, validate }).map((sentence) => sentence.replace('"dest"', '"path"'));
}

export function lookAtText({ path, owner, group }: Pick<EditArgs, "path" | "owner" | "group">): PathLook {
  return { path, access: { owner, group }, more: moreText };
}

const moreText: More = {
  name: "text",
  smooth: sh`
    [ "$kind" = file ] || return 0
    [ -r "$p" ] || { say "unreadable yes"; return; }
    [ "$size" -gt ${textLimit} ] || return
    say "large yes"
  `,
  script: sh`
    [ "$kind" = file ] || exit 0
    [ -r "$p" ] || { echo "unreadable yes"; exit 0; }
    [ "$size" -le ${textLimit} ] || { echo "large yes"; exit 0; }
    echo
    cat -- "$p"
  `,
};

export function parseEdit(answer: Answer): EditSeen {
  const { seen, values, rest } = parsePath(answer);
  const [unreadable, isLarge] = [values.has("unreadable"), values.has("large")];
  return { ...seen, ...(seen.kind === "file" && !unreadable && !isLarge ? { text: rest } : {}), unreadable, isLarge };
}

/** The file with what `edit` makes of its text; where nothing is, of the empty text. */
export function planEdit(args: EditArgs, seen: EditSeen, edit: (text: string) => string): readonly Change[] {
  const { path, create } = args;
  if (seen.isLarge) refuse(`${path} is too large to be changed in part`, { expected: `at most ${textLimit / 1024} KiB` });
  if (seen.text?.includes("\uFFFD") || seen.text?.includes("\0")) refuse(`${path} is no text`, { expected: "text in UTF-8" });
  if (seen.kind === "missing" && seen.target === undefined && seen.broken === undefined && edit("") === "") return [];
  if (seen.kind === "missing" && !create && seen.ancestor.kind === "directory") refuse(`${path} does not exist`, { hint: "create: true makes it" });
  const before = seen.text ?? "";
  const known = seen.text === undefined ? seen : { ...seen, sha256: createHash("sha256").update(before).digest("hex") };
  return planFile({ ...args, dest: path }, { text: edit(before) }, known);
}

export function editState({ path }: EditArgs, seen: EditSeen, plan: () => readonly Change[]): ResourceState {
  return pathState(path, seen, plan);
}

/** A text as lines, each with its own end; the last one may have none. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** A line without its end, whatever system wrote it. */
export function bare(line: string): string {
  return line.replace(/\r?\n$/, "");
}

/** Lines put in at a place; the line before gets an end when it has none. */
export function withLines(lines: readonly string[], at: number, added: readonly string[]): string {
  const before = lines.slice(0, at);
  const last = before.at(-1);
  if (added.length > 0 && last !== undefined && !last.endsWith("\n")) before[before.length - 1] = `${last}\n`;
  return [...before, ...added, ...lines.slice(at)].join("");
}
