import { BowlineError } from "../core/errors.ts";
import { sh } from "../core/sh.ts";
import { run } from "../core/step.ts";
import type { Change, ResourceState } from "./contract.ts";
import { refuse } from "./refuse.ts";
import { refuseForeign, refuseUnknownAccounts, type Access, type PathSeen } from "./_path.ts";

/** The changes of owner and mode of something that exists; the owner comes first, since changing it clears set-uid bits. */
export function planAccess(path: string, access: Access, seen: PathSeen): Change[] {
  const { stat } = seen;
  if (!stat) return [];
  refuseUnknownAccounts(access, seen);
  const changes = [...ownerChange(path, access, seen), ...modeChange(path, access.mode, stat.mode)];
  if (changes.length === 0) return [];
  const { gid } = seen.wanted;
  refuseForeign(path, access, seen, gid === stat.gid ? undefined : (gid ?? undefined));
  if (seen.fixed) refuse(`${path} cannot be changed, even by root`, { hint: "its filesystem is read-only, or it is marked immutable (lsattr -d shows it)" });
  return changes;
}

function ownerChange(path: string, access: Access, { stat, wanted }: PathSeen): Change[] {
  if (!stat) return [];
  const uid = wanted.uid ?? stat.uid;
  const gid = wanted.gid ?? stat.gid;
  if (uid === stat.uid && gid === stat.gid) return [];
  const before = `${stat.owner}:${stat.group}`;
  const after = `${access.owner ?? stat.owner}:${access.group ?? stat.group}`;
  const steps = (to: string) => [run(sh`chown -- ${to} ${path} && chmod -- ${exactMode(stat.mode)} ${path}`, { title: `chown ${to} ${path}` })];
  return [{ title: `change the owner of ${path} from ${before} to ${after}`, before, after, steps: steps(`${uid}:${gid}`), undo: steps(`${stat.uid}:${stat.gid}`) }];
}

function modeChange(path: string, wanted: string | undefined, seen: string): Change[] {
  if (wanted === undefined || wanted === seen) return [];
  const steps = (to: string) => [run(sh`chmod -- ${exactMode(to)} ${path}`, { title: `chmod ${to} ${path}` })];
  return [{ title: `change the mode of ${path} from ${seen} to ${wanted}`, before: seen, after: wanted, steps: steps(wanted), undo: steps(seen) }];
}

/** With four digits GNU chmod leaves the set-group-ID bit of a directory alone; with five it does not (coreutils, "Directory Setuid and Setgid"). */
export function exactMode(mode: string): string {
  return mode.padStart(5, "0");
}

export function pathState(path: string, seen: PathSeen, plan: () => readonly Change[]): ResourceState {
  return lastingState(path, seen.kind === "missing", plan);
}

/** What lasts, as a file or a user, is neither up nor down when it is as it should be; status says what is not so. */
export function lastingState(label: string, isMissing: boolean, plan: () => readonly Change[]): ResourceState {
  try {
    const changes = plan();
    const state = changes.length === 0 ? "n/a" : isMissing ? "down" : "warn";
    return { state, label, remarks: changes.map((change) => `would ${change.title}`) };
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    return { state: isMissing ? "down" : "warn", label, remarks: error.problems.map((problem) => problem.message) };
  }
}
