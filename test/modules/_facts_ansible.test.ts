import { ansibleFacts, ansibleNamesOf, familiesOfAnsibleFact, isAnsibleFact } from "../../src/modules/_facts_ansible.ts";
import { factFamilies, familyNames, type Facts } from "../../src/modules/_facts_table.ts";

const os = (id: string, more: object = {}) => ({ ...factFamilies.os.parse(""), id, name: "Some Linux", ...more });

test.each<[string, object, object]>([
  ["Debian", os("debian", { version_id: "12", full_version: "12.5", codename: "bookworm", family: "debian" }), { distribution: "Debian", distribution_version: "12.5", distribution_major_version: "12", distribution_release: "bookworm", os_family: "Debian" }],
  ["Ubuntu", os("ubuntu", { version_id: "22.04", full_version: "22.04", codename: "jammy", family: "debian" }), { distribution: "Ubuntu", distribution_version: "22.04", distribution_major_version: "22", os_family: "Debian" }],
  ["Red Hat", os("rhel", { full_version: "9.3", family: "redhat" }), { distribution: "RedHat", os_family: "RedHat" }],
  ["SLES", os("sles", { full_version: "15.5", family: "suse" }), { distribution: "SLES", distribution_major_version: "15", os_family: "Suse" }],
  ["Arch, which has no version", os("arch", { family: "arch" }), { distribution: "Archlinux", distribution_version: "NA", distribution_release: "NA", os_family: "Archlinux" }],
  ["one that Ansible has no name of its own for", os("x", { family: "x" }), { distribution: "Some Linux", os_family: "Some Linux" }],
])("distribution: %s", (_, value, expected) => {
  expect(ansibleFacts({ os: value } as Facts)).toMatchObject(expected);
});

test("only what was gathered is named", () => {
  expect(ansibleFacts({ arch: "x86_64" })).toEqual({ architecture: "x86_64", machine: "x86_64" });
  expect(ansibleFacts({})).toEqual({});
});

test("the network: an entry for each interface, and the net around the address", () => {
  const network = factFamilies.network.parse(
    "interface eth0 1500 up 1 - 52:54:00:12:34:56\ninterface br-lan 1500 down 1 bridge 02:42:00:00:00:01\ninterface lo 65536 unknown 772 - -\ninet6 fe800000000000000000000000000001 02 40 20 80 eth0\n" +
      "ip 2: eth0    inet 10.0.2.15/23 scope global eth0\nip 2: eth0    inet 10.9.0.1/32 scope global eth0\nip 1: lo    inet 127.0.0.1/8 scope host lo\nroute4 8.8.8.8 via 10.0.2.2 dev eth0 src 10.0.2.15\n",
  );
  const facts = ansibleFacts({ network });
  expect(facts["default_ipv4"]).toEqual({ address: "10.0.2.15", interface: "eth0", gateway: "10.0.2.2", netmask: "255.255.254.0", network: "10.0.2.0", broadcast: "10.0.3.255", prefix: "23", macaddress: "52:54:00:12:34:56", mtu: 1500, type: "ether" });
  expect(facts).toMatchObject({
    interfaces: ["eth0", "br-lan", "lo"],
    all_ipv4_addresses: ["10.0.2.15", "10.9.0.1"],
    all_ipv6_addresses: ["fe80::1"],
    eth0: { device: "eth0", active: true, ipv4: { address: "10.0.2.15", netmask: "255.255.254.0" }, ipv4_secondaries: [{ address: "10.9.0.1", netmask: "255.255.255.255", network: "10.9.0.1" }], ipv6: [{ address: "fe80::1", prefix: "64", scope: "link" }] },
    br_lan: { device: "br-lan", type: "bridge", active: false },
    lo: { active: true, type: "loopback" },
  });
});

test("no way out leaves the names, and null behind them", () => {
  const { default_ipv4 } = ansibleFacts({ network: factFamilies.network.parse("") });
  expect(default_ipv4).toMatchObject({ address: null, interface: null, netmask: null });
});

