import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { joinScripts, sh } from "../../src/core/sh.ts";
import { factMistake, factScript, familiesOf, parseFacts } from "../../src/modules/_facts.ts";
import type { FactFamily } from "../../src/modules/_facts_family.ts";
import { localFrom } from "../../src/modules/_facts_local.ts";
import { cpu, virtualization } from "../../src/modules/_facts_machine.ts";
import { network } from "../../src/modules/_facts_network.ts";
import { host, os } from "../../src/modules/_facts_os.ts";
import { disks, mounts } from "../../src/modules/_facts_storage.ts";
import { date, env } from "../../src/modules/_facts_system.ts";
import { factFamilies, familyNames } from "../../src/modules/_facts_table.ts";
import { syntaxErrors } from "./_planner.ts";
import { answerOf, shells } from "./_shells.ts";

describe("the families that a reference needs", () => {
  test.each<[string, readonly string[]]>([
    ["facts.os.id", ["os"]],
    ["facts.arch", ["arch"]],
    ["facts.nothing", []],
    ["facts.toString", []],
    ["facts", familyNames],
    ["ansible_facts", familyNames],
    ["ansible_facts.distribution", ["os"]],
    ["ansible_facts.default_ipv4.address", ["network"]],
    ["ansible_facts.eth0.ipv4", ["network"]],
    ["ansible_facts.ansible_local.app", ["local"]],
    ["ansible_distribution", ["os"]],
    ["ansible_date_time.iso8601", ["date"]],
    ["ansible_local.app", ["local"]],
    ["ansible_host", []],
    ["ansible_user", []],
    ["ansible_check_mode", []],
    ["port", []],
  ])("%s", (path, families) => {
    expect(familiesOf(path.split("."))).toEqual(families);
  });
});

test.each<[string, object | undefined]>([
  ["facts.os.idd", { message: 'facts.os has no "idd"', meant: "id" }],
  ["facts.sos", { message: 'facts has no "sos"', meant: "os" }],
  ["facts.network.default_ipv4.adress", { message: 'facts.network.default_ipv4 has no "adress"', meant: "address" }],
  ["facts.arch.bits", { message: 'facts.arch has no "bits"', known: [] }],
  ["facts.os.constructor", { message: 'facts.os has no "constructor"' }],
  ["facts.network.interfaces.eth7.mac", undefined],
  ["facts.disks.sda.size", undefined],
  ["facts.mounts", undefined],
  ["facts.local.app.version", undefined],
  ["facts", undefined],
  ["other.os.idd", undefined],
])("what is wrong with %s is known beforehand, as far as the host has no say in it", (path, mistake) => {
  expect(factMistake(path.split("."))).toEqual(mistake === undefined ? undefined : expect.objectContaining(mistake));
});

const debian = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
/etc/debian_version=12.5
`;
const ubuntu = `NAME="Ubuntu"\nVERSION="22.04.3 LTS (Jammy Jellyfish)"\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\nID=ubuntu\nID_LIKE=debian\n/etc/debian_version=bookworm/sid\n`;
const rocky = `NAME="Rocky Linux"\nVERSION="9.3 (Blue Onyx)"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"\n/etc/redhat-release=Rocky Linux release 9.3 (Blue Onyx)\n`;
const centos = `NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"\n/etc/centos-release=CentOS Linux release 7.9.2009 (Core)\n`;
const old = `/etc/redhat-release=Red Hat Enterprise Linux Server release 6.10 (Santiago)\n`;
const alpine = `NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.19.1\nPRETTY_NAME="Alpine Linux v3.19"\n`;
const leap = `NAME="openSUSE Leap"\nID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.5"\n`;

test.each<[string, string, object]>([
  ["Debian", debian, { id: "debian", id_like: [], version_id: "12", full_version: "12.5", codename: "bookworm", family: "debian", version: "12 (bookworm)" }],
  ["Ubuntu", ubuntu, { id: "ubuntu", version_id: "22.04", full_version: "22.04", codename: "jammy", family: "debian" }],
  ["Rocky", rocky, { id: "rocky", id_like: ["rhel", "centos", "fedora"], full_version: "9.3", codename: "Blue Onyx", family: "redhat" }],
  ["CentOS 7", centos, { id: "centos", version_id: "7", full_version: "7.9.2009", family: "redhat" }],
  ["a system before os-release", old, { id: "rhel", name: "Red Hat Enterprise Linux Server", version_id: "6.10", codename: "Santiago", family: "redhat" }],
  ["Alpine", alpine, { id: "alpine", full_version: "3.19.1", codename: null, family: "alpine" }],
  ["openSUSE", leap, { id: "opensuse-leap", family: "suse" }],
  ["quotes and comments", `# ID=no\nID='x'\nNAME="a \\"b\\" \\$c"\n`, { id: "x", name: 'a "b" $c', family: "x" }],
  ["nothing", "", { id: null, id_like: [], version_id: null, family: null }],
])("os: %s", (_, output, expected) => {
  expect(os.parse(output)).toMatchObject(expected);
});

