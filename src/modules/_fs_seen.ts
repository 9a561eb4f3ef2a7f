import { sh, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import { isMounted, parseMounts, type Mount } from "./_mountpoint.ts";
import { observeSections, requireTool, section, sectionsOf } from "./_observe.ts";

/** What there is of a filesystem on a host. */
export interface FsSeen {
  readonly root: boolean;
  /** The mountpoint with symbolic links followed, as the kernel writes it. */
  readonly path: string;
  /** What is at the mountpoint; not looked at while something is mounted there. */
  readonly mountpoint: "missing" | "directory" | "other" | "mounted";
  /** The first directory on the way to a missing mountpoint that is missing too. */
  readonly missingFrom?: string;
  /** Entries of the mountpoint that a mount would hide; counted to a hundred. */
  readonly entries: number;
  readonly device: DeviceSeen;
  /** Every mount of the host; one whose filesystem has a number of its own (btrfs) with that of its device in its place. */
  readonly mounts: readonly Mount[];
  /** Whether the mounted filesystem answered within some seconds. */
  readonly answers: boolean;
  /** Errors that the kernel has written down in an ext4 filesystem since it was last repaired. */
  readonly errors: number;
}

/** `number` is `major:minor`, `path` the node that was found for LABEL= and the like, `holds` the type of filesystem found on it. */
export type DeviceSeen =
  | { readonly kind: "missing" }
  | { readonly kind: "block"; readonly path: string; readonly number: string; readonly holds?: string; readonly writeProtected?: true }
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
      followLinks(path),
      isMounted,
      sh`tab=$(cat /proc/self/mountinfo); at=; ! is_mounted || at=yes`,
      isDeviceless(type)
        ? sh`d=`
        : sh`${findDevice(device)}; [ -e "$d" ] || { udevadm settle --timeout=5 >/dev/null 2>&1; ${findDevice(device)}; }`,
      wanted ? sh`[ -n "$at" ] || [ ! -b "$d" ] || holds=$(blkid -p -o value -s TYPE -- "$d" 2>/dev/null)` : sh`:`,
      section("mounts", sh`printf '%s\n' "$tab"`),
      sh`case "$tab" in *" - btrfs /dev/"*)`,
      section("sources", sh`printf '%s\n' "$tab" | sed -n 's|.* - btrfs \(/dev/[^ ]*\) .*|\1|p' | xargs stat -L -c '%t %T %n' -- 2>/dev/null`),
      sh`;; esac`,
      section("device", sh`[ -z "$d" ] || { ${describeDevice}; }`),
      section("mountpoint", sh`id -u; printf '%s\n' "$p"; if [ -n "$at" ]; then ${describeMounted}; else ${describeUnmounted}; fi`),
      wanted && fsck ? sh`case ${type ?? sh`"\${holds-}"`},$at in ext[234],) ${requireTool("e2fsck")};; esac` : sh`:`,
    ],
  );
}

/** The node of the device; what it is, as stat says it; whether it is write-protected; what it holds. */
const describeDevice = sh`
  printf '%s\n' "$d"
  what=$(stat -L -c '%t %T %F' -- "$d" 2>/dev/null) || exit
  printf '%s\n' "$what"
  set -- $what
  ro=
  ! read -r ro 2>/dev/null <"/sys/dev/block/$((0x$1)):$((0x$2))/ro" || :
  printf '%s\n%s\n' "$ro" "\${holds-}"
`;

/** Whether it answers, and how many errors ext4 has recorded. */
const describeMounted = sh`
  echo mounted
  timeout -k 1 5 stat -- "$p" >/dev/null 2>&1
  echo $?
  n=$(readlink -f -- "$d") && cat "/sys/fs/ext4/\${n##*/}/errors_count" 2>/dev/null
`;

/** What is there, and how many entries a directory has, or the first directory that is missing. */
const describeUnmounted = sh`
  if [ -d "$p" ]; then
    echo directory
    ls -A -- "$p" 2>/dev/null | head -n 100 | wc -l
  elif [ -e "$p" ] || [ -L "$p" ]; then
    echo other
  else
    echo missing
    ${firstMissing()}
    printf '%s\n' "$top"
  fi
`;

/** Sets $p to a path with its symbolic links followed, as far as it exists. */
function followLinks(path: string): Script {
  return sh`
    p=${path}
    rest=
    until found=$(readlink -f -- "$p"); do
      rest=/\${p##*/}$rest
      p=\${p%/*}
      [ -n "$p" ] || break
    done
    p=\${found%/}$rest
    [ -n "$p" ] || p=/
  `;
}

/** Sets $top to the first directory on the way to $p that does not exist. */
export function firstMissing(): Script {
  return sh`top=$p; while up=\${top%/*}; [ -n "$up" ] && [ ! -e "$up" ]; do top=$up; done`;
}

/** Sets $d to the node of a device, or to nothing. */
export function findDevice(device: string): Script {
  const byTag = /^(?:LABEL|UUID|PARTLABEL|PARTUUID)=/.test(device);
  return byTag ? sh`d=$(findfs ${device} 2>/dev/null) || d=` : sh`d=${device}`;
}

export function parseFs(answer: Answer, place: Place): FsSeen {
  const sections = sectionsOf(answer);
  const lines = (name: string) => (sections.get(name) ?? "").split("\n");
  const numbers = new Map(lines("sources").map((line) => [line.split(" ").slice(2).join(" "), numberOf(line)]));
  const [uid, path = place.path, mountpoint, first = "", second = ""] = lines("mountpoint");
  return {
    root: uid === "0",
    path,
    mountpoint: mountpoint as FsSeen["mountpoint"],
    ...(mountpoint === "missing" ? { missingFrom: first } : {}),
    entries: mountpoint === "directory" ? Number(first) : 0,
    device: isDeviceless(place.type) ? { kind: "source" } : deviceOf(lines("device")),
    mounts: parseMounts(lines("mounts").join("\n")).map((mount) => ({ ...mount, number: deviceNumberOf(mount, numbers) })),
    answers: mountpoint !== "mounted" || first === "0",
    errors: mountpoint === "mounted" ? Number(second) : 0,
  };
}

/** The node of a disk that went away may meanwhile be another disk's: only btrfs, whose number tells nothing, is known by it. */
function deviceNumberOf({ type, number, source }: Mount, numbers: ReadonlyMap<string, string>): string {
  return type === "btrfs" ? (numbers.get(source) ?? number) : number;
}

function deviceOf([path = "", line = "", ro, holds = ""]: readonly string[]): DeviceSeen {
  if (line === "") return { kind: "missing" };
  const what = line.split(" ").slice(2).join(" ");
  if (!what.startsWith("block")) return { kind: "other", path, what };
  return {
    kind: "block",
    path,
    number: numberOf(line),
    ...(holds === "" ? {} : { holds }),
    ...(ro === "1" ? { writeProtected: true } : {}),
  };
}

/** The kernel's `major:minor` from stat's hexadecimal `MAJOR MINOR …`. */
function numberOf(line: string): string {
  return line
    .split(" ")
    .slice(0, 2)
    .map((digits) => parseInt(digits, 16))
    .join(":");
}
