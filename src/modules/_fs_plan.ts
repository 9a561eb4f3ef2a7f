import type { Change } from "./contract.ts";
import { killRefusal, protectedPaths, type FsArgs } from "./_fs_args.ts";
import { driftOf, isReadOnlyAfterError, remountOptions, restoringOptions, sameOptions } from "./_fs_options.ts";
import { isDeviceless, type FsSeen } from "./_fs_seen.ts";
import { checkRemark, checkStep, mountStep, removeDirectoriesStep, remountStep, unmountStep } from "./_fs_steps.ts";
import { isWithin, type Mount } from "./_mountpoint.ts";
import { refuse } from "./refuse.ts";

export function planMounted(args: FsArgs, seen: FsSeen): Change[] {
  const top = topMount(seen);
  if (top && !ownMounts(args, seen).includes(top)) {
    refuse(`${args.path} carries another filesystem`, {
      expected: args.device,
      seen: describe(top),
      hint: "unmount that first; nothing is mounted over it",
    });
  }
  if (top) return planOptions(args, seen, top);
  refuseBadDevice(args, seen);
  if (seen.mountpoint === "other") refuse(`${args.path} is not a directory`, { hint: "move it away, or name another mountpoint" });
  const below = seen.mounts.filter((mount) => isWithin(mount.path, seen.path)).map((mount) => mount.path);
  if (below.length > 0)
    refuse(`mounting on ${args.path} would hide what is mounted below it`, {
      seen: below.join(", "),
      hint: "unmount these first; mount in the order of the paths",
    });
  needRoot(seen);
  return [mountChange(args, seen)];
}

function mountChange(args: FsArgs, seen: FsSeen): Change {
  // Each mount of a tmpfs is another filesystem, though their source has the same name.
  const elsewhere = seen.mounts.filter((mount) => !isDeviceless(mount.type) && isSame(args, seen, mount)).map((mount) => mount.path);
  const writeProtected = isWriteProtected(seen);
  const toCheck = args.fsck && mayBeExt(args, seen);
  const checked = toCheck && elsewhere.length === 0 && !writeProtected;
  const unchecked = toCheck ? ", so it was not checked" : "";
  const remarks = [
    ...hiddenRemarks(seen),
    ...(elsewhere.length === 0 ? [] : [`${args.device} is also mounted on ${elsewhere.join(", ")}${unchecked}`]),
    ...(writeProtected ? [`${args.device} is write-protected${unchecked}`] : []),
  ];
  return {
    title: `mount ${args.device} on ${args.path}`,
    before: "not mounted",
    after: "mounted",
    steps: [...(checked ? [checkStep(args, args.wait)] : []), mountStep({ ...args, path: seen.path }, args.options, args.wait)],
    remark: ([first]) => {
      const words = checked && first ? checkRemark(first) : undefined;
      return [...(words === undefined ? [] : [words]), ...remarks].join("; ") || undefined;
    },
    undo: [
      unmountStep({ ...args, path: seen.path }, false),
      ...(seen.missingFrom === undefined ? [] : [removeDirectoriesStep(seen.path, seen.missingFrom)]),
    ],
  };
}

function planOptions(args: FsArgs, seen: FsSeen, mount: Mount): Change[] {
  if (!seen.answers) {
    refuse(`${args.path} is mounted, but does not answer`, {
      hint: "its disk or its server may be gone: the kernel's log says more; unmount it, mend the cause, and run again",
    });
  }
  if (isReadOnlyAfterError(mount) && !args.options.includes("ro")) {
    refuse(readOnlyWords(mount), {
      expected: "a writable filesystem",
      seen: mount.superOptions.join(","),
      hint: "the kernel's log says which error; unmount it and mount it again, so that it is checked",
    });
  }
  const drift = driftOf(args.options, mount);
  if (drift.length === 0 || args.on_options_drift === "report") return [];
  needRoot(seen);
  const restoring = restoringOptions(drift, mount);
  return [
    {
      title: `remount ${args.path} with ${drift.map(({ wanted }) => wanted).join(",")}`,
      before: drift.map((one) => one.seen).join(","),
      after: drift.map(({ wanted }) => wanted).join(","),
      steps: [remountStep(mount, remountOptions(args.options, mount))],
      undo: restoring
        ? [remountStep(mount, restoring)]
        : { impossible: "the kernel does not say which options of the filesystem held before" },
    },
  ];
}