test("memory is in whole megabytes", () => {
  const memory = factFamilies.memory.parse("MemTotal:  2048000 kB\nMemFree: 1024000 kB\nBuffers: 1024 kB\nCached: 2048 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n");
  expect(ansibleFacts({ memory })).toMatchObject({ memtotal_mb: 2000, memfree_mb: 1000, swaptotal_mb: 0, memory_mb: { real: { used: 1000 }, nocache: { free: 1003, used: 997 } } });
});

test("processors are counted in sockets, cores of one socket, and threads", () => {
  const cpu = factFamilies.cpu.parse("thread 0 0\nthread 0 0\nthread 0 1\nthread 0 1\nthread 1 0\nthread 1 0\nthread 1 1\nthread 1 1\n");
  expect(ansibleFacts({ cpu })).toEqual({ processor_count: 2, processor_cores: 2, processor_threads_per_core: 2, processor_vcpus: 8, processor_nproc: 8 });
});

test("disks and mounts, as text where Ansible has text", () => {
  const disks = factFamilies.disks.parse("disk sda 41943040 0 1\npart sda sda1 2097152 2048\n");
  const mounts = factFamilies.mounts.parse("mount /dev/sda1 / ext4 rw,relatime 0 0\nsized /\nmount proc /proc proc rw 0 0\nsize 4096 100 50 40 1000 900\n");
  expect(ansibleFacts({ disks, mounts })).toMatchObject({
    devices: { sda: { size: "20.00 GB", sectors: "41943040", sectorsize: "512", removable: "0", rotational: "1", partitions: { sda1: { size: "1.00 GB", start: "2048" } } } },
    mounts: [{ mount: "/", device: "/dev/sda1", fstype: "ext4", options: "rw,relatime", size_total: 409600, size_available: 163840, block_used: 60, inode_used: 100 }],
  });
});

test("date_time has its zeros, and says what is UTC", () => {
  const date = factFamilies.date.parse("1709280309 2024 03 01 09 05 09 Friday 5 +0100 CET\n");
  expect(ansibleFacts({ date })["date_time"]).toEqual({
    year: "2024",
    month: "03",
    day: "01",
    hour: "09",
    minute: "05",
    second: "09",
    weekday: "Friday",
    weekday_number: "5",
    weeknumber: "09",
    date: "2024-03-01",
    time: "09:05:09",
    epoch: "1709280309",
    epoch_int: "1709280309",
    iso8601: "2024-03-01T08:05:09Z",
    iso8601_micro: "2024-03-01T08:05:09.000000Z",
    iso8601_basic: "20240301T090509000000",
    iso8601_basic_short: "20240301T090509",
    tz: "CET",
    tz_offset: "+0100",
  });
});

test.each<[string, string, string]>([
  ["2024-01-01, a Monday", "1704067200 2024 01 01 00 00 00 Monday 1 +0000 UTC", "01"],
  ["2023-01-01, a Sunday", "1672531200 2023 01 01 00 00 00 Sunday 0 +0000 UTC", "00"],
  ["2023-12-31, a Sunday", "1703980800 2023 12 31 00 00 00 Sunday 0 +0000 UTC", "52"],
])("the week of %s", (_, line, week) => {
  expect(ansibleFacts({ date: factFamilies.date.parse(line) })["date_time"]).toMatchObject({ weeknumber: week });
});

test("each of Ansible's names belongs to one family, and leads back to it", () => {
  const names = familyNames.flatMap((family) => ansibleNamesOf(family).map((name) => [name, family] as const));
  expect(new Set(names.map(([name]) => name)).size).toBe(names.length);
  for (const [name, family] of names) expect([name, familiesOfAnsibleFact(name)]).toEqual([name, [family]]);
});

test("what is no fact of every host may be an interface", () => {
  expect(familiesOfAnsibleFact("enp0s3")).toEqual(["network"]);
  expect(isAnsibleFact("enp0s3")).toBe(false);
  expect(isAnsibleFact("distribution")).toBe(true);
});
