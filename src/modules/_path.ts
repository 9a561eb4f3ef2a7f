import { dirname } from "node:path/posix";
import * as z from "zod";
import { BowlineError } from "../core/errors.ts";
import { sh, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import { requireTool } from "./_observe.ts";
import { refuse } from "./refuse.ts";

/** What stands at a path on a host. Symbolic links are followed; `target` says where one leads. */
export interface PathSeen {
  readonly kind: "missing" | "file" | "directory" | "other";
  readonly stat?: PathStat;
  /** Where the symbolic link at the path leads; what is there may be missing. */
  readonly target?: string;
  /** What a symbolic link says that leads nowhere: no directory could hold its target, or it leads to itself. */
  readonly broken?: string;
  /** Even root may not change it: a read-only filesystem, or an immutable file. */
  readonly fixed: boolean;
  /** The nearest directory above the path that exists, and whether the one who looks may enter it and write in it. */
  readonly ancestor: { readonly path: string; readonly kind: "directory" | "closed" | "other"; readonly writable: boolean };
  readonly user: { readonly name: string; readonly uid: number; readonly gids: readonly number[] };
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
  const error = "must be a name, or a number";
  return z.preprocess((value) => (typeof value === "number" ? String(value) : value), z.string(error).regex(/^[^\s:/-][^\s:/]*$/, error)).describe(words);
}

/** What stat tells of a path; {@link parseStat} reads it. */
export const statFormat = "%a %u %g %U %G %s";

/** `line KEY PATH` prints a path of the host on one line: nothing on the host can forge another. `lined` puts it into $v. */
export const lineFunctions = sh`
  lined() {
    v="$1 $2"
    case $2 in *[!A-Za-z0-9_./+@%:,-]*) v="$1 $(printf '%s\n' "$2" | sed 's/\\/\\\\/g; s/$/\\n/' | tr -d '\n')" ;; esac
  }
  line() {
    lined "$@"
    printf '%s\n' "$v"
  }
`;

/** Into $u the lines that say who looks. */
export const askUser = sh`
  while read -r key a b rest; do
    case $key in Uid:) uid=$b ;; Gid:) gid=$b ;; Groups:) groups="$a $b $rest"; break ;; esac
  done </proc/self/status
  u="user 0 root"
  [ "$uid" = 0 ] || u="user $uid $(id -un 2>/dev/null)
  groups $gid $groups"
`;

/**
 * Prints $p with its symbolic links followed, if that can be done. Of a link that leads into itself (d -> d/f) coreutils' readlink
 * makes a longer and longer path, for ever: so one that leads nowhere gets one second of a processor.
 */
export const followed = sh`{ [ -e "$p" ] || ulimit -t 1; readlink -f -- "$p"; } 2>/dev/null`;

/** Into $t where the symbolic link at $p leads, into $v the line that says so. */
export const askLink = sh`
  if t=$(${followed} && echo .); then t=\${t%??} && lined target "$t"; else t= && lined broken "$(readlink -- "$p" 2>/dev/null)"; fi
`;

/** Into $kind what is at $p. */
export const askKind = sh`
  if [ -d "$p" ]; then kind=directory; elif [ -f "$p" ]; then kind=file; elif [ -e "$p" ]; then kind=other; else kind=missing; fi
`;

/** Into $a the nearest directory above that exists, into $entry and $write what the one who looks may do there. */
export const askAncestor = sh`
  a=\${t:-$p}
  while a=\${a%/*} && [ -n "$a" ] && [ ! -e "$a" ] && [ ! -L "$a" ]; do :; done
  a=\${a:-/}
  if [ ! -d "$a" ]; then entry=other; elif [ ! -x "$a" ]; then entry=closed; else entry=directory; fi
  if [ -w "$a" ]; then write=yes; else write=no; fi
`;

/**
 * Prints `key value` lines about `path`. What a caller prints after them comes behind one empty line; it finds the
 * path in $p, what it is in $kind and its size in $size, and prints a path of the host with `line`.
 */
export function observePath(path: string, access: Access): Script {
  return sh`
    export LC_ALL=C
    ${requireTool("stat")}
    ${lineFunctions}
    p=${path} t= own_uid= own_gid= own_user= own_group=
    if [ -L "$p" ]; then
      ${askLink}
      printf '%s\n' "$v"
    fi
    ${askKind}
    echo "kind $kind"
    size=0
    if [ "$kind" != missing ]; then
      s=$(stat -L -c ${statFormat} -- "$p") || exit
      echo "stat $s"
      size=\${s##* }
      set -f
      set -- $s
      set +f
      [ $# != 6 ] || { own_uid=$2 own_gid=$3 own_user=$4 own_group=$5; }
      [ -w "$p" ] || echo "fixed yes"
    fi
    ${askAncestor}
    line "ancestor $entry $write" "$a"
    ${askUser}
    printf '%s\n' "$u"
    ${wantedId("owner", access.owner)}
    ${wantedId("group", access.group)}
  `;
}

/** Who has the path already needs no looking up: that would be most of what a look costs. stat calls a number without a name UNKNOWN. */
function wantedId(kind: "owner" | "group", name: string | undefined): Script {
  if (name === undefined) return sh`:`;
  if (/^\d+$/.test(name)) return sh`echo ${kind} ${name}`;
  const lookedUp = idByName(kind, name);
  if (name === "UNKNOWN") return lookedUp;
  return kind === "owner"
    ? sh`if [ "$own_user" = ${name} ]; then echo "owner $own_uid"; else ${lookedUp}; fi`
    : sh`if [ "$own_group" = ${name} ]; then echo "group $own_gid"; else ${lookedUp}; fi`;
}

/** Prints the line with the number behind a name. */
export function idByName(kind: "owner" | "group", name: string): Script {
  if (kind === "owner") return sh`echo "owner $(id -u -- ${name} 2>/dev/null || echo none)"`;
  const entry = `^${name.replace(/[.[\]*^$\\]/g, "\\$&")}:`;
  return sh`echo "group $({ getent group ${name} 2>/dev/null || grep -- ${entry} /etc/group || echo ::none; } | cut -d : -f 3)"`;
}

/** What {@link observePath} printed, and the text that came after the empty line. Throws when it could not look. */
export function parsePath({ code, stdout, stderr }: Answer): { seen: PathSeen; values: ReadonlyMap<string, string>; rest: string } {
  if (code !== 0) throw new BowlineError({ code: "E_FAILED", message: `looking at the path failed: ${stderr.trim().split("\n").at(-1) || `exit code ${code}`}` });
  const end = stdout.indexOf("\n\n");
  const head = end === -1 ? stdout.trimEnd() : stdout.slice(0, end);
  const values = new Map(head.split("\n").map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]));
  const [entry = "", write = "", ...ancestor] = (values.get("ancestor") ?? "").split(" ");
  const target = values.get("target");
  const broken = values.get("broken");
  const stat = parseStat(values.get("stat"));
  const user = userOf(values);
  const seen: PathSeen = {
    kind: values.get("kind") as PathSeen["kind"],
    ...(stat ? { stat } : {}),
    ...(target === undefined ? {} : { target: pathOf(target) }),
    ...(broken === undefined ? {} : { broken: pathOf(broken) }),
    fixed: user.uid === 0 && values.has("fixed"),
    ancestor: { path: pathOf(ancestor.join(" ")), kind: entry as PathSeen["ancestor"]["kind"], writable: write === "yes" },
    user,
    wanted: { ...idOf("uid", values.get("owner")), ...idOf("gid", values.get("group")) },
  };
  return { seen, values, rest: end === -1 ? "" : stdout.slice(end + 2) };
}

