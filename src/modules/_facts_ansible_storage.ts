import type { JsonObject } from "../core/json.ts";
import type { DiskFacts, MountFacts } from "./_facts_storage.ts";

/** One entry of Ansible's `devices`: flags and counts are text, sizes are for reading. */
export function deviceOf({ size, removable, rotational, model, vendor, partitions }: DiskFacts): JsonObject {
  const parts = Object.entries(partitions).map(([name, part]) => [name, { ...extent(part.size), start: String((part.start ?? 0) / sector) }] as const);
  return { model, vendor, removable: flag(removable), rotational: flag(rotational), ...extent(size), partitions: Object.fromEntries(parts) };
}

/** One entry of Ansible's `mounts`. */
export function mountOf(mount: MountFacts): JsonObject {
  const { device, path, type, options, size, available, block_size: block, inodes, inodes_free: free } = mount;
  const blocks = (bytes: number | null) => (bytes === null || block === null || block === 0 ? null : bytes / block);
  return {
    device,
    mount: path,
    fstype: type,
    options: options.join(","),
    size_total: size,
    size_available: available,
    block_size: block,
    block_total: blocks(size),
    block_available: blocks(available),
    block_used: size === null || available === null ? null : blocks(size - available),
    inode_total: inodes,
    inode_available: free,
    inode_used: inodes === null || free === null ? null : inodes - free,
  };
}

const sector = 512;

function extent(bytes: number | null): JsonObject {
  return { size: bytes === null ? null : readable(bytes), sectors: String((bytes ?? 0) / sector), sectorsize: String(sector) };
}

const units = ["Bytes", "KB", "MB", "GB", "TB", "PB"];

/** As Ansible's bytes_to_human: units of 1024, two digits. */
function readable(bytes: number): string {
  const power = bytes === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(2)} ${units[power]}`;
}

function flag(value: boolean): string {
  return value ? "1" : "0";
}
