import type { Machine } from "../lab.ts";

/** What a playbook's defaults make of a task that says nothing more. */
export const defaults = { options: [], state: "mounted" as const, fsck: true, wait: 0, on_options_drift: "remount" as const, kill: false };

export const root = { device: "/dev/vgregistry/lvregistryroot", path: "/opt/registry.example.com", type: "ext4" };

/** The tests' own mounts, as the kernel shows them: root, mountpoint, options, type, source and the filesystem's options. */
export function mounts(machine: Machine): Promise<string> {
  return machine.must("grep -E ' (/opt|/mnt|/srv)' /proc/self/mountinfo | cut -d ' ' -f 4-6,9-; true");
}

/** Takes them all away, and what they were mounted on. */
export async function clean(machine: Machine): Promise<void> {
  await machine.must("for m in $(cut -d ' ' -f 5 /proc/self/mountinfo | grep -E '^(/opt|/mnt|/srv)' | sort -r); do umount \"$(printf \"$m\")\"; done; rm -rf /opt/registry.example.com /mnt/*");
}
