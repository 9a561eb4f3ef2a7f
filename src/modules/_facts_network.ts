import { sh } from "../core/sh.ts";
import { counted, linesOf, list, mapping, number, text, type FactFamily } from "./_facts_family.ts";

export interface AddressFacts extends Readonly<Record<string, string | number>> {
  readonly address: string;
  readonly prefix: number;
}

export interface InterfaceFacts extends Readonly<Record<string, string | number | null | readonly AddressFacts[]>> {
  readonly mac: string | null;
  readonly mtu: number | null;
  readonly state: string;
  readonly type: string;
  readonly ipv4: readonly AddressFacts[];
  readonly ipv6: readonly AddressFacts[];
}

/** The way to the rest of the world; its names are there, and null, on a host that has none. */
export interface DefaultRouteFacts extends Readonly<Record<string, string | number | null>> {
  readonly address: string | null;
  readonly interface: string | null;
  readonly gateway: string | null;
  readonly prefix: number | null;
}

export interface NetworkFacts extends Readonly<Record<string, Readonly<Record<string, InterfaceFacts>> | DefaultRouteFacts | readonly string[]>> {
  readonly interfaces: Readonly<Record<string, InterfaceFacts>>;
  readonly default_ipv4: DefaultRouteFacts;
  readonly default_ipv6: DefaultRouteFacts;
  readonly addresses: readonly string[];
}

const route = {
  address: text("The host's own address on that way."),
  interface: text("The interface that it leaves by."),
  gateway: text("The next router."),
  prefix: number("The length of the address's prefix."),
};

/**
 * The kernel lists interfaces and IPv6 addresses by itself; for IPv4 addresses it takes ip, or ifconfig on the small
 * hosts without. The way out is asked as Ansible asks it: how would a public address be reached? No packet is sent.
 */
export const network: FactFamily<NetworkFacts> = {
  summary: "Interfaces, their addresses, and the ways out.",
  script: sh`
    for d in /sys/class/net/*; do
      [ -r "$d/mtu" ] || continue
      mac= mtu= state= hardware= kind=-
      read -r mac <"$d/address"
      read -r mtu <"$d/mtu"
      read -r state <"$d/operstate"
      read -r hardware <"$d/type"
      for each in bridge bonding wireless tun_flags; do [ ! -e "$d/$each" ] || kind=$each; done
      [ ! -e "/proc/net/vlan/\${d##*/}" ] || kind=vlan
      printf 'interface %s %s %s %s %s %s\n' "\${d##*/}" "\${mtu:--}" "\${state:--}" "\${hardware:--}" "$kind" "\${mac:--}"
    done 2>/dev/null
    if [ -r /proc/net/if_inet6 ]; then sed 's/^/inet6 /' /proc/net/if_inet6; fi
    if command -v ip >/dev/null; then
      ip -o -4 addr show 2>/dev/null | sed 's/^/ip /'
      ip -4 route get 8.8.8.8 2>/dev/null | sed 's/^/route4 /'
      ip -6 route get 2404:6800:400a:800::1012 2>/dev/null | sed 's/^/route6 /'
    elif command -v ifconfig >/dev/null; then
      ifconfig -a 2>/dev/null | sed 's/^/ifconfig /'
      sed 's/^/table4 /' /proc/net/route
    fi
  `,
  parse: parseNetwork,
  fields: {
    interfaces: mapping("Name to `mac`, `mtu`, `state` (`up`, `down`, `unknown`), `type` (`ether`, `loopback`, `bridge`, `bond`, `vlan`, `wireless`, `tunnel`, `other`), `ipv4` and `ipv6`, lists of `address` and `prefix`."),
    default_ipv4: mapping("The way to the IPv4 internet.", route),
    default_ipv6: mapping("The way to the IPv6 internet.", route),
    addresses: list("Every address but those of loopback and IPv6's link-local ones."),
  },
};

interface Placed extends AddressFacts {
  readonly dev: string;
}

function parseNetwork(output: string): NetworkFacts {
  const lines = linesOf(output);
  const behind = (word: string) => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const four = [...behind("ip").flatMap(ipAddress), ...ifconfigAddresses(behind("ifconfig"))];
  const six = behind("inet6").flatMap(inet6Address);
  const interfaces = Object.fromEntries(behind("interface").map((line) => interfaceOf(line, four, six)));
  const reachable = [...four, ...six].filter(({ dev, address }) => interfaces[dev]?.type !== "loopback" && !/^(127\.|::1$|fe[89ab])/.test(address));
  return {
    interfaces,
    default_ipv4: routeOf(behind("route4")[0], four) ?? tableRoute(behind("table4"), four) ?? noRoute,
    default_ipv6: routeOf(behind("route6")[0], six) ?? noRoute,
    addresses: reachable.map(({ address }) => address),
  };
}

