import { sh } from "../core/sh.ts";
import { counted, linesOf, list, number, pairsOf, splitAt, text, told, type FactFamily } from "./_facts_family.ts";

export interface CpuFacts extends Readonly<Record<string, number | string | null | readonly string[]>> {
  readonly count: number;
  readonly cores: number;
  readonly sockets: number;
  readonly threads_per_core: number;
  readonly model: string | null;
  readonly flags: readonly string[];
}

export const cpu: FactFamily<CpuFacts> = {
  summary: "The processors that are online.",
  script: sh`
    for d in /sys/devices/system/cpu/cpu[0-9]*; do
      [ -r "$d/topology/core_id" ] || continue
      read -r socket <"$d/topology/physical_package_id" || socket=0
      read -r core <"$d/topology/core_id" && printf 'thread %s %s\n' "$socket" "$core"
    done
    printf 'listed %s\n' "$(grep -c '^processor' /proc/cpuinfo)"
    grep -m 1 -i -E '^(model name|cpu model|cpu|hardware)[[:space:]]*:' /proc/cpuinfo
    grep -m 1 -E '^(flags|Features|features)[[:space:]]*:' /proc/cpuinfo
  `,
  parse: parseCpu,
  fields: {
    count: number("Hardware threads: what the scheduler has."),
    cores: number("Cores of all sockets together."),
    sockets: number("Processors that one could hold in the hand."),
    threads_per_core: number("Hardware threads of a core."),
    model: text("What the maker calls it."),
    flags: list("What it can do: `aes`, `avx2`."),
  },
};

/** Machines that do not tell their topology, as some virtual ones, are one socket in which every thread is a core. */
function parseCpu(output: string): CpuFacts {
  const lines = linesOf(output);
  const threads = lines.filter((line) => line.startsWith("thread ")).map((line) => line.slice("thread ".length));
  const listed = counted(lines.find((line) => line.startsWith("listed "))?.slice("listed ".length)) ?? 0;
  const count = threads.length || listed || 1;
  const cores = new Set(threads).size || count;
  const told = (name: RegExp) => lines.map((line) => splitAt(line, ":")).find(([key]) => name.test(key))?.[1].trim();
  return {
    count,
    cores,
    sockets: new Set(threads.map((thread) => thread.split(" ")[0])).size || 1,
    threads_per_core: Math.max(1, Math.round(count / cores)),
    model: told(/^(model name|cpu model|cpu|hardware)\s*$/i) ?? null,
    flags: (told(/^(flags|features)\s*$/i) ?? "").split(" ").filter(Boolean),
  };
}

export interface MemoryFacts extends Readonly<Record<string, number | null>> {
  readonly total: number | null;
  readonly free: number | null;
  readonly available: number | null;
  readonly buffers: number | null;
  readonly cached: number | null;
  readonly swap_total: number | null;
  readonly swap_free: number | null;
}

const meminfo: Readonly<Record<keyof MemoryFacts & string, string>> = {
  total: "MemTotal",
  free: "MemFree",
  available: "MemAvailable",
  buffers: "Buffers",
  cached: "Cached",
  swap_total: "SwapTotal",
  swap_free: "SwapFree",
};

export const memory: FactFamily<MemoryFacts> = {
  summary: "The memory, in bytes.",
  script: sh`grep -E '^(MemTotal|MemFree|MemAvailable|Buffers|Cached|SwapTotal|SwapFree):' /proc/meminfo`,
  parse(output) {
    const values = new Map(linesOf(output).map((line) => splitAt(line, ":")));
    const bytes = (name: string) => {
      const kilobytes = counted(values.get(name)?.trim().split(" ")[0]);
      return kilobytes === null ? null : kilobytes * 1024;
    };
    return Object.fromEntries(Object.entries(meminfo).map(([name, line]) => [name, bytes(line!)])) as MemoryFacts;
  },
  fields: {
    total: number("All that the kernel can use."),
    free: number("What nobody uses, not even for caches."),
    available: number("What programs can get without swapping."),
    buffers: number("Buffers of block devices."),
    cached: number("The page cache."),
    swap_total: number("Swap."),
    swap_free: number("Swap that nobody uses."),
  },
};

