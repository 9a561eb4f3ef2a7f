import { sh } from "../core/sh.ts";

/** A line of /proc/self/mountinfo, proc(5). */
export interface Mount {
  /** `major:minor` of the filesystem; not that of its device for btrfs, which has a number of its own. */
  readonly number: string;
  /** What of the filesystem is mounted: "/", or a directory of it after a bind mount, or a btrfs subvolume. */
  readonly root: string;
  readonly path: string;
  readonly type: string;
  readonly source: string;
  /** Of this mount. */
  readonly options: readonly string[];
  /** Of the filesystem, wherever it is mounted. */
  readonly superOptions: readonly string[];
}

/** A function that says whether something is mounted on $p, as mountinfo writes it. */
export const isMounted = sh`
  is_mounted() {
    case "$p" in
      *[\\\ ]*) written=$(printf '%s' "$p" | sed 's/\\/\\134/g; s/ /\\040/g');;
      *) written=$p;;
    esac
    cut -d ' ' -f 5 /proc/self/mountinfo | grep -qxF -e "$written"
  }
`;

/** In the order of mounting: of two mounts on one path the later one is seen. */
export function parseMounts(mountinfo: string): Mount[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [left = "", right] = line.split(" - ");
    const [, , number = "", root = "", path = "", options = ""] = left.split(" ");
    if (right === undefined) return [];
    const [type = "", source = "", superOptions = ""] = right.split(" ");
    return [
      {
        number,
        root: unescape(root),
        path: unescape(path),
        type,
        source: unescape(source),
        options: options.split(","),
        superOptions: unescape(superOptions).split(","),
      },
    ];
  });
}

/**
 * The mountpoints of /proc/PID/mountinfo in the order of mounting; a later one hides an earlier one of the same path.
 * Format: proc(5), field 5, in which blanks, newlines and backslashes are written as three octal digits.
 */
export function mountpointsOf(mountinfo: string): string[] {
  return mountinfo.split("\n").flatMap((line) => {
    const path = line.split(" ")[4];
    return path === undefined ? [] : [unescape(path)];
  });
}

/** Whether a path is a directory or lies below it; compared by whole components, so that /data2 is not within /data. */
export function isWithin(path: string, directory: string): boolean {
  return directory === "/" || path === directory || path.startsWith(`${directory}/`);
}

/** The mountpoint that carries a path: the longest one on the way to it. */
export function carrierOf(path: string, mountpoints: readonly string[]): string {
  return mountpoints
    .filter((mountpoint) => isWithin(path, mountpoint))
    .reduce((longest, mountpoint) => (mountpoint.length > longest.length ? mountpoint : longest), "/");
}

/** Blanks, newlines, backslashes and # stand there as three octal digits of each byte. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