/** A path as `line` of {@link observePath} prints it; one that had to be escaped ends with a newline. */
export function pathOf(line: string): string {
  if (!line.includes("\\")) return line;
  return line.replace(/\\([\\n])/g, (_, char: string) => (char === "n" ? "\n" : char)).slice(0, -1);
}

/** The fields of `stat -c "%a %u %g %U %G %s"`. */
export function parseStat(line: string | undefined): PathStat | undefined {
  if (line === undefined) return undefined;
  const [mode = "", uid, gid, owner = "", group = "", size] = line.split(" ");
  return { mode: mode.padStart(4, "0"), uid: Number(uid), gid: Number(gid), owner, group, size: Number(size) };
}

/** Groups matter only to those who are not root. They stay numbers: a directory service may take its time to name them. */
function userOf(values: ReadonlyMap<string, string>): PathSeen["user"] {
  const [uid = "", ...name] = (values.get("user") ?? "").split(" ");
  return { name: name.join(" ") || uid, uid: Number(uid), gids: (values.get("groups") ?? "").split(" ").filter(Boolean).map(Number) };
}

function idOf<Key extends "uid" | "gid">(key: Key, id: string | undefined): Partial<Record<Key, number | null>> {
  return id === undefined ? {} : ({ [key]: id === "none" ? null : Number(id) } as Record<Key, number | null>);
}

