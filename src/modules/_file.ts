import { createHash } from "node:crypto";
import { basename, dirname } from "node:path/posix";
import { sh } from "../core/sh.ts";
import { run, type Answer, type Content, type PutStep, type Step } from "../core/step.ts";
import { absolutePath, boolean, fileMode, optional, text, withDefault } from "./args.ts";
import type { Change } from "./contract.ts";
import { planAccess } from "./_access.ts";
import { lexWords, lexProblem } from "../core/lex.ts";
import { lazily } from "./_lazy.ts";
import { requireTool } from "./_observe.ts";
import { account, parsePath, refuseForeign, refuseUnknownAccounts, refuseUnwritable, refuseWithoutParent, type Access, type PathSeen } from "./_path.ts";
import type { More, PathLook } from "./_path_look.ts";
import { refuse } from "./refuse.ts";

/** What copy and template share: a file, before and after the arguments that say what it holds. */
export const destArgs = lazily(() => ({ dest: absolutePath("The file on the host.") }));

export const fileArgs = lazily(() => ({
  mode: optional(fileMode('Its mode, octal digits in quotes: `"0640"`; a new file without one gets 0644.')),
  owner: optional(account("Its owner, by name or number.")),
  group: optional(account("Its group, by name or number.")),
  backup: withDefault(boolean("Keep the file that is replaced beside the new one, as NAME.DIGEST~ with the first 12 digits of its sha256."), false),
  validate: optional(text("A command that must accept the new file before it takes its place; `%s` stands for the new file: `visudo -cf %s`. No shell reads it.")),
}));

export interface FileArgs extends Access {
  readonly dest: string;
  readonly backup: boolean;
  readonly validate?: string | undefined;
}

export interface FileSeen extends PathSeen {
  /** Absent when its size alone tells that it differs. */
  readonly sha256?: string;
  /** The text, when it is not the wanted one, no longer than {@link textLimit}, and is text. */
  readonly text?: string;
  readonly unreadable: boolean;
}

export const fileNotes = `
* The new file is written beside the old one with its mode and owner and renamed over it: nobody ever sees half of it, and a full disk leaves the old one.
* An unchanged file costs a digest and no transfer, a large one of another size not even the digest; and of what \`mode\`, \`owner\` and \`group\` do not name nothing changes.
* Where \`dest\` is a symbolic link, the file behind it is changed (Ansible replaces the link). Another hard link keeps the old content.
* Its directory must exist; make it with \`directory\`.
* A replaced text of up to 64 KiB is shown by \`--diff\` and can be brought back; for larger ones there is \`backup\`.
* \`status\` shows n/a for a file that is as it should be, since a file is neither up nor down, and says what is not so.
`;

/** Longer files are not shown as a diff, and not kept for undo. */
const textLimit = 64 * 1024;

export function fileRules({ validate, dest }: { readonly validate?: string | undefined; readonly dest: string }): string[] {
  if (dest === "/") return ['"dest" must be a file'];
  if (validate === undefined) return [];
  const problem = lexProblem(validate);
  if (problem !== undefined) return [`"validate" cannot be read: ${problem}`];
  return validate.includes("%s") ? [] : ['"validate" must have %s where the new file is named'];
}

/** Reads no more of the file than is needed: one of another size differs, whatever is in it. Its text is brought only where it differs. */
export function lookAtFile(args: FileArgs, content: Content): PathLook {
  return { path: args.dest, access: args, more: moreFile, values: [sizeOf(content), sizeOf(content) <= textLimit ? digestOf(content) : "", args.backup ? "backup" : ""] };
}

/** How it is looked at among others; what is large takes its time, and is looked at alone. */
export function togetherAtFile(args: FileArgs, content: Content): PathLook | undefined {
  return sizeOf(content) <= largeFrom ? lookAtFile(args, content) : undefined;
}

const largeFrom = 1024 * 1024;

/**
 * `$1` and `$2` are the size and the digest that are wanted, the digest only of what is so short that a text would be brought
 * where it differs; `$3` says that the digest of any other is wanted too. A large file is digested by openssl where there is
 * one: it has the processor's own instructions for that, which coreutils seldom has, and is three times as fast.
 */
const moreFile: More = {
  name: "file",
  digest: true,
  smooth: sh`
    [ "$kind" = file ] || return 0
    [ -r "$p" ] || { say "unreadable yes"; return; }
    [ "$size" = "$1" ] || [ "$size" -le ${textLimit} ] || [ -n "$3" ] || return 0
    { [ "$sum" = "$2" ] || [ "$size" -gt ${textLimit} ]; } && [ -n "$sum" ] || return
    say "sha256 $sum"
  `,
  script: sh`
    [ "$kind" = file ] || exit 0
    [ -r "$p" ] || { echo "unreadable yes"; exit 0; }
    [ "$size" = "$1" ] || [ "$size" -le ${textLimit} ] || [ -n "$3" ] || exit 0
    ${requireTool("sha256sum")}
    d=
    [ "$size" -le ${largeFrom} ] || d=$(openssl dgst -sha256 -r <"$p" 2>/dev/null)
    [ \${#d} -gt 64 ] || d=$(sha256sum <"$p") || exit
    d=\${d%% *}
    echo "sha256 $d"
    { [ "$d" != "$2" ] && [ "$size" -le ${textLimit} ]; } || exit 0
    echo "text yes"
    echo
    cat -- "$p"
  `,
};

