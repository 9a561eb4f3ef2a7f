import { jest } from "@jest/globals";
import { quote } from "../../../src/core/sh.ts";
import { ip } from "../../../src/modules/ip.ts";
import { eventually } from "../process.ts";
import { openLab, type Lab, type Machine } from "../lab.ts";
import { drive, type Driven } from "./harness.ts";
import type { IpSeen } from "../../../src/modules/_ip_seen.ts";

jest.setTimeout(300_000);

let lab: Lab;
let first: Machine;
let second: Machine;
let task: Driven<IpSeen>;

beforeAll(async () => {
  lab = await openLab();
  ({ first, second } = await lab.pair());
  task = drive(first, ip);
  // The kernel asks around for a second or two whether anybody has the addresses that it gave the devices itself.
  await eventually("addresses that are settled", 60_000, async () => ((await first.must("ip -o addr show tentative")) === "" ? true : undefined));
}, 300_000);

afterAll(() => lab?.close());

const free = { address: "192.168.77.50", dev: "eth1" };
const addresses = (machine: Machine) => machine.must("ip -o addr | grep -v ' fe80:' | sed 's/valid_lft.*//'");

async function unchanged(work: () => Promise<unknown>): Promise<void> {
  const before = await addresses(first);
  await work();
  expect(await addresses(first)).toBe(before);
}

test("a free address: predicted, added with the device's netmask, reached by the neighbour, nothing to do the second time, undone", async () => {
  const before = await addresses(first);
  const predicted = await task.check(free);
  expect(predicted).toEqual(["add 192.168.77.50/24 to eth1"]);
  expect(await addresses(first)).toBe(before);
  const { changes, remarks, undo } = await task.converge(free);
  expect([changes, remarks]).toEqual([predicted, []]);
  expect(await addresses(first)).toContain("inet 192.168.77.50/24 brd 192.168.77.255 scope global secondary eth1");
  await second.must("ping -c 1 -W 2 192.168.77.50");
  expect(await task.state(free)).toEqual({ state: "up", label: "192.168.77.50@eth1", remarks: [] });
  expect((await task.converge(free)).changes).toEqual([]);
  await undo();
  expect(await addresses(first)).toBe(before);
});

test("the gratuitous ARP, and nothing else, corrects a neighbour that still has the old MAC", async () => {
  const remembered = () => second.must("ip neigh show 192.168.77.50");
  await second.must("ip neigh replace 192.168.77.50 lladdr 52:54:00:77:00:99 dev eth1 nud stale");
  const { undo } = await task.converge({ ...free, announce: 0 });
  expect(await remembered()).toContain("52:54:00:77:00:99");
  await undo();
  await task.converge(free);
  expect(await remembered()).toContain("52:54:00:77:00:11");
  await task.converge(task.down(free));
});

test("a name that the host resolves: up; down: predicted, removed, nothing to do the second time, undone", async () => {
  const named = { address: "registry.example.com", dev: "eth0" };
  await task.converge(named);
  const up = await addresses(first);
  expect(up).toContain("inet 10.0.2.71/24");
  expect((await task.converge(named)).changes).toEqual([]);
  expect(await task.check(task.down(named))).toEqual(["remove 10.0.2.71/24 from eth0"]);
  expect(await addresses(first)).toBe(up);
  const { changes, undo } = await task.converge(task.down(named));
  expect(changes).toEqual(["remove 10.0.2.71/24 from eth0"]);
  expect((await task.converge(task.down(named))).changes).toEqual([]);
  expect(await task.state(named)).toEqual({ state: "down", label: "registry.example.com@eth0", remarks: [] });
  await undo();
  expect(await addresses(first)).toBe(up);
  await first.must("ip addr del 10.0.2.71/24 dev eth0");
});

