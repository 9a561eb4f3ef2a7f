import { dirname } from "node:path/posix";
import { sh, type Script } from "../core/sh.ts";
import { run, type Step } from "../core/step.ts";
import type { Change } from "./contract.ts";
import { exactMode } from "./_access.ts";
import { isWithin, mountpointsOf } from "./_mountpoint.ts";
import type { More } from "./_path_look.ts";
import { pathOf, refuseBroken, refuseForeign, refuseUnknownAccounts, refuseUnwritable, type Access, type PathSeen, type PathStat } from "./_path.ts";
import { refuse } from "./refuse.ts";

/** What is in a directory that is to be gone. */
export interface Inside {
  /** Some of what is inside. */
  readonly inside: readonly string[];
  /** What is mounted at the directory or below it. */
  readonly mounted: readonly string[];
}

/** Ends with what is mounted anywhere, an empty line, and the first names in the directory. */
export const observeInside: Script = sh`
  [ "$kind" = directory ] || exit 0
  real=$(cd -P -- "$p" && pwd -P) || exit
  [ -r "$p" ] || { echo "the directory may not be read" >&2; exit 1; }
  line real "$real"
  echo
  cat /proc/self/mountinfo
  echo
  ls -A -- "$p" | head -n 4
`;

/** What is inside is looked at only where there is a directory. */
export const moreInside: More = { name: "inside", script: observeInside, smooth: sh`[ "$kind" != directory ]` };

export function parseInside(values: ReadonlyMap<string, string>, rest: string): Inside {
  // POSIX lets `pwd -P` begin with two slashes, and bash does.
  const real = pathOf(values.get("real") ?? "").replace(/^\/+/, "/");
  if (real === "") return { inside: [], mounted: [] };
  const cut = rest.indexOf("\n\n");
  return { inside: rest.slice(cut + 2).split("\n").slice(0, -1), mounted: mountpointsOf(rest.slice(0, cut)).filter((mountpoint) => isWithin(mountpoint, real)) };
}

/** Makes a directory and the missing ones above it, which are alike or as the umask says. */
export function directoryMade(path: string, access: Access, seen: PathSeen, parentsAre: "alike" | "plain"): Change {
  const { mode, owner, group } = access;
  refuseUnknownAccounts(access, seen);
  refuseBroken(path, seen);
  if (seen.target !== undefined) refuse(`${path} is a symbolic link, and nothing is where it leads`, { seen: seen.target, hint: "make what it leads to, or remove the link" });
  refuseUnwritable(path, seen);
  refuseForeign(path, access, seen, seen.wanted.gid ?? undefined);
  const parents = missingParents(path, seen.ancestor.path);
  const alike = parentsAre === "alike" ? [...parents.toReversed(), path] : [path];
  const make = mode === undefined ? sh`mkdir -p -- ${path}` : sh`mkdir -p -m ${mode} -- ${path}`;
  const own = owner === undefined && group === undefined ? sh`:` : sh`chown -- ${ownerWord(access)} ${alike}`;
  const bits = mode === undefined ? sh`:` : sh`chmod -- ${exactMode(mode)} ${alike}`;
  return {
    title: `make the directory ${path}`,
    before: null,
    after: mode ?? "present",
    steps: [run(sh`${make} && ${own} && ${bits}`, { title: `mkdir ${path}` })],
    undo: [run(sh`rmdir -- ${path} && { rmdir -- ${parents} 2>/dev/null || :; }`, { title: `rmdir ${path}` })],
  };
}

/** The word for chown: `owner:group`, `owner` or `:group`. */
export function ownerWord({ owner, group }: Access): string {
  return `${owner ?? ""}${group === undefined ? "" : `:${group}`}`;
}

/** The directories that are made on the way to the path, the innermost first. */
function missingParents(path: string, ancestor: string): string[] {
  const parent = dirname(path);
  return parent === ancestor || parent === "/" ? [] : [parent, ...missingParents(parent, ancestor)];
}

/** Never where something is mounted: what is mounted would be emptied. */
export function directoryRemoved(path: string, { stat, mounted, inside }: PathSeen & Inside): Change {
  if (mounted.length > 0) refuse(`something is mounted at ${mounted[0]}`, { expected: `nothing at or below ${path}`, hint: "unmount it first: removing the directory would empty it" });
  const used = inside.length > 0;
  return {
    title: used ? `remove the directory ${path} and all that is in it` : `remove the directory ${path}`,
    before: stat?.mode ?? "0755",
    after: null,
    steps: [run(used ? sh`rm -r -- ${path}` : sh`rmdir -- ${path}`, { title: `remove ${path}` })],
    undo: used || !stat ? { impossible: "what was inside is gone" } : [emptyAgain(path, stat)],
  };
}

/** An empty directory as it was. */
export function emptyAgain(path: string, { uid, gid, mode }: PathStat): Step {
  return run(sh`mkdir -- ${path} && chown -- ${`${uid}:${gid}`} ${path} && chmod -- ${exactMode(mode)} ${path}`, { title: `mkdir ${path}` });
}
