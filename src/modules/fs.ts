import { defineResource } from "./contract.ts";
import { fsArgs, killRefusal, protectedPaths, type FsArgs } from "./_fs_args.ts";
import { notes } from "./_fs_doc.ts";
import { driftOf, isReadOnly, isReadOnlyAfterError, type Drift } from "./_fs_options.ts";
import { describe, hiddenRemarks, ownMounts, planMounted, planUnmounted, readOnlyWords, topMount } from "./_fs_plan.ts";
import { isDeviceless, observeFs, parseFs, type FsSeen } from "./_fs_seen.ts";
import type { Mount } from "./_mountpoint.ts";

/** A mounted filesystem, as OpenSVC's fs resource has it. */
export const fs = defineResource<typeof fsArgs, FsSeen>({
  name: "fs",
  summary: "Check and mount a filesystem, or unmount it, without touching fstab.",
  notes,
  args: fsArgs,
  otherNames: {
    src: "device",
    dev: "device",
    mnt: "path",
    mountpoint: "path",
    fstype: "type",
    opts: "options",
    mnt_opt: "options",
    mnt_opts: "options",
    force: "kill",
  },
  examples: [
    {
      title: "A filesystem on a logical volume",
      yaml: "fs:\n  device: /dev/vgregistry/lvregistryroot\n  path: /opt/registry.example.com\n  type: ext4\n  options: rw,noatime",
    },
    { title: "A device that takes its time", yaml: "fs:\n  device: LABEL=backup\n  path: /srv/backup\n  wait: 60" },
  ],
  rules: ({ kill, path, type, device }) => [
    ...(kill && protectedPaths.includes(path) ? [killRefusal(path)] : []),
    ...(!isDeviceless(type) && !/^(\/|(LABEL|UUID|PARTLABEL|PARTUUID)=.)/.test(device)
      ? ['"device" must be an absolute path, or begin with LABEL=, UUID=, PARTLABEL= or PARTUUID=']
      : []),
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
    return {
      state: "down",
      label,
      remarks: seen.device.kind === "missing" ? [`device ${args.device} does not exist`] : hiddenRemarks(seen),
    };
  },
  result: (args, seen) => {
    const own = ownMounts(args, seen).at(-1);
    if (!own) return { mounted: false, path: seen.path };
    return {
      mounted: true,
      path: seen.path,
      source: own.source,
      type: own.type,
      options: [...own.options],
      drift: driftOf(args.options, own).map(({ wanted }) => wanted),
    };
  },
});

function mountedRemarks(args: FsArgs, seen: FsSeen, mount: Mount): string[] {
  const writable = !args.options.includes("ro");
  return [
    ...(seen.answers ? [] : [`${args.path} does not answer`]),
    ...(writable && isReadOnlyAfterError(mount)
      ? [readOnlyWords(mount)]
      : writable && isReadOnly(mount)
        ? ["the filesystem is read-only"]
        : []),
    ...(seen.errors === 0 ? [] : [`the filesystem has ${seen.errors} recorded ${seen.errors === 1 ? "error" : "errors"}`]),
    ...driftOf(args.options, mount)
      .filter(({ wanted }) => wanted !== "rw")
      .map(driftWords),
  ];
}

function driftWords({ wanted, seen }: Drift): string {
  return seen.startsWith("not ") ? `mounted without ${wanted}` : `mounted with ${seen}, not ${wanted}`;
}