test("a name that leads nowhere is refused, up and down, and a warning in the status", async () => {
  const nowhere = { address: "nowhere.invalid", dev: "eth0" };
  const refused = { code: "E_REFUSED", message: "could not resolve nowhere.invalid on this host" };
  expect(await task.refusal(nowhere)).toMatchObject(refused);
  expect(await task.refusal(task.down(nowhere))).toMatchObject(refused);
  expect(await task.state(nowhere)).toMatchObject({ state: "warn", remarks: ["could not resolve nowhere.invalid on this host"] });
});

test("an address that the host itself does not reach is removed again", async () => {
  await first.must("iptables -A OUTPUT -d 192.168.77.50 -p icmp -j DROP");
  await unchanged(async () => {
    const { code, stderr } = await task.failure(free);
    expect([code, stderr]).toEqual([1, "the host does not reach its own address 192.168.77.50 by ping; it was removed again\n"]);
  });
  await first.must("iptables -D OUTPUT -d 192.168.77.50 -p icmp -j DROP");
});

test("on the loopback device the address stands alone, since the mask of 127.0.0.1 would take a whole net", async () => {
  const alone = { address: "192.0.2.7", dev: "lo" };
  const { changes, undo } = await task.converge(alone);
  expect(changes).toEqual(["add 192.0.2.7/32 to lo"]);
  await undo();
});

describe("a device that cannot carry the address", () => {
  test("missing", async () => {
    expect(await task.refusal({ ...free, dev: "eth7" })).toMatchObject({ message: "device eth7 does not exist", seen: "devices with addresses: lo, eth0, eth1" });
    expect(await task.state({ ...free, dev: "eth7" })).toMatchObject({ state: "down", remarks: ["device eth7 does not exist"] });
  });

  test("down", async () => {
    await first.must("ip addr add 192.168.77.50/24 dev eth1; ip link set dev eth1 down");
    expect(await task.refusal({ ...free, address: "192.168.77.51" })).toMatchObject({ message: "device eth1 is not up" });
    const { changes, remarks } = await task.converge(task.down(free));
    expect(changes).toEqual(["remove 192.168.77.50/24 from eth1"]);
    expect(remarks).toEqual(["nobody was asked whether another host has 192.168.77.50, since eth1 is not up"]);
    await first.must("ip link set dev eth1 up; until ip -o link show eth1 | grep -q LOWER_UP; do sleep 0.1; done");
  });

  test("no carrier", async () => {
    await first.link(false, "eth1");
    await first.must("until ip -o link show eth1 | grep -q NO-CARRIER; do sleep 0.1; done");
    await unchanged(async () => expect(await task.refusal(free)).toMatchObject({ message: "device eth1 has no carrier" }));
    await first.link(true, "eth1");
    await first.must("until ip -o link show eth1 | grep -q LOWER_UP; do sleep 0.1; done");
  });
});

