import { dirname } from "node:path/posix";
import { z } from "zod";
import { sh, type Script } from "../core/sh.ts";
import { run } from "../core/step.ts";
import type { Change } from "./contract.ts";
import { refuse } from "./refuse.ts";

/** What stands at a path on a host. Symbolic links are followed; `target` says where one leads. */
export interface PathSeen {
  readonly kind: "missing" | "file" | "directory" | "other";
  readonly stat?: PathStat;
  readonly target?: string;
  /** The nearest directory above the path that exists, and whether the one who looks may enter it and write in it. */
  readonly ancestor: { readonly path: string; readonly kind: "directory" | "closed" | "other"; readonly writable: boolean };
  readonly user: { readonly name: string; readonly uid: number };
  /** The ids of the wanted owner and group; null when the host does not know the name. */
  readonly wanted: { readonly uid?: number | null; readonly gid?: number | null };
}

export interface PathStat {
  /** Four octal digits. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly owner: string;
  readonly group: string;
  readonly size: number;
}

/** Who owns a path and with which mode; what is absent is left as it is. */
export interface Access {
  readonly mode?: string | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
}

/** The name of a user or a group, or a number. */
export function account(words: string) {
  const words_ = "must be a name, or a number";
  return z.preprocess((value) => (typeof value === "number" ? String(value) : value), z.string(words_).regex(/^([A-Za-z_][A-Za-z0-9_.-]*\$?|\d+)$/, words_)).describe(words);
}

/**
 * Prints `key value` lines about `path`. What a caller prints after them comes behind one empty line; it finds the
 * path in $p, what it is in $kind and its size in $size. No value can hold a newline, so nothing on the host can forge
 * another line.
 */
export function observePath(path: string, access: Access): Script {
  return sh`
    export LC_ALL=C
    p=${path}
    if [ -L "$p" ]; then
      t=$(readlink -f -- "$p") || t=$(readlink -- "$p")
      printf 'target %s\n' "$(printf '%s' "$t" | tr '\n' '\001')"
    fi
    if [ -d "$p" ]; then kind=directory; elif [ -f "$p" ]; then kind=file; elif [ -e "$p" ]; then kind=other; else kind=missing; fi
    echo "kind $kind"
    size=0
    if [ "$kind" != missing ]; then
      s=$(stat -L -c '%a %u %g %U %G %s' -- "$p") || exit
      echo "stat $s"
      size=\${s##* }
    fi
    [ -z "\${t-}" ] || [ "$kind" = missing ] || at=$t
    a=\${at:-$p}
    while a=\${a%/*} && [ -n "$a" ] && [ ! -e "$a" ] && [ ! -L "$a" ]; do :; done
    a=\${a:-/}
    if [ ! -d "$a" ]; then entry=other; elif [ ! -x "$a" ]; then entry=closed; else entry=directory; fi
    if [ -w "$a" ]; then write=yes; else write=no; fi
    printf 'ancestor %s %s %s\n' "$entry" "$write" "$(printf '%s' "$a" | tr '\n' '\001')"
    echo "user $(id -u) $(id -un 2>/dev/null || id -u)"
    ${wantedId("owner", access.owner)}
    ${wantedId("group", access.group)}
  `;
}

function wantedId(kind: "owner" | "group", name: string | undefined): Script {
  if (name === undefined) return sh`:`;
  if (/^\d+$/.test(name)) return sh`echo ${kind} ${name}`;
  if (kind === "owner") return sh`echo "owner $(id -u ${name} 2>/dev/null || echo none)"`;
  return sh`echo "group $({ getent group ${name} 2>/dev/null || grep ${`^${name.replaceAll(".", "[.]")}:`} /etc/group || echo ::none; } | cut -d : -f 3)"`;
}

/** What {@link observePath} printed, and the text that came after the empty line. */
export function parsePath(stdout: string): { seen: PathSeen; values: ReadonlyMap<string, string>; rest: string } {
  const end = stdout.indexOf("\n\n");
  const head = end === -1 ? stdout : stdout.slice(0, end);
  const values = new Map(head.split("\n").map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]));
  const [, entry = "", write = "", ancestor = ""] = /^(\S+) (\S+) ([^]*)$/.exec(values.get("ancestor") ?? "") ?? [];
  const [uid = "", name = ""] = (values.get("user") ?? "").split(" ");
  const target = values.get("target");
  const stat = parseStat(values.get("stat"));
  const seen: PathSeen = {
    kind: values.get("kind") as PathSeen["kind"],
    ...(stat ? { stat } : {}),
    ...(target === undefined ? {} : { target }),
    ancestor: { path: ancestor, kind: entry as PathSeen["ancestor"]["kind"], writable: write === "yes" },
    user: { name, uid: Number(uid) },
    wanted: { ...idOf("uid", values.get("owner")), ...idOf("gid", values.get("group")) },
  };
  return { seen, values, rest: end === -1 ? "" : stdout.slice(end + 2) };
}

