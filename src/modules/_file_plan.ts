import { dirname } from "node:path/posix";
import { sh } from "../core/sh.ts";
import { run, type Step } from "../core/step.ts";
import type { Change } from "./contract.ts";
import { exactMode, planAccess } from "./_access.ts";
import { directoryMade, directoryRemoved, emptyAgain, ownerWord } from "./_directory.ts";
import type { FileArgs, FileSeen } from "./_file_seen.ts";
import { planTree } from "./_file_tree.ts";
import { modeFrom } from "./_mode.ts";
import { refuseClosed, refuseForeign, refuseUnknownAccounts, refuseUnwritable, refuseWithoutParent, type Access, type PathStat } from "./_path.ts";
import { refuse } from "./refuse.ts";

type State = NonNullable<FileArgs["state"]>;

export function planFileState(args: FileArgs, seen: FileSeen): readonly Change[] {
  return plans[args.state ?? (args.recurse ? "directory" : "file")](args, seen);
}

const plans: Readonly<Record<State, (args: FileArgs, seen: FileSeen) => readonly Change[]>> = {
  file: planKept,
  directory: planDirectory,
  link: planLink,
  hard: planHard,
  touch: planTouch,
  absent: planAbsent,
};

/** Owner and mode of what is there; nothing is made. */
function planKept(args: FileArgs, seen: FileSeen): readonly Change[] {
  const { path, state } = args;
  if (seen.kind === "missing" && !(seen.link && !args.follow)) refuse(`${path} does not exist`, { hint: "copy and template make a file, state: touch an empty one, state: directory a directory" });
  if (state === "file" && seen.kind === "directory") refuse(`${path} is a directory`, { expected: "a file", hint: "state: directory is for directories" });
  return accessOf(args, seen, seen.stat);
}

function planDirectory(args: FileArgs, seen: FileSeen): readonly Change[] {
  const { path } = args;
  if (seen.kind === "directory") return [...accessOf(args, seen, seen.stat), ...planTree(args, seen)];
  if (seen.kind !== "missing") refuse(`${path} is there and is no directory`, { hint: "move it away by hand" });
  return [directoryMade(path, { ...args, ...newMode(args, "0755", true) }, seen, "alike")];
}

function planTouch(args: FileArgs, seen: FileSeen): readonly Change[] {
  const { path } = args;
  if (seen.kind === "missing") return [fileMade(args, seen)];
  const times = [args.modification_time === "now" ? "-m" : "", args.access_time === "now" ? "-a" : ""].filter(Boolean);
  const title = `touch ${path}`;
  const touch: Change = { title, steps: [run(sh`touch ${times} -- ${path}`, { title })], undo: { impossible: "the times before are not kept" } };
  return [...accessOf(args, seen, seen.stat), ...(times.length > 0 ? [touch] : [])];
}

function fileMade(args: FileArgs, seen: FileSeen): Change {
  const { path, owner, group } = args;
  refuseUnknownAccounts(args, seen);
  refuseWithoutParent(path, seen);
  refuseUnwritable(path, seen);
  refuseForeign(path, args, seen, seen.wanted.gid ?? undefined);
  const { mode } = newMode(args, "0644", false);
  const own = owner === undefined && group === undefined ? sh`:` : sh`chown -- ${ownerWord(args)} ${path}`;
  const bits = mode === undefined ? sh`:` : sh`chmod -- ${exactMode(mode)} ${path}`;
  const title = `make the empty file ${path}`;
  return { title, before: null, after: mode ?? "present", steps: [run(sh`touch -- ${path} && ${own} && ${bits}`, { title })], undo: [run(sh`rm -f -- ${path}`, { title: `remove ${path}` })] };
}

function planLink(args: FileArgs, seen: FileSeen): readonly Change[] {
  const { path, src = "" } = args;
  const access = seen.source ? accessOf(args, seen, seen.source) : [];
  if (seen.link?.text === src) return access;
  if (!seen.source && !args.force) refuse(`${src} does not exist, so the link would lead nowhere`, { hint: "make it first, or force: true makes the link all the same" });
  if (!seen.link) refuseInTheWay(args, seen, "link");
  refusePlace(path, seen);
  const title = seen.link ? `lead ${path} to ${src}, not to ${seen.link.text}` : `make the link ${path} to ${src}`;
  const clear = seen.kind === "directory" && !seen.link ? sh`rmdir -- ${path} &&` : sh``;
  const made: Change = { title, before: seen.link?.text ?? null, after: src, steps: [run(sh`${clear} ln -sfn -- ${src} ${path}`, { title })], undo: backAgain(path, seen) };
  return [made, ...access];
}