function interfaceOf(line: string, four: readonly Placed[], six: readonly Placed[]): [string, InterfaceFacts] {
  const [name = "", mtu, state = "", hardware = "", kind = "", mac = ""] = line.split(" ");
  const own = (all: readonly Placed[]) => all.filter(({ dev }) => dev === name).map(({ address, prefix }) => ({ address, prefix }));
  const facts = { mac: mac === "-" || hardware === "772" ? null : mac, mtu: counted(mtu), state: state === "-" ? "unknown" : state, type: typeOf(hardware, kind), ipv4: own(four), ipv6: own(six) };
  return [name, facts];
}

const kinds: Readonly<Record<string, string>> = { bridge: "bridge", bonding: "bond", wireless: "wireless", tun_flags: "tunnel", vlan: "vlan" };

/** Numbers of linux/if_arp.h; those of tunnels begin with 768, and 65534 is an interface without a header. */
function typeOf(hardware: string, kind: string): string {
  const known = kinds[kind];
  if (known !== undefined) return known;
  const tunnels = ["768", "769", "776", "778", "823", "65534"];
  return hardware === "1" ? "ether" : hardware === "772" ? "loopback" : tunnels.includes(hardware) ? "tunnel" : "other";
}

/** `2: eth0    inet 10.0.2.15/24 brd …`; of a peer-to-peer address the prefix stands with the peer. */
function ipAddress(line: string): Placed[] {
  const [, dev, address, own, peer] = /^\d+: (\S+)\s+inet ([\d.]+)(?:\/(\d+))?(?: peer [\d.]+\/(\d+))?/.exec(line) ?? [];
  return dev === undefined || address === undefined ? [] : [{ dev, address, prefix: Number(own ?? peer ?? 32) }];
}

/** net-tools writes `inet 10.0.2.15  netmask 255.255.255.0`, busybox and old net-tools `inet addr:10.0.2.15 … Mask:255.255.255.0`. */
function ifconfigAddresses(lines: readonly string[]): Placed[] {
  let dev = "";
  return lines.flatMap((line) => {
    dev = /^(\S+?):?\s/.exec(line)?.[1]?.replace(/:\d+$/, "") ?? dev;
    const [, address, mask] = /\binet (?:addr:)?([\d.]+).*?(?:netmask |Mask:)([\d.]+)/.exec(line) ?? [];
    return address === undefined || mask === undefined ? [] : [{ dev, address, prefix: prefixOf(mask) }];
  });
}

function prefixOf(mask: string): number {
  return mask.split(".").reduce((bits, part) => bits + Number(part).toString(2).replaceAll("0", "").length, 0);
}

/** `fe80…(32 digits) index prefix scope flags eth0`, all in hex. */
function inet6Address(line: string): Placed[] {
  const [digits = "", , prefix = "", , , dev] = line.trim().split(/\s+/);
  return dev === undefined || digits.length !== 32 ? [] : [{ dev, address: shortened(digits), prefix: parseInt(prefix, 16) }];
}

/** RFC 5952: no leading zeros, and the first of the longest runs of two or more zero groups becomes `::`. */
function shortened(digits: string): string {
  const groups = digits.match(/.{4}/g)!.map((group) => group.replace(/^0+(?=.)/, "")).join(":");
  const longest = [...groups.matchAll(/(?<![^:])0(?::0)+(?![^:])/g)].reduce((best, { 0: run, index }) => (run.length > best.run.length ? { run, index } : best), { run: "", index: 0 });
  if (longest.run === "") return groups;
  return `${groups.slice(0, longest.index).replace(/:$/, "")}::${groups.slice(longest.index + longest.run.length).replace(/^:/, "")}`;
}

const noRoute: DefaultRouteFacts = { address: null, interface: null, gateway: null, prefix: null };

/** `8.8.8.8 via 10.0.2.2 dev eth0 src 10.0.2.15 uid 0`. */
function routeOf(line: string | undefined, addresses: readonly Placed[]): DefaultRouteFacts | undefined {
  const word = (name: string) => new RegExp(`(?:^| )${name} (\\S+)`).exec(line ?? "")?.[1];
  const dev = word("dev");
  if (line === undefined || dev === undefined || dev === "lo" || /^(unreachable|prohibit|blackhole)/.test(line)) return undefined;
  const own = addresses.find(({ address }) => address === word("src")) ?? addresses.find((each) => each.dev === dev);
  return { address: own?.address ?? word("src") ?? null, interface: dev, gateway: word("via") ?? null, prefix: own?.prefix ?? null };
}

/** /proc/net/route, in the byte order of the host; those that are not little-endian have ip. */
function tableRoute(lines: readonly string[], addresses: readonly Placed[]): DefaultRouteFacts | undefined {
  const [dev, , gateway = ""] = lines.map((line) => line.split(/\s+/)).find(([, destination, , , , , , mask]) => destination === "00000000" && mask === "00000000") ?? [];
  if (dev === undefined) return undefined;
  const own = addresses.find((each) => each.dev === dev);
  const router = gateway === "00000000" ? null : gateway.match(/../g)!.reverse().map((byte) => parseInt(byte, 16)).join(".");
  return { address: own?.address ?? null, interface: dev, gateway: router, prefix: own?.prefix ?? null };
}