describe("an address that another host has", () => {
  beforeAll(() => second.must("ip addr add 192.168.77.60/24 dev eth1"));
  afterAll(() => second.must("ip addr del 192.168.77.60/24 dev eth1"));
  const taken = { address: "192.168.77.60", dev: "eth1" };
  const refusal = { code: "E_REFUSED", message: "192.168.77.60 is up on another host", seen: "answered for by 52:54:00:77:00:12 (ARP on eth1)" };

  test("is refused, and nothing changed", async () => {
    await unchanged(async () => expect(await task.refusal(taken)).toMatchObject(refusal));
    expect(await task.state(taken)).toMatchObject({ state: "down", remarks: ["another host has it: 52:54:00:77:00:12 (ARP on eth1)"] });
  });

  test("is refused when the other one drops ICMP", async () => {
    await second.must("iptables -A INPUT -p icmp -j DROP");
    await unchanged(async () => expect(await task.refusal(taken)).toMatchObject(refusal));
    await second.must("iptables -D INPUT -p icmp -j DROP");
  });

  test("is refused by ping alone", async () => {
    expect(await task.refusal({ ...taken, arp: false })).toMatchObject({ seen: "answered for by a host that answers ping" });
  });

  test("is refused with busybox's arping, which also tells that an address is free, and announces it", async () => {
    await first.must("ln -s /bin/busybox /usr/local/bin/arping");
    expect(await first.must("arping 2>&1 | head -n 1; true")).toContain("BusyBox");
    expect(await task.refusal(taken)).toMatchObject(refusal);
    const { remarks, undo } = await task.converge(free);
    expect(remarks).toEqual([]);
    await undo();
    await first.must("rm /usr/local/bin/arping");
  });

  test("is added with takeover, and cannot be taken down silently while the other one answers", async () => {
    await task.converge({ ...taken, takeover: true });
    const { code, stderr } = await task.failure({ ...taken, state: "down" });
    expect(code).toBe(1);
    expect(stderr).toContain("192.168.77.60 was removed from eth1, but it is still answered for by 52:54:00:77:00:12 (ARP on eth1)");
    expect(await addresses(first)).not.toContain("192.168.77.60");
  });

  test.each([
    [true, "52:54:00:77:00:12 (ARP on eth1)"],
    [false, "a host that answers ping"],
  ])("is refused by the step when it came up after the observation; asked by ARP: %s", async (arp, who) => {
    const [change] = ip.plan({ ...defaults, ...free, arp }, await task.observe({ ...free, arp }));
    await second.must("ip addr add 192.168.77.50/24 dev eth1");
    const steps = change!.steps as readonly { script: { text: string } }[];
    const answer = await first.exec(steps[0]!.script.text);
    await second.must("ip addr del 192.168.77.50/24 dev eth1");
    expect(answer).toMatchObject({ code: 1, stderr: `192.168.77.50 is answered for by ${who}; nothing was changed\n` });
    expect(await addresses(first)).not.toContain("192.168.77.50");
  });
});

const defaults = { state: "up", arp: true, ping: true, announce: 1, carrier: true, takeover: false } as const;

describe("IPv6", () => {
  const v6 = { address: "fd00:77::0:50", dev: "eth1", netmask: 64 };
  beforeAll(async () => {
    await first.must("ip addr add fd00:77::11/64 dev eth1 nodad");
    await second.must("ip addr add fd00:77::12/64 dev eth1 nodad; ip addr add fd00:77::60/64 dev eth1 nodad");
  });

  test("duplicate address detection has ended when the address is reported as up", async () => {
    const before = await addresses(first);
    const { undo } = await task.converge(v6);
    expect(await first.must("ip -o -6 addr show dev eth1")).toMatch(/fd00:77::50\/64 scope global \\/);
    expect(await task.state(v6)).toMatchObject({ state: "up", remarks: [] });
    expect(await task.check(v6)).toEqual([]);
    const wider = { ...v6, netmask: 80 };
    const resized = await task.converge(wider);
    expect(resized.changes).toEqual(["change the netmask of fd00:77::50 on eth1 from 64 to 80"]);
    expect(await task.state(wider)).toMatchObject({ state: "up", remarks: [] });
    expect(await resized.undo()).toEqual(resized.before);
    await undo();
    expect(await addresses(first)).toBe(before);
  });

  test("another host's address is refused by ping, and removed again when only duplicate address detection sees it", async () => {
    const taken = { ...v6, address: "fd00:77::60" };
    await unchanged(async () => expect(await task.refusal(taken)).toMatchObject({ message: "fd00:77::60 is up on another host" }));
    await unchanged(async () => expect((await task.failure({ ...taken, ping: false })).stderr).toBe("another host on the link has fd00:77::60 (duplicate address detection); it was removed again\n"));
  });
});

