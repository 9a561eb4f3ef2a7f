import { BlockList } from "node:net";
import { formatAddress, networkOf, parseAddress, type Address } from "./addresses.ts";
import type { Functions } from "./function.ts";
import { kindOf, number, text } from "./values.ts";

/** Addresses and networks, of IPv4 and IPv6. */
export const networkFunctions: Functions = {
  in_network: {
    summary: "Whether an address, or a whole network, lies in a network.",
    takes: ["address", "network"],
    aliases: ["network_in_network"],
    examples: [["in_network('10.1.2.3', '10.0.0.0/8')", true], ["in_network('10.0.0.0/8', '10.1.0.0/16')", false], ["in_network('fd00::1', 'fd00::/8')", true]],
    call: (value, network) => isIn(needed(value), needed(network)),
  },
  ipaddr: {
    summary: `An address, or false for what is none; of a list those that are addresses. With a question, the answer: address, prefix, netmask, hostmask, network, broadcast, subnet, host, size, first_usable, last_usable, range_usable, version, private, public, revdns, or a number for the address at that place of the network.`,
    takes: ["value", "question?"],
    examples: [
      ["ipaddr('192.168.1.5/24', 'network')", "192.168.1.0"],
      ["ipaddr('192.168.1.5/24', 'netmask')", "255.255.255.0"],
      ["ipaddr('192.168.1.5/24', 'subnet')", "192.168.1.0/24"],
      ["ipaddr('192.168.1.0/24', 10)", "192.168.1.10/24"],
      ["ipaddr('nonsense')", false],
      ["ipaddr(['::1', 'x', '10.0.0.1'])", ["::1", "10.0.0.1"]],
    ],
    call: (value, question) => answered(value, question, () => true),
  },
  ipv4: { summary: "As ipaddr, of IPv4 only.", takes: ["value", "question?"], examples: [["ipv4(['::1', '10.0.0.1'])", ["10.0.0.1"]], ["ipv4('::1')", false]], call: (value, question) => answered(value, question, ({ version }) => version === 4) },
  ipv6: { summary: "As ipaddr, of IPv6 only.", takes: ["value", "question?"], examples: [["ipv6('2001:DB8::/32', 'first_usable')", "2001:db8::1"]], call: (value, question) => answered(value, question, ({ version }) => version === 6) },
};

type Fits = (address: Address) => boolean;

function answered(value: unknown, question: unknown, fits: Fits): unknown {
  if (Array.isArray(value)) return value.filter((item) => isOf(item, fits)).map((item: unknown) => answer(item, question)).filter((each) => each !== false);
  return isOf(value, fits) ? answer(value, question) : false;
}

function isOf(value: unknown, fits: Fits): boolean {
  const address = parseAddress(text(value));
  return address !== undefined && fits(address);
}

function needed(value: unknown): Address {
  const address = parseAddress(text(value));
  if (address) return address;
  throw new TypeError(`needs an address, not ${kindOf(value)}`);
}

type Answer = (address: Address, written: string) => unknown;

const answers: Readonly<Record<string, Answer>> = {
  address: (address) => formatAddress(address),
  bool: () => true,
  broadcast: (address) => formatAddress(edge(address, "last")),
  first_usable: (address) => formatAddress({ ...address, value: usable(address)[0] }),
  host: (address) => withPrefix(address),
  hostmask: (address) => formatAddress({ ...address, value: hostBits(address) }),
  last_usable: (address) => formatAddress({ ...address, value: usable(address)[1] }),
  net: (address, written) => (networkOf(address) === address.value ? written : false),
  netmask: (address) => formatAddress({ ...address, value: networkOf({ ...address, value: (1n << BigInt(address.bits)) - 1n }) }),
  network: (address) => formatAddress(edge(address, "first")),
  prefix: ({ prefix }) => prefix,
  private: (address, written) => (isPrivate(address) ? written : false),
  public: (address, written) => (isPrivate(address) ? false : written),
  range_usable: (address) => usable(address).map((value) => formatAddress({ ...address, value })).join("-"),
  revdns: (address) => reverseName(address),
  size: (address) => Number(hostBits(address) + 1n),
  subnet: (address) => withPrefix(edge(address, "first")),
  version: ({ version }) => version,
};

const otherNames: Readonly<Record<string, string>> = { "address/prefix": "host", "host/prefix": "host", ip: "address", wildcard: "hostmask", "network/prefix": "subnet", cidr: "host", gateway: "host", mask: "netmask" };

function answer(value: unknown, question: unknown): unknown {
  if (question === undefined || question === null || question === "") return value;
  const address = needed(value);
  if (typeof question === "number" || /^-?\d+$/.test(text(question))) return withPrefix(nth(address, number(question)));
  const name = otherNames[text(question)] ?? text(question);
  if (Object.hasOwn(answers, name)) return answers[name]!(address, text(value));
  const network = parseAddress(text(question));
  if (network) return isIn(address, network) ? value : false;
  throw new TypeError(`knows ${Object.keys(answers).join(", ")}, not ${kindOf(question)}`);
}

function withPrefix(address: Address): string {
  return `${formatAddress(address)}/${address.prefix}`;
}

function hostBits({ bits, prefix }: Address): bigint {
  return (1n << BigInt(bits - prefix)) - 1n;
}

function edge(address: Address, which: "first" | "last"): Address {
  const first = networkOf(address);
  return { ...address, value: which === "first" ? first : first + hostBits(address) };
}

/** IPv4 keeps the first for the network and the last for the broadcast, except in networks of one and two (RFC 3021). */
function usable(address: Address): [bigint, bigint] {
  const [first, last] = [edge(address, "first").value, edge(address, "last").value];
  if (address.bits - address.prefix < 2) return [first, last];
  return [first + 1n, address.version === 4 ? last - 1n : last];
}

function nth(address: Address, index: number): Address {
  const base = index < 0 ? edge(address, "last").value + 1n : networkOf(address);
  const value = base + BigInt(Math.trunc(index));
  if (value < networkOf(address) || value > edge(address, "last").value) throw new TypeError(`finds no address ${index} in ${withPrefix(edge(address, "first"))}`);
  return { ...address, value };
}

function isIn(address: Address, network: Address): boolean {
  return address.version === network.version && address.prefix >= network.prefix && networkOf({ ...network, value: address.value }) === networkOf(network);
}

/** What no router of the Internet carries: RFC 1918, 4193, 3927, 4291, 6598, and this machine itself. */
const privateRanges: readonly (readonly [string, number, "ipv4" | "ipv6"])[] = [
  ["10.0.0.0", 8, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
  ["::1", 128, "ipv6"],
];

function isPrivate(address: Address): boolean {
  const ranges = new BlockList();
  for (const [network, prefix, family] of privateRanges) ranges.addSubnet(network, prefix, family);
  return ranges.check(formatAddress(address), address.version === 4 ? "ipv4" : "ipv6");
}

function reverseName({ value, version }: Address): string {
  const digits = value.toString(16).padStart(32, "0");
  if (version === 6) return `${[...digits].reverse().join(".")}.ip6.arpa.`;
  return `${[0n, 8n, 16n, 24n].map((shift) => String((value >> shift) & 255n)).join(".")}.in-addr.arpa.`;
}