const become = "run the task with become: true";

/** Refuses an owner or a group that the host does not know. */
export function refuseUnknownAccounts(access: Access, { wanted }: PathSeen): void {
  const hint = "make it first, or give its number";
  if (wanted.uid === null) refuse(`there is no user "${access.owner}" on this host`, { hint });
  if (wanted.gid === null) refuse(`there is no group "${access.group}" on this host`, { hint });
}

/** Refuses to make or replace something where nothing can be made; `path` itself may exist. */
export function refuseUnwritable(path: string, seen: PathSeen): void {
  const { ancestor, user } = seen;
  refuseBroken(path, seen);
  if (ancestor.kind === "other") refuse(`${ancestor.path} is not a directory, so nothing can be in it`, { expected: `a directory that can hold ${path}` });
  refuseClosed(seen);
  if (ancestor.writable) return;
  const hint = user.uid === 0 ? "its filesystem is read-only, or it is marked immutable (lsattr -d shows it)" : become;
  refuse(`${user.name} may not write in ${ancestor.path}`, { expected: `to make or replace ${path}`, hint });
}

/** Refuses when nobody can tell what is there. */
export function refuseClosed({ ancestor, user }: PathSeen): void {
  if (ancestor.kind === "closed") refuse(`${user.name} may not look into ${ancestor.path}`, { hint: become });
}

/** Refuses a symbolic link that leads nowhere. */
export function refuseBroken(path: string, { broken }: PathSeen): void {
  if (broken !== undefined) refuse(`${path} is a symbolic link that leads nowhere`, { seen: `it leads to ${broken}`, hint: "make the directory that it leads into, or remove the link" });
}

/** Refuses when the directory that would hold the path is not there. */
export function refuseWithoutParent(path: string, seen: PathSeen): void {
  const parent = dirname(seen.target ?? path);
  if (seen.kind !== "missing" || seen.broken !== undefined || parent === seen.ancestor.path || seen.ancestor.kind !== "directory") return;
  refuse(`the directory ${parent} does not exist`, { seen: `${seen.ancestor.path} is as far as the path goes`, hint: `make it before: directory: { path: ${parent} }` });
}

/** Refuses what only root may do: change what belongs to somebody else, or give it away. */
export function refuseForeign(path: string, access: Access, seen: PathSeen, gid: number | undefined): void {
  const { user, stat, wanted } = seen;
  if (user.uid === 0) return;
  if (stat && stat.uid !== user.uid) refuse(`${path} belongs to ${stat.owner}, and ${user.name} may not change it`, { hint: become });
  if (wanted.uid !== undefined && wanted.uid !== user.uid) refuse(`${user.name} may not give ${path} to ${access.owner}`, { hint: become });
  if (gid !== undefined && !user.gids.includes(gid)) refuse(`${user.name} may not give ${path} to the group ${access.group ?? stat?.group}`, { seen: `${user.name} is not in that group`, hint: become });
}
