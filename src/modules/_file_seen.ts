import { dirname, join } from "node:path/posix";
import { sh, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import { observeInside, parseInside, type Inside } from "./_directory.ts";
import { observePath, parsePath, parseStat, pathOf, type Access, type PathSeen, type PathStat } from "./_path.ts";

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

export function observeFileState(args: FileArgs): Script {
  const source = sourceOf(args);
  const goes = args.state === "absent" || args.state === "link" || args.state === "hard";
  return sh`
    ${observePath(args.path, args)}
    link=
    if [ -L "$p" ]; then
      link=yes
      line link "$(readlink -- "$p")"
      echo "whose $(stat -c '%u %g' -- "$p")"
    fi
    d=\${p%/*}
    [ ! -w "\${d:-/}" ] || echo "place yes"
    ${source === undefined ? sh`:` : observeSource(source)}
    ${goes ? observeGoing : args.recurse ? observeTree : sh`:`}
  `;
}

function observeSource(source: string): Script {
  return sh`
    s=${source}
    if [ -e "$s" ]; then
      echo "source $(stat -L -c '%a %u %g %U %G %s' -- "$s")"
      [ ! "$p" -ef "$s" ] || echo "same yes"
    fi
  `;
}

/** The text of a file, or what is in a directory; of a link nothing. */
const observeGoing = sh`
  [ -z "$link" ] || exit 0
  if [ "$kind" = file ]; then
    { [ "$size" -le ${textLimit} ] && [ -r "$p" ]; } || exit 0
    echo "text yes"
    echo
    cat -- "$p"
    exit
  fi
  ${observeInside}
`;

/** One line for each kind of owner and mode, however many things are there; links have no mode, and lead elsewhere. */
const observeTree = sh`
  [ "$kind" = directory ] || exit 0
  echo
  find "$p/" -mindepth 1 ! -type l -exec stat -c '%f %u %g' -- {} + | sort | uniq -c
`;

export function parseFileState(answer: Answer, args: FileArgs): FileSeen {
  const { seen, values, rest } = parsePath(answer);
  const link = values.get("link");
  const [uid = NaN, gid = NaN] = (values.get("whose") ?? "").split(" ").map(Number);
  const source = parseStat(values.get("source"));
  const isText = values.has("text") && !rest.includes("\uFFFD") && !rest.includes("\0");
  const goes = args.state === "absent" || args.state === "link" || args.state === "hard";
  return {
    ...seen,
    ...(goes ? parseInside(values, rest) : { inside: [], mounted: [] }),
    ...(link === undefined ? {} : { link: { text: pathOf(link), uid, gid } }),
    place: values.has("place"),
    ...(source ? { source } : {}),
    same: values.has("same"),
    ...(isText ? { text: rest } : {}),
    tree: goes ? [] : treeOf(rest),
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
