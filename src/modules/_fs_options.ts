import type { Mount } from "./_mountpoint.ts";

/** What was asked for and is not so: the option, and what the mount has in its place. */
export interface Drift {
  readonly wanted: string;
  readonly seen: string;
}

/** Flags that every filesystem has: how the kernel writes each in mountinfo, and how it is asked to be without it. */
const opposites: Readonly<Record<string, string>> = {
  ro: "rw",
  nosuid: "suid",
  nodev: "dev",
  noexec: "exec",
  nodiratime: "diratime",
  sync: "async",
  dirsync: "nodirsync",
  lazytime: "nolazytime",
  nosymfollow: "symfollow",
};

interface Meaning {
  readonly flag: string;
  readonly on: boolean;
}

const meaning = new Map<string, Meaning>(
  Object.entries(opposites).flatMap(
    ([flag, without]) =>
      [
        [flag, { flag, on: true }],
        [without, { flag, on: false }],
      ] satisfies [string, Meaning][],
  ),
);

/** At most one of them holds; none stands for strictatime. */
const accessTimes = ["relatime", "noatime", "strictatime"];

/** What an ext or btrfs filesystem shows only when it differs from its default: the default. */
const hiddenDefaults: Readonly<Record<string, string>> = { commit: "5", errors: "continue", data: "ordered", barrier: "1" };

/** Bare options that these filesystems always show when they hold. */
const shown: Readonly<Record<string, readonly string[]>> = {
  ext: ["discard", "nodelalloc", "noauto_da_alloc", "journal_checksum", "nobarrier", "i_version"],
  xfs: ["discard", "nouuid", "wsync"],
  btrfs: ["autodefrag", "nodatacow", "nodatasum", "nobarrier"],
};

/**
 * The options that were asked for and do not hold. Options that the kernel does not show (`acl`, `nofail`, `x-…`,
 * `_netdev`, `defaults`) cannot be compared, and are taken to be as they were given when it was mounted.
 */
export function driftOf(wanted: readonly string[], mount: Mount): Drift[] {
  return wanted.flatMap((option) => {
    const seen = option.includes("=") ? valueInstead(option, mount) : flagInstead(option, mount);
    return seen === undefined ? [] : [{ wanted: option, seen }];
  });
}

/** The filesystem was switched to read-only under a writable mount: what the kernel does after an error. */
export function isReadOnlyAfterError(mount: Mount): boolean {
  return mount.options.includes("rw") && (mount.superOptions.includes("ro") || mount.superOptions.includes("emergency_ro"));
}

export function isReadOnly(mount: Mount): boolean {
  return mount.options.includes("ro") || mount.superOptions.includes("ro");
}

/**
 * All that a remount has to say: util-linux replaces the flags of a mount, and leaves the filesystem's own options as
 * they are unless they are named.
 */
export function remountOptions(wanted: readonly string[], mount: Mount): string[] {
  const asked = new Set(wanted.filter(isForKernel));
  const atimeAsked = [...asked].some((option) => accessTimes.includes(option));
  const contradicted = (flag: string) => {
    const without = opposites[flag] ?? Object.keys(opposites).find((other) => opposites[other] === flag);
    return (without !== undefined && asked.has(without)) || (atimeAsked && accessTimes.includes(flag));
  };
  return [...mount.options.filter((flag) => !asked.has(flag) && !contradicted(flag)), ...asked];
}

/** The options that bring a mount back as it was; undefined when what the filesystem had before is not known. */
export function restoringOptions(drift: readonly Drift[], mount: Mount): string[] | undefined {
  const own = drift.filter(({ wanted }) => !meaning.has(wanted) && !accessTimes.includes(wanted));
  if (own.some(({ seen }) => seen.startsWith("not "))) return undefined;
  return [...mount.options, ...own.map(({ seen }) => seen)];
}

/** The options of a mount as mount(8) takes them to make the same mount again. */
export function sameOptions(mount: Mount): string[] {
  return [
    ...new Set([...mount.options, ...mount.superOptions.filter((option) => option !== "rw" && option !== "ro" && option !== "seclabel")]),
  ];
}

/** What mount(8) or systemd keeps for itself. */
function isForKernel(option: string): boolean {
  return !/^(defaults|auto|noauto|user|nouser|users|owner|group|nofail|_netdev|remount|x-.*|comment=.*|loop(=.*)?)$/.test(option);
}

function flagInstead(option: string, mount: Mount): string | undefined {
  if (accessTimes.includes(option)) return accessTimeOf(mount) === option ? undefined : accessTimeOf(mount);
  if (option === "atime" || option === "norelatime") return accessTimeOf(mount) === "noatime" && option === "atime" ? "noatime" : undefined;
  const known = meaning.get(option);
  if (known) return has(mount, known.flag) === known.on ? undefined : known.on ? opposites[known.flag] : known.flag;
  if (has(mount, option)) return undefined;
  const toggled = option.startsWith("no") ? option.slice(2) : `no${option}`;
  if (has(mount, toggled)) return toggled;
  const family = /^ext[234]$/.test(mount.type) ? "ext" : mount.type;
  return isForKernel(option) && shown[family]?.includes(option) ? `not ${option}` : undefined;
}

function valueInstead(option: string, mount: Mount): string | undefined {
  const key = option.slice(0, option.indexOf("="));
  const value = option.slice(key.length + 1);
  const same = [...mount.options, ...mount.superOptions].find((other) => other.startsWith(`${key}=`));
  if (same === undefined)
    return hiddenDefaults[key] !== undefined && hiddenDefaults[key] !== value ? `${key}=${hiddenDefaults[key]}` : undefined;
  return same === option || same.startsWith(`${option}:`) ? undefined : same;
}

function accessTimeOf(mount: Mount): string {
  return accessTimes.find((option) => mount.options.includes(option)) ?? "strictatime";
}

/** Read-only holds when the mount or the whole filesystem is; every other flag stands in one place. */
function has(mount: Mount, option: string): boolean {
  return mount.options.includes(option) || mount.superOptions.includes(option);
}