test.each<[string, string, object]>([
  ["hyper-threads", "thread 0 0\nthread 0 0\nthread 0 1\nthread 0 1\nlisted 4\nmodel name\t: Some CPU @ 2 GHz\nflags\t\t: fpu aes\n", { count: 4, cores: 2, sockets: 1, threads_per_core: 2, model: "Some CPU @ 2 GHz", flags: ["fpu", "aes"] }],
  ["two sockets", "thread 0 0\nthread 0 1\nthread 1 0\nthread 1 1\nlisted 4\n", { count: 4, cores: 4, sockets: 2, threads_per_core: 1 }],
  ["a board without topology", "listed 4\nHardware\t: BCM2835\nFeatures\t: fp asimd\n", { count: 4, cores: 4, sockets: 1, model: "BCM2835", flags: ["fp", "asimd"] }],
  ["nothing", "", { count: 1, cores: 1, sockets: 1, threads_per_core: 1, model: null, flags: [] }],
])("cpu: %s", (_, output, expected) => {
  expect(cpu.parse(output)).toMatchObject(expected);
});

test.each<[string, string, object]>([
  ["KVM", "product Standard PC (Q35 + ICH9, 2009)\nvendor QEMU\nbios SeaBIOS\nguest yes\n", { type: "kvm", role: "guest", container: null }],
  ["VMware", "product VMware Virtual Platform\nvendor VMware, Inc.\nguest yes\n", { type: "vmware", role: "guest" }],
  ["Hyper-V", "product Virtual Machine\nvendor Microsoft Corporation\nguest yes\n", { type: "hyperv", role: "guest" }],
  ["Xen", "hypervisor xen\nproduct HVM domU\nvendor Xen\n", { type: "xen", role: "guest" }],
  ["a container on a virtual machine", "container docker\nvendor QEMU\nguest yes\n", { type: "docker", role: "guest", container: "docker" }],
  ["a pod, by its cgroup", "cgroup 12:pids:/kubepods/besteffort/pod1\n", { type: "kubepods", container: "kubepods" }],
  ["a machine that can run guests", "product PowerEdge R740\nvendor Dell Inc.\nkvm yes\n", { type: "kvm", role: "host" }],
  ["a plain machine", "product ThinkPad\nvendor LENOVO\n", { type: null, role: null, container: null }],
])("virtualization: %s", (_, output, expected) => {
  expect(virtualization.parse(output)).toMatchObject(expected);
});

const links = "interface eth0 1500 up 1 - 52:54:00:12:34:56\ninterface lo 65536 unknown 772 - 00:00:00:00:00:00\ninterface br-1 1500 down 1 bridge 02:42:00:00:00:01\n";
const six = "inet6 00000000000000000000000000000001 01 80 10 80       lo\ninet6 fe800000000000000000000000000001 02 40 20 80     eth0\ninet6 20010db8000000010000000000000a0b 02 40 00 80     eth0\n";
const four = { interface: "eth0", address: "10.0.2.15", gateway: "10.0.2.2", prefix: 24 };
const table = "table4 Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\ntable4 eth0\t00000000\t0202000A\t0003\t0\t0\t0\t00000000\ntable4 eth0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\n";