export function parseFile(answer: Answer): FileSeen {
  const { seen, values, rest } = parsePath(answer);
  const sha256 = values.get("sha256");
  const isText = values.has("text") && !rest.includes("\uFFFD") && !rest.includes("\0");
  return { ...seen, ...(sha256 === undefined ? {} : { sha256 }), ...(isText ? { text: rest } : {}), unreadable: values.has("unreadable") };
}

/** Content first, since the new file gets its mode and owner with it; else what differs of those. */
export function planFile(args: FileArgs, content: Content, seen: FileSeen): Change[] {
  if (seen.kind === "directory") refuse(`${args.dest} is a directory`, { hint: `name the file in it: ${args.dest}/NAME` });
  if (seen.kind === "other") refuse(`${args.dest} is neither a file nor a directory`, { hint: "move it away by hand" });
  if (seen.unreadable) refuse(`${seen.user.name} may not read ${args.dest}`, { hint: "run the task with become: true" });
  refuseUnknownAccounts(args, seen);
  if (seen.kind === "file" && digestOf(content) === seen.sha256) return planAccess(args.dest, args, seen);
  refuseWithoutParent(args.dest, seen);
  refuseUnwritable(args.dest, seen);
  refuseForeign(args.dest, args, seen, seen.wanted.gid ?? seen.stat?.gid);
  return [written(args, content, seen)];
}

function written(args: FileArgs, content: Content, seen: FileSeen): Change {
  const path = seen.target ?? args.dest;
  const put = putOf(path, args, content, seen.stat);
  const backup = args.backup && seen.sha256 !== undefined ? `${path}.${seen.sha256.slice(0, 12)}~` : undefined;
  const kept = backup === undefined ? [] : [run(sh`cp -p -- ${path} ${backup}`, { title: `keep ${path} as ${backup}` })];
  const after = "text" in content ? content.text : content.file.text;
  const before = seen.kind === "missing" ? "" : seen.text;
  return {
    title: `${seen.kind === "missing" ? "make" : "change"} the file ${args.dest}`,
    before: seen.sha256 ?? (seen.stat ? `${seen.stat.size} bytes` : null),
    after: digestOf(content),
    ...(after === undefined || before === undefined ? {} : { diff: { path: args.dest, before, after } }),
    steps: [...kept, ...(args.validate === undefined ? [put] : validated(put, args.validate))],
    undo: undoOf(path, seen, backup),
  };
}

/** What is not said stays as it is. */
function putOf(path: string, args: FileArgs, content: Content, stat: FileSeen["stat"]): PutStep {
  const owner = args.owner ?? (stat ? String(stat.uid) : undefined);
  const group = args.group ?? (stat ? String(stat.gid) : undefined);
  const mode = args.mode ?? stat?.mode ?? "0644";
  return { kind: "put", path, content, mode, ...(owner === undefined ? {} : { owner }), ...(group === undefined ? {} : { group }) };
}

/** The new file waits beside its place until the command has accepted it. */
function validated(put: PutStep, command: string): Step[] {
  const waiting = `${dirname(put.path)}/.bowline-new.${basename(put.path)}`.replace("//", "/");
  const words = lexWords(command).map((word) => word.replaceAll("%s", waiting));
  const script = sh`
    t=${waiting}
    trap 'rm -f -- "$t"' EXIT
    ${words} || exit
    mv -f -- "$t" ${put.path}
  `;
  return [{ ...put, path: waiting }, run(script, { title: `validate ${command}` })];
}

function undoOf(path: string, seen: FileSeen, backup: string | undefined): Change["undo"] {
  if (seen.kind === "missing") return [run(sh`rm -f -- ${path}`, { title: `remove ${path}` })];
  if (backup !== undefined) return [run(sh`mv -f -- ${backup} ${path}`, { title: `bring ${backup} back` })];
  if (seen.text === undefined || !seen.stat) return { impossible: "the file before was too large or no text; backup: true keeps it" };
  const { mode, uid, gid } = seen.stat;
  return [{ kind: "put", path, content: { text: seen.text }, mode, owner: String(uid), group: String(gid) }];
}

function sizeOf(content: Content): number {
  return "text" in content ? Buffer.byteLength(content.text) : content.file.size;
}

function digestOf(content: Content): string {
  return "text" in content ? createHash("sha256").update(content.text).digest("hex") : content.file.sha256;
}
