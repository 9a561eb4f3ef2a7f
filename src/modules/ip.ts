import { isIP } from "node:net";
import { defineResource } from "./contract.ts";
import { ipArgs, type IpArgs } from "./_ip_args.ts";
import { notes } from "./_ip_doc.ts";
import { deviceWords, placeOf, planDown, planUp, unresolved } from "./_ip_plan.ts";
import { observeIp, parseIp, type IpSeen, type LocalAddress } from "./_ip_seen.ts";

/** A service address on a network device, as OpenSVC's ip resource has it. */
export const ip = defineResource<typeof ipArgs, IpSeen>({
  name: "ip",
  summary: "Bring a service address up on a network device, after making sure that no other host has it, or take it down.",
  notes,
  args: ipArgs,
  otherNames: {
    name: "address",
    ipname: "address",
    ip: "address",
    ipdev: "dev",
    device: "dev",
    interface: "dev",
    mask: "netmask",
    prefix: "netmask",
    force: "takeover",
    check_carrier: "carrier",
  },
  examples: [
    { title: "A service address by name, with the netmask of the device", yaml: "ip:\n  address: registry.example.com\n  dev: eth0" },
    {
      title: "An address with its netmask, in a net that drops ICMP",
      yaml: "ip:\n  address: 192.0.2.10\n  dev: eth1\n  netmask: 26\n  ping: false",
    },
  ],
  rules: ({ label, dev, address, netmask }) => [
    ...(label !== undefined && !label.startsWith(dev) ? [`"label" must begin with the name of the device, like ${dev}:1`] : []),
    ...(label !== undefined && isIP(address) === 6 ? ['"label" is for IPv4 addresses only'] : []),
    ...(isIP(address) === 4 && (netmask ?? 0) > 32 ? ['"netmask" of an IPv4 address is at most 32'] : []),
  ],
  observe: (args) => observeIp(args.address, args, args.state === "up"),
  parse: parseIp,
  plan: (args, seen) => (args.state === "up" ? planUp(args, seen) : planDown(args, seen)),
  down: (args) => ({ ...args, state: "down" }),
  state: (args, seen) => {
    const label = `${args.address}@${args.dev}`;
    if (seen.address === undefined) return { state: "warn", label, remarks: [unresolved(args)] };
    const here = placeOf(args, seen);
    if (!here) return { state: "down", label, remarks: absenceRemarks(args, seen) };
    const remarks = presenceRemarks(args, seen, here);
    return { state: remarks.length === 0 ? "up" : "warn", label, remarks };
  },
  result: (args, seen) => ({ address: seen.address ?? null, dev: args.dev, netmask: placeOf(args, seen)?.length ?? null }),
});

function absenceRemarks(args: IpArgs, { device, elsewhere }: IpSeen): string[] {
  return [
    ...(device === "up" ? [] : [deviceWords(args.dev, device)]),
    ...(elsewhere?.answer === undefined ? [] : [`another host has it: ${elsewhere.answer}`]),
  ];
}

function presenceRemarks(args: IpArgs, seen: IpSeen, here: LocalAddress): string[] {
  return [
    ...(here.dev === args.dev ? [] : [`it is on ${here.dev}, not on ${args.dev}`]),
    ...(seen.device === "up" ? [] : [deviceWords(args.dev, seen.device)]),
    ...(args.netmask === undefined || here.length === args.netmask ? [] : [`its netmask is ${here.length}, not ${args.netmask}`]),
    ...(args.label === undefined || here.label === args.label ? [] : [`its label is ${here.label ?? "none"}, not ${args.label}`]),
    ...(here.duplicate ? ["another host on the link has it (duplicate address detection)"] : []),
    ...(here.tentative && !here.duplicate ? ["duplicate address detection has not ended"] : []),
  ];
}
