import { z } from "zod";
import { absolutePath, boolean, oneOf, optional, seconds, text, withDefault } from "./args.ts";
import { defineResource, type Bound, type Change } from "./contract.ts";
import { driftOf, isReadOnly, isReadOnlyAfterError, remountOptions, restoringOptions, sameOptions, type Drift } from "./_fs_options.ts";
import { isDeviceless, observeFs, parseFs, type FsSeen } from "./_fs_seen.ts";
import { checkRemark, checkStep, mountStep, removeDirectoryStep, remountStep, unmountStep } from "./_fs_steps.ts";
import { isWithin, type Mount } from "./_mountpoint.ts";
import { notes } from "./_fs_doc.ts";
import { refuse } from "./refuse.ts";

const args = {
  device: text("The device: /dev/VG/LV, /dev/disk/by-id/…, LABEL=…, UUID=…; for nfs, tmpfs and the like their source."),
  path: absolutePath("The mountpoint; made when it is missing."),
  type: optional(text("The type of the filesystem, like ext4. Default: what the device holds.").regex(/^[a-z0-9_.-]+$/, "must be the name of a filesystem type")),
  options: withDefault(mountOptions("Mount options, as a list or with commas."), []),
  state: withDefault(oneOf(["mounted", "unmounted"], "Whether the device is mounted there."), "mounted"),
  fsck: withDefault(boolean("Check an ext2, ext3 or ext4 filesystem with `e2fsck -p` before it is mounted."), true),
  wait: withDefault(seconds("How long a device that is not there may take to appear. 0 refuses at once."), 5),
  on_options_drift: withDefault(oneOf(["remount", "report"], "What to do when it is mounted with other options."), "remount"),
  kill: withDefault(boolean("Kill the processes that keep the filesystem from being unmounted: SIGTERM, then SIGKILL."), false),
};

type Args = Bound<typeof args>;

/** Their processes are the host's own, so nobody is killed for them; the list is OpenSVC's, with the roots of today. */
const protectedPaths = ["/", "/usr", "/var", "/sys", "/proc", "/tmp", "/opt", "/dev", "/dev/pts", "/dev/shm", "/home", "/boot", "/etc", "/run", "/root"];

/** A mounted filesystem, as OpenSVC's fs resource has it. */
export const fs = defineResource<typeof args, FsSeen>({
  name: "fs",
  summary: "Check and mount a filesystem, or unmount it, without touching fstab.",
  notes,
  args,
  otherNames: { src: "device", dev: "device", mnt: "path", mountpoint: "path", fstype: "type", opts: "options", mnt_opt: "options", mnt_opts: "options", force: "kill" },
  examples: [
    { title: "A filesystem on a logical volume", yaml: "fs:\n  device: /dev/vgregistry/lvregistryroot\n  path: /opt/registry.example.com\n  type: ext4\n  options: rw,noatime" },
    { title: "A device that takes its time", yaml: "fs:\n  device: LABEL=backup\n  path: /srv/backup\n  wait: 60" },
  ],
  rules: ({ kill, path, type, device }) => [
    ...(kill && protectedPaths.includes(path) ? [`"kill" is not for ${path}: its processes are the host's own`] : []),
    ...(!isDeviceless(type) && !/^(\/|(LABEL|UUID|PARTLABEL|PARTUUID)=.)/.test(device) ? ['"device" must be an absolute path, or begin with LABEL=, UUID=, PARTLABEL= or PARTUUID='] : []),
  ],
  observe: (args) => observeFs(args, args.state === "mounted", args.fsck),
  parse: parseFs,
  plan: (args, seen) => (args.state === "mounted" ? planMounted(args, seen) : planUnmounted(args, seen)),
  down: (args) => ({ ...args, state: "unmounted" }),
  state: (args, seen) => {
    const label = `${args.device}@${args.path}`;
    const own = ownMounts(args, seen).at(-1);
    if (own && own === topMount(seen)) {
      const remarks = mountedRemarks(args, seen, own);
      return { state: remarks.length === 0 ? "up" : "warn", label, remarks };
    }
    const other = topMount(seen);
    if (other) return { state: "warn", label, remarks: [`${args.path} carries ${describe(other)}`] };
    return { state: "down", label, remarks: seen.device.kind === "missing" ? [`device ${args.device} does not exist`] : hiddenRemarks(seen) };
  },
  result: (args, seen) => {
    const own = ownMounts(args, seen).at(-1);
    if (!own) return { mounted: false, path: seen.path };
    return { mounted: true, path: seen.path, source: own.source, type: own.type, options: [...own.options], drift: driftOf(args.options, own).map(({ wanted }) => wanted) };
  },
});

function planMounted(args: Args, seen: FsSeen): Change[] {
  const top = topMount(seen);
  if (top && !ownMounts(args, seen).includes(top)) {
    refuse(`${args.path} carries another filesystem`, { expected: args.device, seen: describe(top), hint: "unmount that first; nothing is mounted over it" });
  }
  if (top) return planOptions(args, seen, top);
  refuseBadDevice(args, seen);
  if (seen.mountpoint === "other") refuse(`${args.path} is not a directory`, { hint: "move it away, or name another mountpoint" });
  const below = seen.mounts.filter((mount) => isWithin(mount.path, seen.path)).map((mount) => mount.path);
  if (below.length > 0) refuse(`mounting on ${args.path} would hide what is mounted below it`, { seen: below.join(", "), hint: "unmount these first; mount in the order of the paths" });
  needRoot(seen);
  return [mountChange(args, seen)];
}

