import { isIP } from "node:net";
import { z } from "zod";
import { boolean, integer, oneOf, optional, text, withDefault } from "./args.ts";
import { defineResource, type Bound, type Change } from "./contract.ts";
import { observeIp, parseIp, type IpSeen, type LocalAddress } from "./_ip_seen.ts";
import { addStep, cidr, removeStep, remarkPrefix, resizeStep, type Care, type Placed } from "./_ip_steps.ts";
import { notes } from "./_ip_doc.ts";
import { refuse } from "./refuse.ts";

const args = {
  address: text("The address, or a name that the host itself resolves (its first answer counts).").regex(/^[^/\s]+$/, "must be a name or an address; its length goes into netmask"),
  dev: text("The device that carries it.").regex(/^[^/\s]{1,15}$/, "must be the name of a network device"),
  netmask: optional(netmask("The length of the netmask (24), or a dotted one (255.255.255.0). Default: that of the device's first address of the same family.")),
  label: optional(text("A label for an IPv4 address, like eth0:1, as old tools show it.").max(15)),
  state: withDefault(oneOf(["up", "down"], "Whether this host has the address."), "up"),
  arp: withDefault(boolean("Ask by ARP whether another host has the address (IPv4)."), true),
  ping: withDefault(boolean("Ask by ping whether another host has the address. Turn it off where ICMP is dropped."), true),
  announce: withDefault(integer("How many gratuitous ARPs tell the neighbours where the address is now (IPv4).", { min: 0, max: 10 }), 1),
  carrier: withDefault(boolean("Refuse a device without a carrier (a pulled cable)."), true),
  takeover: withDefault(boolean("Add the address although another host answers for it."), false),
};

type Args = Bound<typeof args>;

