import type { JsonObject } from "../core/json.ts";
import type { AddressFacts, DefaultRouteFacts, InterfaceFacts, NetworkFacts } from "./_facts_network.ts";

/** Ansible's names for the network: an entry for each interface, and lists over all of them. */
export function networkNames(network: NetworkFacts): JsonObject {
  const { interfaces, default_ipv4: four, default_ipv6: six, addresses } = network;
  return {
    ...Object.fromEntries(Object.entries(interfaces).map(([name, each]) => [name.replace(/[-.:]/g, "_"), interfaceOf(name, each)])),
    interfaces: Object.keys(interfaces),
    default_ipv4: { ...routeOf(four, interfaces), ...netOf({ address: four.address ?? "", prefix: four.prefix ?? 0 }, four.address === null) },
    default_ipv6: routeOf(six, interfaces),
    all_ipv4_addresses: addresses.filter((address) => !address.includes(":")),
    all_ipv6_addresses: Object.values(interfaces).filter(({ type }) => type !== "loopback").flatMap(({ ipv6 }) => ipv6.map(({ address }) => address)),
  };
}

const types: Readonly<Record<string, string>> = { bond: "bonding", vlan: "ether", wireless: "ether", tunnel: "unknown", other: "unknown" };

function interfaceOf(device: string, { mac, mtu, state, type, ipv4, ipv6 }: InterfaceFacts): JsonObject {
  const [first, ...others] = ipv4;
  return {
    device,
    macaddress: mac,
    mtu,
    active: state === "up" || type === "loopback",
    type: types[type] ?? type,
    ...(first ? { ipv4: { address: first.address, prefix: String(first.prefix), ...netOf(first, false) } } : {}),
    ...(others.length === 0 ? {} : { ipv4_secondaries: others.map((each) => ({ address: each.address, prefix: String(each.prefix), ...netOf(each, false) })) }),
    ...(ipv6.length === 0 ? {} : { ipv6: ipv6.map(({ address, prefix }) => ({ address, prefix: String(prefix), scope: scopeOf(address) })) }),
  };
}

function routeOf({ address, interface: name, gateway, prefix }: DefaultRouteFacts, interfaces: NetworkFacts["interfaces"]): JsonObject {
  const device = name === null ? undefined : interfaces[name];
  return { address, interface: name, gateway, prefix: prefix === null ? null : String(prefix), macaddress: device?.mac ?? null, mtu: device?.mtu ?? null, type: device ? (types[device.type] ?? device.type) : null };
}

/** The net around an IPv4 address. */
function netOf({ address, prefix }: AddressFacts, isAbsent: boolean): JsonObject {
  if (isAbsent) return { netmask: null, network: null, broadcast: null };
  const mask = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
  const own = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const network = (own & mask) >>> 0;
  return { netmask: dotted(mask), network: dotted(network), broadcast: dotted((network | ~mask) >>> 0) };
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
}

function scopeOf(address: string): string {
  return address === "::1" ? "host" : /^fe[89ab]/.test(address) ? "link" : "global";
}
