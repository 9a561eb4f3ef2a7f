import type { JsonObject } from "../core/json.ts";
import { dateTime } from "./_facts_ansible_date.ts";
import { networkNames } from "./_facts_ansible_network.ts";
import { deviceOf, mountOf } from "./_facts_ansible_storage.ts";
import type { MemoryFacts } from "./_facts_machine.ts";
import type { OsFacts } from "./_facts_os.ts";
import { factFamilies, familyNames, type Facts, type FamilyName } from "./_facts_table.ts";

/**
 * Ansible's names (ansible-core, module_utils/facts) over the values of `facts`: those whose families are there. What
 * Ansible leaves out when it does not know it is null here, so that a play may name it.
 */
export function ansibleFacts(facts: Facts): JsonObject {
  return Object.assign({}, ...familyNames.map((family) => namesFrom(family, facts))) as JsonObject;
}

function namesFrom<Family extends FamilyName>(family: Family, facts: Facts): JsonObject {
  const value = facts[family];
  return value === undefined ? {} : ansibleNames[family](value as Gathered<Family>);
}

type Gathered<Family extends FamilyName> = Exclude<Facts[Family], undefined>;

/** The families behind one name below `ansible_facts`; a name that is none of the known ones may be an interface. */
export function familiesOfAnsibleFact(name: string): readonly FamilyName[] {
  return [familyNames.find((family) => ansibleNamesOf(family).includes(name)) ?? "network"];
}

/** Whether Ansible has a fact of this name on every host; those of interfaces are not among them. */
export function isAnsibleFact(name: string): boolean {
  return familyNames.some((family) => ansibleNamesOf(family).includes(name));
}

/** The names that Ansible has for one family's values; they are there whatever the host tells. */
export function ansibleNamesOf(family: FamilyName): readonly string[] {
  return Object.keys(namesFrom(family, { [family]: factFamilies[family].parse("") }));
}

/** What Ansible calls the values of one family. */
const ansibleNames: { readonly [Family in FamilyName]: (value: Gathered<Family>) => JsonObject } = {
  os: (os) => ({
    distribution: distributionOf(os),
    distribution_version: os.full_version ?? "NA",
    distribution_major_version: os.full_version?.split(".")[0] ?? "NA",
    distribution_release: os.codename ?? "NA",
    os_family: osFamilies[os.family ?? ""] ?? os.name,
    lsb: { id: distributionOf(os), codename: os.codename, release: os.version_id, major_release: os.version_id?.split(".")[0] ?? null, description: os.pretty_name },
  }),
  kernel: (kernel) => ({ system: kernel.name, kernel: kernel.release, kernel_version: kernel.version }),
  arch: (arch) => ({ architecture: arch, machine: arch }),
  hostname: (name) => ({ hostname: name?.split(".")[0] ?? null, nodename: name }),
  host: (host) => ({ fqdn: host.fqdn, domain: host.domain ?? "", machine_id: host.machine_id?.replaceAll("-", "") ?? null, uptime_seconds: host.uptime_seconds }),
  cpu: (cpu) => ({
    processor_count: cpu.sockets,
    processor_cores: Math.max(1, Math.round(cpu.cores / cpu.sockets)),
    processor_threads_per_core: cpu.threads_per_core,
    processor_vcpus: cpu.count,
    processor_nproc: cpu.count,
  }),
  memory: memoryNames,
  network: networkNames,
  disks: (disks) => ({ devices: Object.fromEntries(Object.entries(disks).map(([name, disk]) => [name, deviceOf(disk)])) }),
  mounts: (mounts) => ({ mounts: mounts.filter(({ device, type }) => type !== "none" && (device.startsWith("/") || device.includes(":/"))).map(mountOf) }),
  service_manager: (name) => ({ service_mgr: name === "none" ? "service" : name }),
  package_manager: (name) => ({ pkg_mgr: name === "none" ? "unknown" : name }),
  virtualization: ({ type, role }) => ({ virtualization_type: type?.replace("hyperv", "VirtualPC").replace("vmware", "VMware") ?? "NA", virtualization_role: role ?? "NA" }),
  user: (user) => ({
    user_id: user.name,
    user_uid: user.uid,
    user_gid: user.gid,
    user_gecos: user.gecos ?? "",
    user_dir: user.home,
    user_shell: user.shell,
    effective_user_id: user.uid,
    effective_group_id: user.gid,
    real_user_id: user.uid,
    real_group_id: user.gid,
  }),
  env: (env) => ({ env }),
  date: (date) => ({ date_time: dateTime(date) }),
  local: (local) => ({ ansible_local: local, local }),
};

/** What Ansible calls the systems; others go by the name in their os-release. */
const distributions: Readonly<Record<string, string>> = {
  almalinux: "AlmaLinux",
  alpine: "Alpine",
  amzn: "Amazon",
  arch: "Archlinux",
  centos: "CentOS",
  debian: "Debian",
  fedora: "Fedora",
  gentoo: "Gentoo",
  kali: "Kali",
  linuxmint: "Linux Mint",
  ol: "OracleLinux",
  "opensuse-leap": "openSUSE Leap",
  "opensuse-tumbleweed": "openSUSE Tumbleweed",
  raspbian: "Debian",
  rhel: "RedHat",
  rocky: "Rocky",
  sles: "SLES",
  ubuntu: "Ubuntu",
};

function distributionOf({ id, name }: OsFacts): string | null {
  return distributions[id ?? ""] ?? name;
}

const osFamilies: Readonly<Record<string, string>> = { debian: "Debian", redhat: "RedHat", suse: "Suse", arch: "Archlinux", alpine: "Alpine", gentoo: "Gentoo" };

function memoryNames(memory: MemoryFacts): JsonObject {
  const megabytes = (bytes: number | null) => (bytes === null ? null : Math.floor(bytes / 1024 / 1024));
  const { total, free, buffers, cached, swap_total: swapTotal, swap_free: swapFree } = memory;
  const used = (all: number | null, rest: number | null) => (all === null || rest === null ? null : all - rest);
  const idle = free === null ? null : free + (buffers ?? 0) + (cached ?? 0);
  return {
    memtotal_mb: megabytes(total),
    memfree_mb: megabytes(free),
    swaptotal_mb: megabytes(swapTotal),
    swapfree_mb: megabytes(swapFree),
    memory_mb: {
      real: { total: megabytes(total), used: megabytes(used(total, free)), free: megabytes(free) },
      nocache: { free: megabytes(idle), used: megabytes(used(total, idle)) },
      swap: { total: megabytes(swapTotal), free: megabytes(swapFree), used: megabytes(used(swapTotal, swapFree)) },
    },
  };
}