describe("network", () => {
  test.each<[string, string]>([
    ["ip", "ip 1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever\nip 2: eth0    inet 10.0.2.15/24 brd 10.0.2.255 scope global dynamic eth0\nroute4 8.8.8.8 via 10.0.2.2 dev eth0 src 10.0.2.15 uid 0 \n"],
    ["busybox ifconfig", `ifconfig eth0      Link encap:Ethernet  HWaddr 52:54:00:12:34:56\nifconfig           inet addr:10.0.2.15  Bcast:10.0.2.255  Mask:255.255.255.0\nifconfig \nifconfig lo        Link encap:Local Loopback\nifconfig           inet addr:127.0.0.1  Mask:255.0.0.0\n${table}`],
    ["ifconfig of net-tools", `ifconfig eth0: flags=4163<UP,BROADCAST>  mtu 1500\nifconfig         inet 10.0.2.15  netmask 255.255.255.0  broadcast 10.0.2.255\nifconfig \nifconfig lo: flags=73<UP>  mtu 65536\nifconfig         inet 127.0.0.1  netmask 255.0.0.0\n${table}`],
  ])("as %s tells it", (_, addresses) => {
    expect(network.parse(links + six + addresses)).toEqual({
      interfaces: {
        eth0: { mac: "52:54:00:12:34:56", mtu: 1500, state: "up", type: "ether", ipv4: [{ address: "10.0.2.15", prefix: 24 }], ipv6: [{ address: "fe80::1", prefix: 64 }, { address: "2001:db8:0:1::a0b", prefix: 64 }] },
        lo: { mac: null, mtu: 65536, state: "unknown", type: "loopback", ipv4: [{ address: "127.0.0.1", prefix: 8 }], ipv6: [{ address: "::1", prefix: 128 }] },
        "br-1": { mac: "02:42:00:00:00:01", mtu: 1500, state: "down", type: "bridge", ipv4: [], ipv6: [] },
      },
      default_ipv4: four,
      default_ipv6: { address: null, interface: null, gateway: null, prefix: null },
      addresses: ["10.0.2.15", "2001:db8:0:1::a0b"],
    });
  });

  test.each<[string, string]>([
    ["00000000000000000000000000000000", "::"],
    ["fd000000000000000000000000000002", "fd00::2"],
    ["20010db8000000000001000000000001", "2001:db8::1:0:0:1"],
    ["20010db8000100020003000400050006", "2001:db8:1:2:3:4:5:6"],
    ["20010db8000000020003000400050000", "2001:db8:0:2:3:4:5:0"],
    ["00010002000300040005000600000000", "1:2:3:4:5:6::"],
  ])("the address %s is %s (RFC 5952)", (digits, address) => {
    const { interfaces } = network.parse(`${links}inet6 ${digits} 02 40 00 80 eth0\n`);
    expect(interfaces["eth0"]?.ipv6).toEqual([{ address, prefix: 64 }]);
  });

  test.each(["unreachable default dev lo table unspec", "8.8.8.8 dev lo src 127.0.0.1"])("no way out: %s", (line) => {
    expect(network.parse(`${links}route4 ${line}\n`).default_ipv4.interface).toBeNull();
  });
});

test("disks have their sizes in bytes, and their partitions", () => {
  expect(disks.parse("disk sda 4194304 0 1\nmodel sda QEMU HARDDISK   \nvendor sda ATA     \npart sda sda1 2097152 2048\ndisk cciss!c0d0 - - -\n")).toEqual({
    sda: { size: 2147483648, removable: false, rotational: true, model: "QEMU HARDDISK", vendor: "ATA", mapper_name: null, partitions: { sda1: { size: 1073741824, start: 1048576 } } },
    "cciss/c0d0": { size: null, removable: false, rotational: false, model: null, vendor: null, mapper_name: null, partitions: {} },
  });
});

test("mounts: sizes go to the filesystems that were asked, in their order", () => {
  const output = "mount /dev/sda1 / ext4 rw,relatime 0 0\nsized /\nmount srv:/x /mnt/a\\040b nfs4 rw 0 0\nmount tmpfs /run tmpfs rw,size=1k 0 0\nsized /run\nsize 4096 100 50 40 1000 900\nsize\n";
  expect(mounts.parse(output)).toEqual([
    { device: "/dev/sda1", path: "/", type: "ext4", options: ["rw", "relatime"], size: 409600, free: 204800, available: 163840, block_size: 4096, inodes: 1000, inodes_free: 900 },
    expect.objectContaining({ device: "srv:/x", path: "/mnt/a b", type: "nfs4", size: null }),
    expect.objectContaining({ path: "/run", options: ["rw", "size=1k"], size: null }),
  ]);
});

test("date: numbers without their zeros, and ISO 8601 with its offset", () => {
  expect(date.parse("1709280309 2024 03 01 09 05 09 Friday 5 +0100 CET\n")).toEqual({
    iso: "2024-03-01T09:05:09+01:00",
    epoch: 1709280309,
    year: 2024,
    month: 3,
    day: 1,
    hour: 9,
    minute: 5,
    second: 9,
    weekday: "Friday",
    weekday_number: 5,
    tz: "CET",
    tz_offset: "+0100",
  });
});