function planHard(args: FileArgs, seen: FileSeen): readonly Change[] {
  const { path, src = "" } = args;
  if (!seen.source) refuse(`${src} does not exist`, { hint: "a hard link needs what it is another name of" });
  const access = accessOf(args, seen, seen.source);
  if (seen.same && !seen.link) return access;
  refuseInTheWay(args, seen, "hard link");
  refusePlace(path, seen);
  const title = `make the hard link ${path} to ${src}`;
  const clear = seen.kind === "directory" && !seen.link ? sh`rmdir -- ${path} &&` : sh``;
  return [{ title, before: null, after: src, steps: [run(sh`${clear} ln -fn -- ${src} ${path}`, { title })], undo: backAgain(path, seen) }, ...access];
}

/** A directory with something in it never gives way to a link, as in Ansible. */
function refuseInTheWay({ path, force }: FileArgs, seen: FileSeen, what: string): void {
  if (seen.kind === "missing" && !seen.link) return;
  if (seen.kind === "directory" && !seen.link && (seen.inside.length > 0 || seen.mounted.length > 0)) refuse(`${path} is a directory that is not empty`, { expected: `a ${what}`, hint: "state: absent removes it first, with all that is in it" });
  if (!force) refuse(`${path} is there and is not that ${what}`, { hint: "force: true puts the link in its place" });
}

function planAbsent({ path }: FileArgs, seen: FileSeen): readonly Change[] {
  if (!seen.link) refuseClosed(seen);
  if (seen.kind === "missing" && !seen.link) return [];
  refusePlace(path, seen);
  if (seen.kind === "directory" && !seen.link) return [directoryRemoved(path, seen)];
  const title = `remove the ${seen.link ? "link" : "file"} ${path}`;
  return [{ title, before: seen.link?.text ?? seen.stat?.mode ?? "present", after: null, steps: [run(sh`rm -f -- ${path}`, { title })], undo: backAgain(path, seen), ...removedText(path, seen) }];
}

function removedText(path: string, { text }: FileSeen): Pick<Change, "diff"> {
  return text === undefined ? {} : { diff: { path, before: text, after: "" } };
}

/** The steps that put back what stands at a path before something else does. */
function backAgain(path: string, seen: FileSeen): Change["undo"] {
  const away = run(sh`rm -f -- ${path}`, { title: `remove ${path}` });
  if (seen.link) return [away, run(sh`ln -s -- ${seen.link.text} ${path} && chown -h -- ${`${seen.link.uid}:${seen.link.gid}`} ${path}`, { title: `ln -s ${seen.link.text} ${path}` })];
  if (seen.kind === "missing") return [away];
  const { stat, text } = seen;
  if (!stat) return { impossible: "nobody knows what was there" };
  if (seen.kind === "directory") return [away, emptyAgain(path, stat)];
  if (text === undefined) return { impossible: "the file was too large or no text" };
  const put: Step = { kind: "put", path, content: { text }, mode: stat.mode, owner: String(stat.uid), group: String(stat.gid) };
  return [away, put];
}

/** Of a link that is not followed only the owner can be said; else of what is there, or will be. */
function accessOf(args: FileArgs, seen: FileSeen, stat: PathStat | undefined): readonly Change[] {
  if (!args.follow && (seen.link || args.state === "link")) return linkOwner(args, seen);
  if (!stat) return [];
  const mode = args.mode === undefined ? undefined : modeFrom(args.mode, stat.mode, seen.kind === "directory");
  return planAccess(args.path, { ...args, mode }, { ...seen, stat });
}

function linkOwner(args: FileArgs, seen: FileSeen): readonly Change[] {
  const { path } = args;
  const { uid, gid } = seen.wanted;
  refuseUnknownAccounts(args, seen);
  const now = seen.link ?? { uid: seen.user.uid, gid: NaN };
  if ((uid === undefined || uid === now.uid) && (gid === undefined || gid === now.gid)) return [];
  const title = `change the owner of the link ${path}`;
  const steps = (to: string) => [run(sh`chown -h -- ${to} ${path}`, { title: `chown -h ${to} ${path}` })];
  return [{ title, steps: steps(ownerWord({ owner: uid?.toString(), group: gid?.toString() })), undo: seen.link ? steps(`${seen.link.uid}:${seen.link.gid}`) : [] }];
}

function newMode({ mode }: Access, usual: string, isDirectory: boolean): { mode?: string } {
  return mode === undefined ? {} : { mode: modeFrom(mode, usual, isDirectory) };
}

/** What stands at the path itself may be put away or replaced only where its directory may be written in. */
function refusePlace(path: string, seen: FileSeen): void {
  if (!seen.link) {
    refuseWithoutParent(path, seen);
    refuseUnwritable(path, seen);
  } else if (!seen.place) {
    refuse(`${seen.user.name} may not write in ${dirname(path)}`, { expected: `to remove or replace ${path}`, hint: "run the task with become: true" });
  }
}