function mountChange(args: Args, seen: FsSeen): Change {
  const elsewhere = seen.mounts.filter((mount) => isSame(args, seen, mount)).map((mount) => mount.path);
  const checked = args.fsck && elsewhere.length === 0 && mayBeExt(args, seen);
  const remarks = [...hiddenRemarks(seen), ...(elsewhere.length === 0 ? [] : [`${args.device} is also mounted on ${elsewhere.join(", ")}${args.fsck ? ", so it was not checked" : ""}`])];
  return {
    title: `mount ${args.device} on ${args.path}`,
    before: "not mounted",
    after: "mounted",
    steps: [...(checked ? [checkStep(args, args.wait)] : []), mountStep({ ...args, path: seen.path }, args.options, args.wait)],
    remark: ([first]) => {
      const words = checked && first ? checkRemark(first) : undefined;
      return [...(words === undefined ? [] : [words]), ...remarks].join("; ") || undefined;
    },
    undo: [unmountStep(seen.path, false), ...(seen.mountpoint === "missing" ? [removeDirectoryStep(seen.path)] : [])],
  };
}

function planOptions(args: Args, seen: FsSeen, mount: Mount): Change[] {
  if (isReadOnlyAfterError(mount) && !args.options.includes("ro")) {
    refuse(readOnlyWords(mount), { expected: "a writable filesystem", seen: mount.superOptions.join(","), hint: "the kernel's log says which error; unmount it and mount it again, so that it is checked" });
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
      undo: restoring ? [remountStep(mount, restoring)] : { impossible: "the kernel does not say which options of the filesystem held before" },
    },
  ];
}

function planUnmounted(args: Args, seen: FsSeen): Change[] {
  const own = ownMounts(args, seen);
  const top = topMount(seen);
  if (own.length === 0 || !top) return [];
  if (!own.includes(top)) refuse(`something else is mounted over ${args.device} on ${args.path}`, { seen: describe(top), hint: "unmount that first" });
  needRoot(seen);
  const back = mountStep({ device: top.source, path: seen.path, type: top.type }, sameOptions(top), 0);
  return own.map(() => ({ title: `unmount ${args.path}`, before: "mounted", after: "not mounted", steps: [unmountStep(seen.path, args.kill)], undo: [back] }));
}

function refuseBadDevice(args: Args, { device }: FsSeen): void {
  if (device.kind === "missing" && args.wait === 0) refuse(`device ${args.device} does not exist`, { hint: "is its volume group active? `wait` gives a device time to appear" });
  if (device.kind === "other") refuse(`${args.device} is no block device`, { seen: `a ${device.what}` });
  if (device.kind !== "block" || device.holds === undefined || args.type === undefined) return;
  if (device.holds === args.type || (isExt(device.holds) && isExt(args.type))) return;
  refuse(`${args.device} holds ${device.holds}, not ${args.type}`, { hint: "is it the right device?" });
}

function needRoot({ root }: FsSeen): void {
  if (!root) refuse("only root may mount and unmount", { hint: "run the task with become: true" });
}

function mayBeExt(args: Args, { device }: FsSeen): boolean {
  if (args.type !== undefined) return isExt(args.type);
  return device.kind === "missing" || (device.kind === "block" && (device.holds === undefined || isExt(device.holds)));
}

function isExt(type: string): boolean {
  return /^ext[234]$/.test(type);
}

/** Of several mounts on one path the last one is seen. */
function topMount({ mounts, path }: FsSeen): Mount | undefined {
  return mounts.filter((mount) => mount.path === path).at(-1);
}

function ownMounts(args: Args, seen: FsSeen): Mount[] {
  return seen.mounts.filter((mount) => mount.path === seen.path && isSame(args, seen, mount));
}

/** The whole filesystem of the device: a bind mount of one of its directories is something else, a btrfs subvolume is not. */
function isSame(args: Args, { device }: FsSeen, mount: Mount): boolean {
  const whole = mount.root === "/" || mount.type === "btrfs" || isDeviceless(mount.type);
  return whole && (device.kind === "block" ? mount.number === device.number : mount.source.replace(/(.)\/$/, "$1") === args.device.replace(/(.)\/$/, "$1"));
}

function describe({ source, type, root }: Mount): string {
  return `${source} (${type})${root === "/" ? "" : `, its directory ${root}`}`;
}

function mountedRemarks(args: Args, seen: FsSeen, mount: Mount): string[] {
  const writable = !args.options.includes("ro");
  return [
    ...(seen.answers ? [] : [`${args.path} does not answer`]),
    ...(writable && isReadOnlyAfterError(mount) ? [readOnlyWords(mount)] : writable && isReadOnly(mount) ? ["the filesystem is read-only"] : []),
    ...(seen.errors === 0 ? [] : [`the filesystem has ${seen.errors} recorded ${seen.errors === 1 ? "error" : "errors"}`]),
    ...driftOf(args.options, mount).filter(({ wanted }) => wanted !== "rw").map(driftWords),
  ];
}

function driftWords({ wanted, seen }: Drift): string {
  return seen.startsWith("not ") ? `mounted without ${wanted}` : `mounted with ${seen}, not ${wanted}`;
}

function readOnlyWords({ path }: Mount): string {
  return `${path} is read-only, most likely since an error`;
}

function hiddenRemarks({ mountpoint, entries, path }: FsSeen): string[] {
  if (mountpoint !== "directory" || entries === 0) return [];
  const many = entries >= 100 ? "100 entries or more" : entries === 1 ? "1 entry" : `${entries} entries`;
  return [`${path} itself holds ${many}, which a mount hides`];
}

function mountOptions(words: string) {
  const option = z.string("must be text").regex(/^[^,\s]+$/, "must be one option, without blanks");
  return z.preprocess((value) => (typeof value === "string" ? value.split(",").map((one) => one.trim()) : value), z.array(option)).describe(words);
}
