import type { IpSeen, LocalAddress } from "../../src/modules/_ip_seen.ts";
import { ip } from "../../src/modules/ip.ts";
import { planner, syntaxErrors } from "./_planner.ts";

const { titles, refusal, badArguments, state, scripts, bind } = planner(ip, { address: "192.0.2.10", dev: "eth0" });

const local = (address: string, more: Partial<LocalAddress> = {}): LocalAddress => ({ dev: "eth0", address, length: 24, secondary: false, tentative: false, duplicate: false, ...more });
const own = local("192.0.2.1");
const absent: IpSeen = { root: true, address: "192.0.2.10", device: "up", addresses: [own], elsewhere: {}, promotes: false };
const placed = (more: Partial<LocalAddress> = {}): IpSeen => ({ root: true, address: "192.0.2.10", device: "up", addresses: [own, local("192.0.2.10", { secondary: true, ...more })], promotes: false });
const { address: _, ...unresolved } = absent;
const taken: IpSeen = { ...absent, elsewhere: { answer: "52:54:00:00:00:01 (ARP on eth0)" } };
const v6 = { address: "fd00::10" };

test.each<[string, Record<string, unknown>, IpSeen, string[]]>([
  ["absent: the device's netmask", {}, absent, ["add 192.0.2.10/24 to eth0"]],
  ["absent: the netmask of the first address", {}, { ...absent, addresses: [local("198.51.100.1", { length: 27 }), own] }, ["add 192.0.2.10/27 to eth0"]],
  ["absent: the netmask of the same family", v6, { ...absent, address: "fd00::10", addresses: [own, local("fe80::1", { length: 64 }), local("fd00::1", { length: 56 })] }, ["add fd00::10/56 to eth0"]],
  ["absent: on the loopback device, the address alone", { dev: "lo" }, { ...absent, addresses: [local("127.0.0.1", { dev: "lo", length: 8 })] }, ["add 192.0.2.10/32 to lo"]],
  ["absent: a given length", { netmask: 26 }, absent, ["add 192.0.2.10/26 to eth0"]],
  ["absent: a dotted netmask", { netmask: "255.255.255.224" }, { ...absent, addresses: [] }, ["add 192.0.2.10/27 to eth0"]],
  ["there", {}, placed(), []],
  ["there, others answer too", {}, { ...placed(), elsewhere: { answer: "a host" } }, []],
  ["there, any netmask is right", {}, placed({ length: 32 }), []],
  ["there, another netmask", { netmask: 25 }, placed(), ["change the netmask of 192.0.2.10 on eth0 from 24 to 25"]],
  ["there, no carrier", {}, { ...placed(), device: "no carrier" }, ["refused"]],
  ["absent, no carrier, and it need not have one", { carrier: false }, { ...absent, device: "no carrier" }, ["add 192.0.2.10/24 to eth0"]],
  ["another host has it, takeover", { takeover: true }, taken, ["add 192.0.2.10/24 to eth0"]],
  ["down: absent", { state: "down" }, absent, []],
  ["down: absent, and without root", { state: "down" }, { ...absent, root: false }, []],
  ["down: there", { state: "down" }, placed(), ["remove 192.0.2.10/24 from eth0"]],
  ["down: primary with secondaries that the kernel keeps", { state: "down", address: "192.0.2.1" }, { ...placed(), address: "192.0.2.1", promotes: true }, ["remove 192.0.2.1/24 from eth0"]],
  ["down: primary with secondaries of another subnet", { state: "down" }, { ...placed(), addresses: [local("192.0.2.10"), local("198.51.100.2", { secondary: true })] }, ["remove 192.0.2.10/24 from eth0"]],
])("%s", (__, raw, seen, expected) => {
  if (expected[0] === "refused") expect(refusal(raw, seen)?.code).toBe("E_REFUSED");
  else expect(titles(raw, seen)).toEqual(expected);
});

