import * as z from "zod";
import { absolutePath, boolean, oneOf, optional, seconds, text, withDefault } from "./args.ts";
import type { Bound } from "./contract.ts";
import { lazily } from "./_lazy.ts";

export const fsArgs = lazily(() => ({
  device: text("The device: /dev/VG/LV, /dev/disk/by-id/…, LABEL=…, UUID=…; for nfs, tmpfs and the like their source."),
  path: absolutePath("The mountpoint; made when it is missing."),
  type: optional(
    text("The type of the filesystem, like ext4. Default: what the device holds.").regex(
      /^[a-z0-9_.-]+$/,
      "must be the name of a filesystem type",
    ),
  ),
  options: withDefault(mountOptions("Mount options, as a list or with commas."), []),
  state: withDefault(oneOf(["mounted", "unmounted"], "Whether the device is mounted there."), "mounted"),
  fsck: withDefault(boolean("Check an ext2, ext3 or ext4 filesystem with `e2fsck -p` before it is mounted."), true),
  wait: withDefault(seconds("How long a device that is not there may take to appear. 0 refuses at once."), 5),
  on_options_drift: withDefault(oneOf(["remount", "report"], "What to do when it is mounted with other options."), "remount"),
  kill: withDefault(boolean("Kill the processes that keep the filesystem from being unmounted: SIGTERM, then SIGKILL."), false),
}));

export type FsArgs = Bound<typeof fsArgs>;

/** Their processes are the host's own, so nobody is killed for them; the list is OpenSVC's, with the roots of today. */
export const protectedPaths = [
  "/",
  "/usr",
  "/var",
  "/sys",
  "/proc",
  "/tmp",
  "/opt",
  "/dev",
  "/dev/pts",
  "/dev/shm",
  "/home",
  "/boot",
  "/etc",
  "/run",
  "/root",
];

export function killRefusal(path: string): string {
  return `"kill" is not for ${path}: its processes are the host's own`;
}

function mountOptions(words: string) {
  const option = z.string("must be text").regex(/^[^,\s]+$/, "must be one option, without blanks");
  return z
    .preprocess((value) => (typeof value === "string" ? value.split(",").map((one) => one.trim()) : value), z.array(option))
    .describe(words);
}