describe("what is there already, but otherwise", () => {
  test("another netmask is changed, and changed back", async () => {
    await task.converge(free);
    const before = await addresses(first);
    const { changes, undo } = await task.converge({ ...free, netmask: "255.255.255.224" });
    expect(changes).toEqual(["change the netmask of 192.168.77.50 on eth1 from 24 to 27"]);
    expect(await addresses(first)).toContain("192.168.77.50/27");
    expect(await task.state(free)).toMatchObject({ state: "up" });
    expect(await task.state({ ...free, netmask: 24 })).toMatchObject({ state: "warn", remarks: ["its netmask is 27, not 24"] });
    await undo();
    expect(await addresses(first)).toBe(before);
    expect((await task.converge(free)).changes).toEqual([]);
  });

  test("another device is refused, up and down", async () => {
    await unchanged(async () => {
      expect(await task.refusal({ ...free, dev: "eth0" })).toMatchObject({ message: "192.168.77.50 is on eth1 already", seen: "192.168.77.50/24" });
      expect(await task.refusal({ ...free, dev: "eth0", state: "down" })).toMatchObject({ message: "192.168.77.50 is on eth1, not on eth0" });
    });
    expect(await task.state({ ...free, dev: "eth0" })).toMatchObject({ state: "warn", remarks: ["it is on eth1, not on eth0"] });
  });

  test("a primary address that would take others with it is not removed, unless the kernel promotes them", async () => {
    const primary = { address: "192.168.77.11", dev: "eth1", state: "down" };
    await first.must("sysctl -w net.ipv4.conf.all.promote_secondaries=0 net.ipv4.conf.eth1.promote_secondaries=0");
    await unchanged(async () => expect(await task.refusal(primary)).toMatchObject({ message: "removing 192.168.77.11 would remove 192.168.77.50/24 with it" }));
    await first.must("sysctl -w net.ipv4.conf.eth1.promote_secondaries=1");
    const { undo } = await task.converge(primary);
    expect(await addresses(first)).toContain("192.168.77.50/24");
    await undo();
    await task.converge(task.down(free));
  });

  test("the address of the session is not removed, not even by one that came through sudo", async () => {
    const own = { ...defaults, address: "10.0.2.15", dev: "eth0", state: "down" as const };
    const message = "10.0.2.15 is the address over which Bowline reaches this host";
    expect(await task.refusal({ address: own.address, dev: own.dev, state: "down" })).toMatchObject({ message });
    const answer = await first.exec(`sudo -n sh -c ${quote(ip.observe(own).text)}`, { user: "ops" });
    expect(() => ip.plan(own, ip.parse(answer, own))).toThrow(message);
  });

  test("a label is set, and another one remarked", async () => {
    const labelled = { ...free, label: "eth1:1" };
    await task.converge(labelled);
    expect(await addresses(first)).toMatch(/192\.168\.77\.50.* eth1:1/);
    expect(await task.state({ ...free, label: "eth1:2" })).toMatchObject({ state: "warn", remarks: ["its label is eth1:1, not eth1:2"] });
    await task.converge(task.down(labelled));
  });
});

describe("a host without arping", () => {
  beforeAll(() => first.must("mv /usr/bin/arping /usr/bin/arping.away"));
  afterAll(() => first.must("mv /usr/bin/arping.away /usr/bin/arping"));

  test("says which package brings it", async () => {
    expect(await task.refusal(free)).toEqual({ code: "E_TOOL", message: "arping is not on the host", hint: "install the package iputils-arping" });
  });

  test("gets by with ping on request, and a remark", async () => {
    const { remarks } = await task.converge({ ...free, arp: false });
    expect(remarks).toEqual([expect.stringMatching(/^not announced by gratuitous ARP: .*arping.*not found/)]);
    await first.must("ip addr del 192.168.77.50/24 dev eth1");
  });

  test("does not begin to take an address down when it could not ask who answers for it", async () => {
    const here = { address: "192.168.77.11", dev: "eth1", state: "down" };
    await unchanged(async () => expect(await task.refusal(here)).toMatchObject({ code: "E_TOOL", message: "arping is not on the host" }));
  });
});