test.each<[string, Record<string, unknown>, IpSeen, string]>([
  ["the name leads nowhere", { address: "nowhere" }, unresolved, "could not resolve nowhere on this host"],
  ["no device", {}, { ...absent, device: "missing" }, "device eth0 does not exist"],
  ["device down", {}, { ...absent, device: "down" }, "device eth0 is not up"],
  ["on another device", {}, placed({ dev: "eth1" }), "192.0.2.10 is on eth1 already"],
  ["another host has it", {}, taken, "192.0.2.10 is up on another host"],
  ["nobody knows", {}, { ...absent, elsewhere: { unclear: "arping: socket: Operation not permitted" } }, "cannot tell whether 192.0.2.10 is free"],
  ["no netmask", v6, { ...absent, address: "fd00::10" }, "the netmask of fd00::10 is not known"],
  ["without root", {}, { ...absent, root: false }, "only root may change addresses"],
  ["a lost address", v6, { ...absent, address: "fd00::10", addresses: [local("fd00::10", { duplicate: true, tentative: true })] }, "another host on the link has fd00::10 (duplicate address detection)"],
  ["down: on another device", { state: "down" }, placed({ dev: "eth1" }), "192.0.2.10 is on eth1, not on eth0"],
  ["down: the name leads nowhere, so that nothing is known", { state: "down", address: "nowhere" }, unresolved, "could not resolve nowhere on this host"],
  ["down: the way to the host", { state: "down" }, { ...placed(), session: "192.0.2.10" }, "192.0.2.10 is the address over which Bowline reaches this host"],
  ["down: primary with secondaries", { state: "down", address: "192.0.2.1" }, { ...placed(), address: "192.0.2.1" }, "removing 192.0.2.1 would remove 192.0.2.10/24 with it"],
])("refused: %s", (__, raw, seen, message) => {
  expect(refusal(raw, seen)).toMatchObject({ code: "E_REFUSED", message });
});