test("env: a value with a newline is one value", () => {
  expect(env.parse("A=1\u00012=3\nB=\nC=x=y\n")).toEqual({ A: "1\n2=3", B: "", C: "x=y" });
});

test("host: the domain is what stands behind the first dot", () => {
  expect(host.parse("name db1\nfqdn db1.example.com\nuptime 71.93 120.1\n")).toMatchObject({ name: "db1", fqdn: "db1.example.com", domain: "example.com", uptime_seconds: 71, machine_id: null });
  expect(host.parse("name db1\n")).toMatchObject({ fqdn: "db1", domain: null });
});

describe.each(familyNames.map((name) => [name, factFamilies[name] as FactFamily] as const))("the family %s", (_, family) => {
  test("has every documented name, even when the host tells nothing", () => {
    const value = family.parse("");
    const known = Object.keys(family.fields);
    if (known.length > 0) expect(Object.keys(value as object).sort()).toEqual(known.sort());
  });

  test("says what it is", () => {
    expect(family.summary).toMatch(/^[A-Z].+\.$/);
    for (const { words } of Object.values({ ...family.fields, ...family.each })) expect(words).toMatch(/^[A-Z0-9`].*\.$/);
  });
});

describe.each(shells)("on this machine, under %s", (_, shell) => {
  const { stdout, stderr, code } = answerOf(shell, factScript(familyNames));
  const facts = parseFacts(stdout, familyNames);

  test("every family is gathered in one script, without a word of complaint", () => {
    expect({ code, complaints: stderr.replace(/^.*\/proc\/1\/environ.*\n/m, "") }).toEqual({ code: 0, complaints: "" });
    expect(Object.keys(facts)).toEqual(familyNames);
  });

  test("they are this machine's", () => {
    const said = (command: string) => answerOf(shell, joinScripts([sh`export LC_ALL=C`, { kind: "script", text: command }])).stdout.trim();
    expect(facts).toMatchObject({ arch: said("uname -m"), hostname: said("uname -n"), kernel: { name: "Linux", release: said("uname -r") }, user: { uid: process.getuid!() } });
    expect(facts.cpu?.count).toBeGreaterThan(0);
    expect(facts.memory?.total).toBeGreaterThan(0);
    expect(facts.network?.interfaces).toMatchObject({ lo: { type: "loopback" } });
    expect(facts.mounts?.some(({ path, size }) => path === "/" && size !== null)).toBe(true);
    expect(facts.env).toHaveProperty("PATH");
  });

  test("own facts: programs, files, and what is wrong with one", () => {
    const places = [mkdtempSync(join(tmpdir(), "bowline-facts-")), mkdtempSync(join(tmpdir(), "bowline-facts-"))] as const;
    const put = (place: string, name: string, text: string, mode = 0o644) => {
      writeFileSync(join(place, name), text);
      chmodSync(join(place, name), mode);
    };
    try {
      put(places[0], "app.fact", '{"version": "1"}');
      put(places[1], "app.json", '{"version": "2", "tags": ["a"]}');
      put(places[1], "ini.fact", "; words\n[general]\nName = a b\nempty =\n[__proto__]\nx: 1\n");
      put(places[1], "prog.fact", "#!/bin/sh\necho '[1, 2]'\n", 0o755);
      put(places[1], "bad.fact", "#!/bin/sh\nexit 3\n", 0o755);
      put(places[1], "prose.fact", "just words\n");
      put(places[1], "forged.fact", '"a"\n\nfact app\n|{}\n|0\n');
      put(places[1], "odd\nfact app.fact", "{}");
      put(places[1], "not-run.sh", "exit 1");
      const family = localFrom(places);
      const value = family.parse(answerOf(shell, family.script).stdout);
      expect(value).toEqual({
        app: { version: "2", tags: ["a"] },
        ini: { general: { name: "a b", empty: "" }, ["__proto__"]: { x: "1" } },
        prog: [1, 2],
        bad: { error: "it ended with exit code 3" },
        prose: { error: "it is neither JSON nor INI" },
        forged: { error: "it is neither JSON nor INI" },
      });
      expect(({} as { x?: string }).x).toBeUndefined();
    } finally {
      for (const place of places) rmSync(place, { recursive: true });
    }
  });
});

test("every shell can read the scripts", () => {
  expect(syntaxErrors([factScript(familyNames)])).toEqual([]);
});