export interface VirtualizationFacts extends Readonly<Record<string, string | null>> {
  readonly type: string | null;
  readonly role: "guest" | "host" | null;
  readonly container: string | null;
}

export const virtualization: FactFamily<VirtualizationFacts> = {
  summary: "Whether the host is a virtual machine or a container.",
  script: sh`
    say() { [ ! -r "$2" ] || { IFS= read -r value <"$2"; [ -z "$value" ] || printf '%s %s\n' "$1" "$value"; }; }
    say container /run/systemd/container
    [ ! -e /.dockerenv ] || echo "container docker"
    [ ! -e /run/.containerenv ] || echo "container podman"
    if [ -r /proc/1/environ ]; then { tr '\n\0' ' \n' </proc/1/environ; } 2>/dev/null | sed -n 's/^container=/container /p'; fi
    say cgroup /proc/1/cgroup
    say product /sys/class/dmi/id/product_name
    say vendor /sys/class/dmi/id/sys_vendor
    say bios /sys/class/dmi/id/bios_vendor
    say tree /proc/device-tree/hypervisor/compatible
    say hypervisor /sys/hypervisor/type
    [ ! -e /proc/xen/capabilities ] || ! grep -q control_d /proc/xen/capabilities || echo "dom0 yes"
    ! grep -q -m 1 '^flags.* hypervisor' /proc/cpuinfo || echo "guest yes"
    [ ! -e /dev/kvm ] || echo "kvm yes"
    [ ! -d /sys/module/vboxdrv ] || echo "vboxdrv yes"
  `,
  parse: parseVirtualization,
  fields: {
    type: text("`kvm`, `vmware`, `xen`, `docker` and the like; null for a plain machine."),
    role: text("`guest`, or `host` for a machine that can run guests; null for neither."),
    container: text("`docker`, `podman`, `lxc` and the like; null outside of one."),
  },
};

/** What firmware says of itself, in the order in which it is believed. */
const makers: readonly (readonly [RegExp, string])[] = [
  [/vmware/i, "vmware"],
  [/virtualbox|innotek/i, "virtualbox"],
  [/parallels/i, "parallels"],
  [/bhyve/i, "bhyve"],
  [/openstack/i, "openstack"],
  [/microsoft corporation.*virtual machine|virtual machine.*microsoft corporation/i, "hyperv"],
  [/xen/i, "xen"],
  [/amazon ec2|google|digitalocean|hetzner|kvm|qemu|bochs|red hat|rhev|ovirt|alibaba|nutanix/i, "kvm"],
];

/** A container on a virtual machine is a container: that is what limits it. */
function parseVirtualization(output: string): VirtualizationFacts {
  const values = pairsOf(output);
  const container = told(values.get("container")) ?? containerOf(values.get("cgroup") ?? "");
  if (container !== null) return { type: container, role: "guest", container };
  if (values.has("dom0")) return { type: "xen", role: "host", container };
  const firmware = ["product", "vendor", "bios", "tree"].map((key) => values.get(key) ?? "").join(" ");
  const maker = values.get("hypervisor") === "xen" ? "xen" : makers.find(([words]) => words.test(firmware))?.[1];
  const isGuest = values.has("guest") || values.has("hypervisor") || /virtual|kvm|qemu|bochs|openstack|ec2|google compute|hvm/i.test(firmware);
  if (isGuest) return { type: maker ?? "unknown", role: "guest", container };
  if (values.has("kvm")) return { type: "kvm", role: "host", container };
  return values.has("vboxdrv") ? { type: "virtualbox", role: "host", container } : { type: null, role: null, container };
}

function containerOf(cgroup: string): string | null {
  return /(docker|lxc|kubepods|libpod|containerd)/.exec(cgroup)?.[1]?.replace("libpod", "podman") ?? null;
}