function parseStat(line: string | undefined): PathStat | undefined {
  if (line === undefined) return undefined;
  const [mode = "", uid, gid, owner = "", group = "", size] = line.split(" ");
  return { mode: mode.padStart(4, "0"), uid: Number(uid), gid: Number(gid), owner, group, size: Number(size) };
}

function idOf<Key extends "uid" | "gid">(key: Key, id: string | undefined): Partial<Record<Key, number | null>> {
  return id === undefined ? {} : ({ [key]: id === "none" ? null : Number(id) } as Record<Key, number | null>);
}

/** Refuses an owner or a group that the host does not know. */
export function refuseUnknownAccounts(access: Access, seen: PathSeen): void {
  const hint = "make it first, or give its number";
  if (seen.wanted.uid === null) refuse(`there is no user "${access.owner}" on this host`, { hint });
  if (seen.wanted.gid === null) refuse(`there is no group "${access.group}" on this host`, { hint });
}

/** Refuses to make something where nothing can be made; `path` itself may exist. */
export function refuseUnwritable(path: string, seen: PathSeen): void {
  const { ancestor, user } = seen;
  const become = "run the task with become: true";
  if (ancestor.kind === "other") refuse(`${ancestor.path} is not a directory, so nothing can be in it`, { expected: `a directory that can hold ${path}` });
  if (ancestor.kind === "closed") refuse(`${user.name} may not look into ${ancestor.path}`, { hint: become });
  if (ancestor.writable) return;
  const hint = user.uid === 0 ? "its filesystem is read-only, or it is marked immutable (lsattr -d shows it)" : become;
  refuse(`${user.name} may not write in ${ancestor.path}`, { expected: `to make or replace ${path}`, hint });
}

/** Refuses when the directory that would hold the path is not there. */
export function refuseWithoutParent(path: string, seen: PathSeen): void {
  if (seen.kind !== "missing" || dirname(path) === seen.ancestor.path || seen.ancestor.kind !== "directory") return;
  refuse(`the directory ${dirname(path)} does not exist`, { seen: `${seen.ancestor.path} is as far as the path goes`, hint: `make it before: directory: { path: ${dirname(path)} }` });
}

/** The changes of owner and mode of something that exists; the owner comes first, since changing it clears set-uid bits. */
export function planAccess(path: string, access: Access, seen: PathSeen): Change[] {
  const { stat, wanted } = seen;
  if (!stat) return [];
  refuseUnknownAccounts(access, seen);
  const changes: Change[] = [];
  const uid = wanted.uid ?? stat.uid;
  const gid = wanted.gid ?? stat.gid;
  if (uid !== stat.uid || gid !== stat.gid) {
    const before = `${stat.owner}:${stat.group}`;
    const after = `${access.owner ?? stat.owner}:${access.group ?? stat.group}`;
    const steps = (to: string) => [run(sh`chown -- ${to} ${path} && chmod -- ${stat.mode} ${path}`, { title: `chown ${to} ${path}` })];
    changes.push({ title: `change the owner of ${path} from ${before} to ${after}`, before, after, steps: steps(`${uid}:${gid}`), undo: steps(`${stat.uid}:${stat.gid}`) });
  }
  const { mode } = access;
  if (mode !== undefined && mode !== stat.mode) {
    const steps = (to: string) => [run(sh`chmod -- ${to} ${path}`, { title: `chmod ${to} ${path}` })];
    changes.push({ title: `change the mode of ${path} from ${stat.mode} to ${mode}`, before: stat.mode, after: mode, steps: steps(mode), undo: steps(stat.mode) });
  }
  return changes;
}
