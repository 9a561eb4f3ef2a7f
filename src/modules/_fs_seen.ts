import { sh, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import { parseMounts, type Mount } from "./_mountpoint.ts";
import { observeSections, reportsOf, requireTool, section } from "./_observe.ts";

/** What there is of a filesystem on a host. */
export interface FsSeen {
  readonly root: boolean;
  /** The mountpoint with symbolic links followed, as the kernel writes it. */
  readonly path: string;
  /** What is at the mountpoint; not looked at while something is mounted there. */
  readonly mountpoint: "missing" | "directory" | "other" | "mounted";
  /** Entries of the mountpoint that a mount would hide; counted to a hundred. */
  readonly entries: number;
  readonly device: DeviceSeen;
  /** Every mount of the host, with the number of the device in place of the filesystem's where a device is known. */
  readonly mounts: readonly Mount[];
  /** Whether the mounted filesystem answered within some seconds. */
  readonly answers: boolean;
  /** Errors that the kernel has written down in an ext4 filesystem since it was last repaired. */
  readonly errors: number;
}

/** `number` is `major:minor`, `path` the node that was found for LABEL= and the like, `holds` the type of filesystem found on it. */
export type DeviceSeen =
  | { readonly kind: "missing" }
  | { readonly kind: "block"; readonly path: string; readonly number: string; readonly holds?: string }
  | { readonly kind: "other"; readonly path: string; readonly what: string }
  | { readonly kind: "source" };

/** Filesystems that have no block device; their source is a word that is compared as it is. */
const deviceless = new Set(["nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs", "tmpfs", "ceph", "glusterfs", "fuse"]);

export function isDeviceless(type: string | undefined): boolean {
  return type !== undefined && deviceless.has(type);
}

export interface Place {
  readonly device: string;
  readonly path: string;
  readonly type?: string | undefined;
}

/** Reads mountinfo, the device and the mountpoint. `wanted`: that it is to be mounted. */
export function observeFs(place: Place, wanted: boolean, fsck: boolean): Script {
  const { device, path, type } = place;
  return observeSections(
    ["mount", "stat", "timeout"],
    [
      sh`p=$(readlink -f -- ${path}) && [ -n "$p" ] || p=${path}`,
      sh`tab=$(cat /proc/self/mountinfo)`,
      sh`written=$(printf '%s' "$p" | sed 's/\\/\\134/g; s/ /\\040/g')`,
      sh`at=$(printf '%s\n' "$tab" | cut -d ' ' -f 5 | grep -xF -- "$written" | head -n 1)`,
      isDeviceless(type)
        ? sh`d=`
        : sh`${findDevice(device)}; [ -e "$d" ] || { udevadm settle --timeout=5 >/dev/null 2>&1; ${findDevice(device)}; }`,
      wanted ? sh`[ -n "$at" ] || [ ! -b "$d" ] || holds=$(blkid -p -o value -s TYPE -- "$d" 2>/dev/null)` : sh`:`,
      section("host", sh`id -u; printf '%s\n' "$p"`),
      section("mounts", sh`printf '%s\n' "$tab"`),
      section(
        "sources",
        sh`printf '%s\n' "$tab" | sed -n 's|.* - [^ ]* \(/dev/[^ ]*\) .*|\1|p' | sort -u | xargs stat -L -c '%t %T %n' -- 2>/dev/null`,
      ),
      section("device", sh`[ -z "$d" ] || { printf '%s\n' "$d"; stat -L -c '%t %T %F' -- "$d" 2>/dev/null; }`),
      section("holds", sh`printf '%s' "\${holds-}"`),
      section(
        "mountpoint",
        sh`[ -n "$at" ] || if [ -d "$p" ]; then echo directory; elif [ -e "$p" ] || [ -L "$p" ]; then echo other; else echo missing; fi`,
      ),
      section("entries", sh`[ -n "$at" ] || ls -A -- "$p" 2>/dev/null | head -n 100 | wc -l`),
      section("answers", sh`[ -z "$at" ] || timeout -k 1 5 stat -- "$p" >/dev/null 2>&1`),
      section("errors", sh`n=$(readlink -f -- "$d") && cat "/sys/fs/ext4/\${n##*/}/errors_count" 2>/dev/null`),
      wanted && fsck ? sh`case ${type ?? sh`"\${holds-}"`},$at in ext[234],) ${requireTool("e2fsck")};; esac` : sh`:`,
    ],
  );
}

/** Sets $d to the node of a device, or to nothing. */
export function findDevice(device: string): Script {
  const byTag = /^(?:LABEL|UUID|PARTLABEL|PARTUUID)=/.test(device);
  return byTag ? sh`d=$(findfs ${device} 2>/dev/null) || d=` : sh`d=${device}`;
}

export function parseFs(answer: Answer, place: Place): FsSeen {
  const reports = reportsOf(answer);
  const text = (name: string) => (reports.get(name)?.text ?? "").trimEnd();
  const [uid, path = place.path] = text("host").split("\n");
  const numbers = new Map(
    text("sources")
      .split("\n")
      .map((line) => [line.split(" ").slice(2).join(" "), numberOf(line)]),
  );
  const mounts = parseMounts(text("mounts")).map((mount) => ({ ...mount, number: numbers.get(mount.source) ?? mount.number }));
  const mounted = mounts.some((mount) => mount.path === path);
  return {
    root: uid === "0",
    path,
    mountpoint: mounted ? "mounted" : (text("mountpoint") as FsSeen["mountpoint"]),
    entries: Number(text("entries")),
    device: isDeviceless(place.type) ? { kind: "source" } : deviceOf(text("device"), text("holds")),
    mounts,
    answers: reports.get("answers")?.code === 0,
    errors: Number(text("errors")),
  };
}

/** `NODE`, and below it `fd 0 block special file`. */
function deviceOf(report: string, holds: string): DeviceSeen {
  const [path = "", line] = report.split("\n");
  if (line === undefined) return { kind: "missing" };
  const what = line.split(" ").slice(2).join(" ");
  if (!what.startsWith("block")) return { kind: "other", path, what };
  return { kind: "block", path, number: numberOf(line), ...(holds === "" ? {} : { holds }) };
}

/** The kernel's `major:minor` from stat's hexadecimal `MAJOR MINOR …`. */
function numberOf(line: string): string {
  return line
    .split(" ")
    .slice(0, 2)
    .map((digits) => parseInt(digits, 16))
    .join(":");
}