/** A service address on a network device, as OpenSVC's ip resource has it. */
export const ip = defineResource<typeof args, IpSeen>({
  name: "ip",
  summary: "Bring a service address up on a network device, after making sure that no other host has it, or take it down.",
  notes,
  args,
  otherNames: { name: "address", ipname: "address", ip: "address", ipdev: "dev", device: "dev", interface: "dev", mask: "netmask", prefix: "netmask", force: "takeover", check_carrier: "carrier" },
  examples: [
    { title: "A service address by name, with the netmask of the device", yaml: "ip:\n  address: registry.example.com\n  dev: eth0" },
    { title: "An address with its netmask, in a net that drops ICMP", yaml: "ip:\n  address: 192.0.2.10\n  dev: eth1\n  netmask: 26\n  ping: false" },
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

function planUp(args: Args, seen: IpSeen): Change[] {
  const address = seen.address ?? refuse(unresolved(args), { hint: "the host's own resolver is asked: look at its /etc/hosts and DNS" });
  refuseUnready(args, seen);
  const here = placeOf(args, seen);
  if (here && here.dev !== args.dev) {
    refuse(`${address} is on ${here.dev} already`, { expected: `on ${args.dev}, or nowhere`, seen: cidr(here), hint: `take it down there first: ip: { address: ${args.address}, dev: ${here.dev}, state: down }` });
  }
  if (here?.duplicate) refuse(`another host on the link has ${address} (duplicate address detection)`, { hint: "take it down, here or there" });
  if (here) return here.length === (args.netmask ?? here.length) ? [] : [resize(args, seen, here)];
  refuseTaken(args, seen, address);
  needRoot(seen);
  const placed: Placed = { address, length: args.netmask ?? defaultLength(args, seen, address), dev: args.dev, label: args.label };
  return [
    {
      title: `add ${cidr(placed)} to ${args.dev}`,
      before: null,
      after: cidr(placed),
      steps: [addStep(placed, careOf(args))],
      remark: (answers) => answers.flatMap((answer) => answer.stdout.split("\n")).find((line) => line.startsWith(remarkPrefix))?.slice(remarkPrefix.length),
      undo: [removeStep(placed, args)],
    },
  ];
}

function planDown(args: Args, seen: IpSeen): Change[] {
  const here = placeOf(args, seen);
  if (!here) return [];
  if (here.dev !== args.dev) refuse(`${here.address} is on ${here.dev}, not on ${args.dev}`, { hint: "it was not put there by this task; name that device to remove it" });
  if (here.address === seen.session) refuse(`${here.address} is the address over which Bowline reaches this host`, { hint: "reach the host by another address to remove this one" });
  refuseLosingOthers(seen, here);
  needRoot(seen);
  const title = `remove ${cidr(here)} from ${here.dev}`;
  return [{ title, before: cidr(here), after: null, steps: [removeStep(here, args)], undo: [addStep(here, { ...careOf(args), ask: true })] }];
}

function resize(args: Args, seen: IpSeen, here: LocalAddress): Change {
  refuseLosingOthers(seen, here);
  needRoot(seen);
  const wanted = { ...here, length: args.netmask ?? here.length };
  const title = `change the netmask of ${here.address} on ${here.dev} from ${here.length} to ${wanted.length}`;
  return { title, before: cidr(here), after: cidr(wanted), steps: [resizeStep(here, wanted)], undo: [resizeStep(wanted, here)] };
}

function refuseUnready(args: Args, { device, addresses }: IpSeen): void {
  const names = [...new Set(addresses.map(({ dev }) => dev))].join(", ");
  if (device === "missing") refuse(deviceWords(args.dev, device), { seen: `devices with addresses: ${names}` });
  if (device === "down") refuse(deviceWords(args.dev, device), { hint: `bring it up first: ip link set dev ${args.dev} up` });
  if (device === "no carrier" && args.carrier) refuse(deviceWords(args.dev, device), { hint: "plug its cable in, or say carrier: false" });
}

function refuseTaken(args: Args, { elsewhere }: IpSeen, address: string): void {
  if (args.takeover || elsewhere === undefined) return;
  const { answer, unclear } = elsewhere;
  if (answer !== undefined) {
    refuse(`${address} is up on another host`, { expected: "that nobody answers for it", seen: `answered for by ${answer}`, hint: "take it down there; takeover: true adds it nevertheless" });
  }
  if (unclear !== undefined) {
    refuse(`cannot tell whether ${address} is free`, { seen: unclear, hint: "run the task with become: true; arp: false asks by ping alone; takeover: true does not ask" });
  }
}

function refuseLosingOthers({ addresses, promotes }: IpSeen, here: LocalAddress): void {
  if (here.secondary || promotes || here.address.includes(":")) return;
  const subnet = subnetOf(here);
  const others = addresses.filter((other) => other.secondary && other.dev === here.dev && other.length === here.length && subnetOf(other) === subnet);
  if (others.length === 0) return;
  refuse(`removing ${here.address} would remove ${others.map(cidr).join(", ")} with it`, {
    seen: `${here.address} is the primary address of its subnet on ${here.dev}`,
    hint: `sysctl net.ipv4.conf.${here.dev}.promote_secondaries=1 keeps the others`,
  });
}

function needRoot({ root }: IpSeen): void {
  if (!root) refuse("only root may change addresses", { hint: "run the task with become: true" });
}

/** Where the address is on this host; the place on the wanted device before any other. */
function placeOf(args: Args, { address, addresses }: IpSeen): LocalAddress | undefined {
  const places = addresses.filter((place) => place.address === address);
  const onDevice = places.filter((place) => place.dev === args.dev);
  return onDevice.find((place) => place.length === args.netmask) ?? onDevice[0] ?? places[0];
}

function defaultLength(args: Args, { addresses }: IpSeen, address: string): number {
  const family = isIP(address);
  const linkLocal = (other: LocalAddress) => /^fe[89ab]/i.test(other.address);
  const first = addresses.find((other) => other.dev === args.dev && isIP(other.address) === family && !linkLocal(other));
  return first?.length ?? refuse(`the netmask of ${address} is not known`, { seen: `${args.dev} has no IPv${family} address to take it from`, hint: "give netmask" });
}

function careOf(args: Args): Care {
  return { dev: args.dev, arp: args.arp, ping: args.ping, announce: args.announce, ask: !args.takeover };
}

function absenceRemarks(args: Args, { device, elsewhere }: IpSeen): string[] {
  return [...(device === "up" ? [] : [deviceWords(args.dev, device)]), ...(elsewhere?.answer === undefined ? [] : [`another host has it: ${elsewhere.answer}`])];
}

function presenceRemarks(args: Args, seen: IpSeen, here: LocalAddress): string[] {
  return [
    ...(here.dev === args.dev ? [] : [`it is on ${here.dev}, not on ${args.dev}`]),
    ...(seen.device === "up" ? [] : [deviceWords(args.dev, seen.device)]),
    ...(args.netmask === undefined || here.length === args.netmask ? [] : [`its netmask is ${here.length}, not ${args.netmask}`]),
    ...(args.label === undefined || here.label === args.label ? [] : [`its label is ${here.label ?? "none"}, not ${args.label}`]),
    ...(here.duplicate ? ["another host on the link has it (duplicate address detection)"] : []),
    ...(here.tentative && !here.duplicate ? ["duplicate address detection has not ended"] : []),
  ];
}

function unresolved({ address }: Args): string {
  return `could not resolve ${address} on this host`;
}

function deviceWords(dev: string, device: Exclude<IpSeen["device"], "up">): string {
  return { missing: `device ${dev} does not exist`, down: `device ${dev} is not up`, "no carrier": `device ${dev} has no carrier` }[device];
}

function subnetOf({ address, length }: Pick<LocalAddress, "address" | "length">): number {
  const bits = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return Math.floor(bits / 2 ** (32 - length));
}

/** A length, or a dotted mask whose ones all come first. */
function netmask(words: string) {
  const error = "must be a length like 24, or a netmask like 255.255.255.0";
  const lengthOf = (value: unknown) => {
    if (typeof value !== "string") return value;
    if (/^\d+$/.test(value)) return Number(value);
    const bits = isIP(value) === 4 ? value.split(".").map((part) => Number(part).toString(2).padStart(8, "0")).join("") : "";
    return /^1*0*$/.test(bits) && bits !== "" ? bits.replaceAll("0", "").length : value;
  };
  return z.preprocess(lengthOf, z.int(error).min(1, error).max(128, error)).describe(words);
}
