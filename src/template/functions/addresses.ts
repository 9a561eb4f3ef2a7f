import { isIPv4, isIPv6 } from "node:net";

/** An address as a number, with the length of the network's part; an address alone is a network of its own. */
export interface Address {
  readonly version: 4 | 6;
  readonly value: bigint;
  readonly prefix: number;
  readonly bits: 32 | 128;
}

/** `10.0.0.1`, `10.0.0.1/24`, `10.0.0.1/255.255.255.0` and the same of IPv6; undefined for anything else. */
export function parseAddress(written: string): Address | undefined {
  const [address = "", mask, ...more] = written.split("/");
  const version = isIPv4(address) ? 4 : isIPv6(address) && !address.includes("%") ? 6 : undefined;
  if (version === undefined || more.length > 0) return undefined;
  const bits = version === 4 ? 32 : 128;
  const prefix = mask === undefined ? bits : prefixOf(mask, version);
  return prefix === undefined || prefix > bits ? undefined : { version, value: version === 4 ? fromDots(address) : fromColons(address), prefix, bits };
}

/** The first address of the network that an address lies in. */
export function networkOf({ value, prefix, bits }: Address): bigint {
  const hostBits = BigInt(bits - prefix);
  return (value >> hostBits) << hostBits;
}

/** IPv6 as RFC 5952 has it: lower case, no leading zeros, the longest run of zeros (two or more) as `::`. */
export function formatAddress({ value, version }: Address): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  const runs = groups.map((_, start) => groups.slice(start).findIndex((group) => group !== "0")).map((length, start) => (length < 0 ? 8 - start : length));
  const longest = Math.max(...runs);
  if (longest < 2) return groups.join(":");
  const start = runs.indexOf(longest);
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + longest).join(":")}`;
}

function prefixOf(mask: string, version: 4 | 6): number | undefined {
  if (/^\d{1,3}$/.test(mask)) return Number(mask);
  if (version === 6 || !isIPv4(mask)) return undefined;
  const ones = fromDots(mask).toString(2).padStart(32, "0");
  return /^1*0*$/.test(ones) ? ones.replaceAll("0", "").length : undefined;
}

function fromDots(address: string): bigint {
  return address.split(".").reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function fromColons(address: string): bigint {
  const dots = /[^:]+$/.exec(address)?.[0] ?? "";
  const tail = dots.includes(".") ? fromDots(dots) : undefined;
  const written = tail === undefined ? address : address.slice(0, -dots.length) + [tail >> 16n, tail & 0xffffn].map((part) => part.toString(16)).join(":");
  const [head = "", rest] = written.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const [before, after] = [groups(head), groups(rest ?? "")];
  const all = [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
  return all.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n);
}
