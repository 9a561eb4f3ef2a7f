import { isIP } from "node:net";
import * as z from "zod";
import { boolean, integer, oneOf, optional, text, withDefault } from "./args.ts";
import type { Bound } from "./contract.ts";
import { lazily } from "./_lazy.ts";

export const ipArgs = lazily(() => ({
  address: text("The address, or a name that the host itself resolves (its first answer counts).").regex(
    /^[^/\s]+$/,
    "must be a name or an address; its length goes into netmask",
  ),
  dev: text("The device that carries it.").regex(/^[^/\s]{1,15}$/, "must be the name of a network device"),
  netmask: optional(
    netmask(
      "The length of the netmask (24), or a dotted one (255.255.255.0). Default: that of the device's first address of the same family; on lo, the address alone.",
    ),
  ),
  label: optional(text("A label for an IPv4 address, like eth0:1, as old tools show it.").max(15)),
  state: withDefault(oneOf(["up", "down"], "Whether this host has the address."), "up"),
  arp: withDefault(boolean("Ask by ARP whether another host has the address (IPv4)."), true),
  ping: withDefault(boolean("Ask by ping whether another host has the address. Turn it off where ICMP is dropped."), true),
  announce: withDefault(integer("How many gratuitous ARPs tell the neighbours where the address is now (IPv4).", { min: 0, max: 10 }), 1),
  carrier: withDefault(boolean("Refuse a device without a carrier (a pulled cable)."), true),
  takeover: withDefault(boolean("Add the address although another host answers for it."), false),
}));

export type IpArgs = Bound<typeof ipArgs>;

/** A length, or a dotted mask whose ones all come first. */
function netmask(words: string) {
  const error = "must be a length like 24, or a netmask like 255.255.255.0";
  const lengthOf = (value: unknown) => {
    if (typeof value !== "string") return value;
    if (/^\d+$/.test(value)) return Number(value);
    const bits =
      isIP(value) === 4
        ? value
            .split(".")
            .map((part) => Number(part).toString(2).padStart(8, "0"))
            .join("")
        : "";
    return /^1*0*$/.test(bits) && bits !== "" ? bits.replaceAll("0", "").length : value;
  };
  return z.preprocess(lengthOf, z.int(error).min(1, error).max(128, error)).describe(words);
}
