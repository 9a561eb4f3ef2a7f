import { dirname, join } from "node:path/posix";
import { sh } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import { observeInside, parseInside, type Inside } from "./_directory.ts";
import { parsePath, parseStat, pathOf, statFormat, type Access, type PathSeen, type PathStat } from "./_path.ts";
import type { More, PathLook } from "./_path_look.ts";

/** What `file` is told, as far as looking needs it. */
export interface FileArgs extends Access {
  readonly path: string;
  readonly state?: "file" | "directory" | "link" | "hard" | "touch" | "absent" | undefined;
  readonly src?: string | undefined;
  readonly recurse: boolean;
  readonly force: boolean;
  readonly follow: boolean;
  readonly modification_time: "now" | "preserve";
  readonly access_time: "now" | "preserve";
}

/** What is inside is seen only where it may have to go. */
export interface FileSeen extends PathSeen, Inside {
  /** What the symbolic link at the path says, and whose it is. */
  readonly link?: { readonly text: string; readonly uid: number; readonly gid: number };
  /** Whether the directory that holds the path may be written in; PathSeen speaks of where a link leads. */
  readonly place: boolean;
  /** What `src` names; absent when nothing is there. */
  readonly source?: PathStat;
  /** The path and `src` are the same file. */
  readonly same: boolean;
  /** What the file holds, when that is a short text and the file may have to go. */
  readonly text?: string;
  /** With `recurse`: how many of what is inside have these bits of stat(2), owner and group. */
  readonly tree: readonly { readonly count: number; readonly bits: number; readonly uid: number; readonly gid: number }[];
}

/** Longer texts are not kept for undo. */
const textLimit = 64 * 1024;

/** A symbolic link is read from its directory; another link is made by whoever makes it, from the root. */
export function sourceOf({ path, src, state }: FileArgs): string | undefined {
  if (src === undefined || src.startsWith("/")) return src;
  return state === "link" ? join(dirname(path), src) : `/${src}`;
}

/** Also at the link itself, at the directory around it, and at what `src` names, which is `$1`. */
export function lookAtFileState(args: FileArgs): PathLook {
  return { path: args.path, access: args, more: goes(args) ? moreOfGoing : args.recurse ? moreOfTree : moreOfFile, values: [sourceOf(args) ?? ""] };
}

/** What is at the path may have to go. */
function goes({ state }: FileArgs): boolean {
  return state === "absent" || state === "link" || state === "hard";
}

const observeAround = sh`
  link=
  if [ -L "$p" ]; then
    link=yes
    line link "$(readlink -- "$p")"
    echo "whose $(stat -c '%u %g' -- "$p")"
  fi
  d=\${p%/*}
  [ ! -w "\${d:-/}" ] || echo "place yes"
  s=$1
  if [ -n "$s" ] && [ -e "$s" ]; then
    echo "source $(stat -L -c ${statFormat} -- "$s")"
    [ ! "$p" -ef "$s" ] || echo "same yes"
  fi
`;

const smoothAround = sh`
  { [ ! -L "$p" ] && [ -z "$1" ]; } || return
  d=\${p%/*}
  [ ! -w "\${d:-/}" ] || say "place yes"
`;

const moreOfFile: More = { name: "state", script: observeAround, smooth: smoothAround };

/** The text of a file, or what is in a directory; of a link nothing. */
const moreOfGoing: More = {
  name: "going",
  script: sh`
    ${observeAround}
    [ -z "$link" ] || exit 0
    if [ "$kind" = file ]; then
      { [ "$size" -le ${textLimit} ] && [ -r "$p" ]; } || exit 0
      echo "text yes"
      echo
      cat -- "$p"
      exit
    fi
    ${observeInside}
  `,
  smooth: sh`
    [ "$kind" = missing ] || return
    ${smoothAround}
  `,
};

/** One line for each kind of owner and mode, however many things are there; links have no mode, and lead elsewhere. */
const moreOfTree: More = {
  name: "tree",
  script: sh`
    ${observeAround}
    [ "$kind" = directory ] || exit 0
    echo
    find "$p/" -mindepth 1 ! -type l -exec stat -c '%f %u %g' -- {} + | sort | uniq -c
  `,
};

export function parseFileState(answer: Answer, args: FileArgs): FileSeen {
  const { seen, values, rest } = parsePath(answer);
  const link = values.get("link");
  const [uid = NaN, gid = NaN] = (values.get("whose") ?? "").split(" ").map(Number);
  const source = parseStat(values.get("source"));
  const isText = values.has("text") && !rest.includes("\uFFFD") && !rest.includes("\0");
  const isGoing = goes(args);
  return {
    ...seen,
    ...(isGoing ? parseInside(values, rest) : { inside: [], mounted: [] }),
    ...(link === undefined ? {} : { link: { text: pathOf(link), uid, gid } }),
    place: values.has("place"),
    ...(source ? { source } : {}),
    same: values.has("same"),
    ...(isText ? { text: rest } : {}),
    tree: isGoing ? [] : treeOf(rest),
  };
}

function treeOf(lines: string): FileSeen["tree"] {
  return lines
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [count, bits = "", uid, gid] = line.trim().split(" ");
      return { count: Number(count), bits: parseInt(bits, 16), uid: Number(uid), gid: Number(gid) };
    });
}