test.each<[Record<string, unknown>, string]>([
  [{ address: "192.0.2.10/24" }, 'ip: "address" must be a name or an address; its length goes into netmask'],
  [{ netmask: "255.0.255.0" }, 'ip: "netmask" must be a length like 24, or a netmask like 255.255.255.0'],
  [{ netmask: 64 }, 'ip: "netmask" of an IPv4 address is at most 32'],
  [{ label: "eth1:1" }, 'ip: "label" must begin with the name of the device, like eth0:1'],
  [{ label: "eth0:1", address: "fd00::10" }, 'ip: "label" is for IPv4 addresses only'],
  [{ label: "eth0:123456789012" }, 'ip: "label" must be at most 15 characters long'],
  [{ dev: "a/b" }, 'ip: "dev" must be the name of a network device'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test.each<[string, Record<string, unknown>, IpSeen, string, string[]]>([
  ["absent", {}, absent, "down", []],
  ["absent, another host has it", {}, taken, "down", ["another host has it: 52:54:00:00:00:01 (ARP on eth0)"]],
  ["no device", {}, { ...absent, device: "missing" }, "down", ["device eth0 does not exist"]],
  ["there", {}, placed(), "up", []],
  ["there, otherwise", { netmask: 25, label: "eth0:1" }, placed(), "warn", ["its netmask is 24, not 25", "its label is none, not eth0:1"]],
  ["there, no carrier", {}, { ...placed(), device: "no carrier" }, "warn", ["device eth0 has no carrier"]],
  ["there, lost", {}, placed({ duplicate: true, tentative: true }), "warn", ["another host on the link has it (duplicate address detection)"]],
  ["there, still asking", {}, placed({ tentative: true }), "warn", ["duplicate address detection has not ended"]],
  ["the name leads nowhere", {}, unresolved, "warn", ["could not resolve 192.0.2.10 on this host"]],
])("status: %s", (__, raw, seen, expected, remarks) => {
  expect(state(raw, seen)).toEqual({ state: expected, label: "192.0.2.10@eth0", remarks });
});

test("what a host prints becomes an observation", () => {
  const stdout = [
    "=host", " 0", " fd00::10", " 192.0.2.9 40000 192.0.2.1 22", " 2: eth0@if5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue", " 0", " 1", " ", " 0",
    "=addresses",
    " 1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever",
    " 2: eth0    inet 192.0.2.1/24 brd 192.0.2.255 scope global eth0\\       valid_lft forever",
    " 2: eth0    inet 192.0.2.10/24 brd 192.0.2.255 scope global secondary eth0:1\\       valid_lft forever",
    " 3: tun0    inet 10.8.0.2 peer 10.8.0.1/32 scope global tun0\\       valid_lft forever",
    " 2: eth0    inet6 fd00:0:0::10/64 scope global dadfailed tentative \\       valid_lft forever",
    " ", " 0",
    "=elsewhere", " ping a host that answers ping", " arp 52:54:00:00:00:01 (ARP on eth0)", " ", " 0", "",
  ].join("\n");
  expect(ip.parse({ code: 0, stdout, stderr: "" }, bind({}))).toEqual({
    root: true,
    address: "fd00::10",
    device: "up",
    addresses: [
      local("127.0.0.1", { dev: "lo", length: 8, label: "lo" }),
      local("192.0.2.1", { label: "eth0" }),
      local("192.0.2.10", { label: "eth0:1", secondary: true }),
      local("10.8.0.2", { dev: "tun0", length: 32, label: "tun0" }),
      local("fd00::10", { length: 64, tentative: true, duplicate: true }),
    ],
    elsewhere: { answer: "52:54:00:00:00:01 (ARP on eth0)" },
    promotes: true,
    session: "192.0.2.1",
  });
});

test.each([
  ["nobody", "arp \nping \n", {}],
  ["ping only", "ping a host that answers ping\narp \n", { answer: "a host that answers ping" }],
  ["ARP could not be asked", "unclear arping: socket: Operation not permitted\nping \n", { unclear: "arping: socket: Operation not permitted" }],
  ["ARP could not be asked, and said nothing", "unclear \nping a host that answers ping\n", { unclear: "arping said nothing" }],
])("who answers elsewhere: %s", (_, text, elsewhere) => {
  const stdout = `=host\n 0\n 192.0.2.10\n \n 0\n=elsewhere\n${text.replace(/^/gm, " ")}\n 0\n`;
  expect(ip.parse({ code: 0, stdout, stderr: "" }, bind({})).elsewhere).toEqual(elsewhere);
});

test("a look that failed is no observation", () => {
  expect(() => ip.parse({ code: 137, stdout: "", stderr: "killed\n" }, bind({}))).toThrow("looking at the host failed with exit code 137");
});

test("what a step has to say without having failed is the change's remark", () => {
  const remarks = (raw: Record<string, unknown>, seen: IpSeen, stdout: string) => ip.plan(bind(raw), seen)[0]!.remark!([{ code: 0, stdout, stderr: "" }]);
  expect(remarks({}, absent, "noise\nremark: not announced\n")).toBe("not announced");
  expect(remarks({ state: "down" }, placed(), "remark: nobody was asked\n")).toBe("nobody was asked");
  expect(remarks({}, absent, "")).toBeUndefined();
});

test("adding is finished when the controller goes away: an address that nobody was told of looks right here", () => {
  expect(ip.plan(bind({}), absent)[0]!.steps).toEqual([expect.objectContaining({ onDisconnect: "finish" })]);
});

test("every shell can read the scripts", () => {
  const wider = { ...placed(), address: "fd00::10", addresses: [local("fd00::10", { length: 56 })] };
  const all = [scripts({}, absent), scripts({ address: "a.example", state: "down" }, placed()), scripts({ netmask: 25 }, placed()), scripts({ ...v6, netmask: 64 }, wider), scripts({ ...v6, netmask: 64, announce: 0, arp: false, ping: false }, { ...absent, address: "fd00::10" })];
  expect(syntaxErrors(all.flat())).toEqual([]);
});