export function planUnmounted(args: FsArgs, seen: FsSeen): Change[] {
  const own = ownMounts(args, seen);
  const top = topMount(seen);
  if (!top) return [];
  if (own.length === 0 && seen.device.kind === "missing") {
    refuse(`cannot tell whether ${args.path} carries ${args.device}, since that does not exist`, {
      seen: describe(top),
      hint: `when it is the one: umount ${args.path}`,
    });
  }
  if (own.length === 0) return [];
  if (!own.includes(top))
    refuse(`something else is mounted over ${args.device} on ${args.path}`, { seen: describe(top), hint: "unmount that first" });
  if (args.kill && protectedPaths.includes(seen.path)) refuse(killRefusal(seen.path), { seen: `${args.path} is a symbolic link to it` });
  needRoot(seen);
  const back = mountStep({ device: top.source, path: seen.path, type: top.type }, sameOptions(top), 0);
  return own.map(() => ({
    title: `unmount ${args.path}`,
    before: "mounted",
    after: "not mounted",
    steps: [unmountStep({ path: seen.path, type: top.type }, args.kill)],
    undo: [back],
  }));
}

function refuseBadDevice(args: FsArgs, seen: FsSeen): void {
  const { device } = seen;
  if (device.kind === "missing" && args.wait === 0)
    refuse(`device ${args.device} does not exist`, { hint: "is its volume group active? `wait` gives a device time to appear" });
  if (device.kind === "other") refuse(`${args.device} is no block device`, { seen: `a ${device.what}` });
  if (isWriteProtected(seen) && !args.options.includes("ro"))
    refuse(`${args.device} is write-protected`, { hint: "options: ro mounts it nevertheless, unchecked" });
  if (device.kind !== "block" || device.holds === undefined || args.type === undefined) return;
  if (device.holds === args.type || (isExt(device.holds) && isExt(args.type))) return;
  refuse(`${args.device} holds ${device.holds}, not ${args.type}`, { hint: "is it the right device?" });
}

function isWriteProtected({ device }: FsSeen): boolean {
  return device.kind === "block" && device.writeProtected === true;
}

function needRoot({ root }: FsSeen): void {
  if (!root) refuse("only root may mount and unmount", { hint: "run the task with become: true" });
}

function mayBeExt(args: FsArgs, { device }: FsSeen): boolean {
  if (args.type !== undefined) return isExt(args.type);
  return device.kind === "missing" || (device.kind === "block" && (device.holds === undefined || isExt(device.holds)));
}

function isExt(type: string): boolean {
  return /^ext[234]$/.test(type);
}

/** Of several mounts on one path the last one is seen. */
export function topMount({ mounts, path }: FsSeen): Mount | undefined {
  return mounts.filter((mount) => mount.path === path).at(-1);
}

export function ownMounts(args: FsArgs, seen: FsSeen): Mount[] {
  return seen.mounts.filter((mount) => mount.path === seen.path && isSame(args, seen, mount));
}

/** The whole filesystem of the device: a bind mount of one of its directories is something else, a btrfs subvolume is not. */
function isSame(args: FsArgs, { device }: FsSeen, mount: Mount): boolean {
  const whole = mount.root === "/" || mount.type === "btrfs" || isDeviceless(mount.type);
  return (
    whole &&
    (device.kind === "block"
      ? mount.number === device.number
      : mount.source.replace(/(.)\/$/, "$1") === args.device.replace(/(.)\/$/, "$1"))
  );
}

export function describe({ source, type, root }: Mount): string {
  return `${source} (${type})${root === "/" ? "" : `, its directory ${root}`}`;
}

export function readOnlyWords({ path }: Mount): string {
  return `${path} is read-only, most likely since an error`;
}

export function hiddenRemarks({ mountpoint, entries, path }: FsSeen): string[] {
  if (mountpoint !== "directory" || entries === 0) return [];
  const many = entries >= 100 ? "100 entries or more" : entries === 1 ? "1 entry" : `${entries} entries`;
  return [`${path} itself holds ${many}, which a mount hides`];
}
