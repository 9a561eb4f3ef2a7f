import { isIP } from "node:net";
import type { Answer } from "../core/step.ts";
import type { Change } from "./contract.ts";
import type { IpArgs } from "./_ip_args.ts";
import type { IpSeen, LocalAddress } from "./_ip_seen.ts";
import { addStep, cidr, removeStep, remarkPrefix, resizeStep, type Care, type Placed } from "./_ip_steps.ts";
import { refuse } from "./refuse.ts";

export function planUp(args: IpArgs, seen: IpSeen): Change[] {
  const address = seen.address ?? refuse(unresolved(args), { hint: "the host's own resolver is asked: look at its /etc/hosts and DNS" });
  refuseUnready(args, seen);
  const here = placeOf(args, seen);
  if (here && here.dev !== args.dev) {
    refuse(`${address} is on ${here.dev} already`, {
      expected: `on ${args.dev}, or nowhere`,
      seen: cidr(here),
      hint: `take it down there first: ip: { address: ${args.address}, dev: ${here.dev}, state: down }`,
    });
  }
  if (here?.duplicate)
    refuse(`another host on the link has ${address} (duplicate address detection)`, { hint: "take it down, here or there" });
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
      remark: remarkOf,
      undo: [removeStep(placed, args)],
    },
  ];
}

/** A name that leads nowhere may well be that of an address which is up: "nothing to do" would be a guess. */
export function planDown(args: IpArgs, seen: IpSeen): Change[] {
  if (seen.address === undefined)
    refuse(unresolved(args), { seen: `addresses of this host: ${seen.addresses.map(cidr).join(", ")}`, hint: "name the address itself" });
  const here = placeOf(args, seen);
  if (!here) return [];
  if (here.dev !== args.dev)
    refuse(`${here.address} is on ${here.dev}, not on ${args.dev}`, {
      hint: "it was not put there by this task; name that device to remove it",
    });
  if (here.address === seen.session)
    refuse(`${here.address} is the address over which Bowline reaches this host`, {
      hint: "reach the host by another address to remove this one",
    });
  refuseLosingOthers(seen, here);
  needRoot(seen);
  const title = `remove ${cidr(here)} from ${here.dev}`;
  return [
    {
      title,
      before: cidr(here),
      after: null,
      steps: [removeStep(here, args)],
      remark: remarkOf,
      undo: [addStep(here, { ...careOf(args), ask: true })],
    },
  ];
}

function remarkOf(answers: readonly Answer[]): string | undefined {
  const lines = answers.flatMap((answer) => answer.stdout.split("\n"));
  return lines.find((line) => line.startsWith(remarkPrefix))?.slice(remarkPrefix.length);
}

function resize(args: IpArgs, seen: IpSeen, here: LocalAddress): Change {
  refuseLosingOthers(seen, here);
  needRoot(seen);
  const wanted = { ...here, length: args.netmask ?? here.length };
  const title = `change the netmask of ${here.address} on ${here.dev} from ${here.length} to ${wanted.length}`;
  return { title, before: cidr(here), after: cidr(wanted), steps: [resizeStep(here, wanted)], undo: [resizeStep(wanted, here)] };
}

function refuseUnready(args: IpArgs, { device, addresses }: IpSeen): void {
  const names = [...new Set(addresses.map(({ dev }) => dev))].join(", ");
  if (device === "missing") refuse(deviceWords(args.dev, device), { seen: `devices with addresses: ${names}` });
  if (device === "down") refuse(deviceWords(args.dev, device), { hint: `bring it up first: ip link set dev ${args.dev} up` });
  if (device === "no carrier" && args.carrier) refuse(deviceWords(args.dev, device), { hint: "plug its cable in, or say carrier: false" });
}

function refuseTaken(args: IpArgs, { elsewhere }: IpSeen, address: string): void {
  if (args.takeover || elsewhere === undefined) return;
  const { answer, unclear } = elsewhere;
  if (answer !== undefined) {
    refuse(`${address} is up on another host`, {
      expected: "that nobody answers for it",
      seen: `answered for by ${answer}`,
      hint: "take it down there; takeover: true adds it nevertheless",
    });
  }
  if (unclear !== undefined) {
    refuse(`cannot tell whether ${address} is free`, {
      seen: unclear,
      hint: "run the task with become: true; arp: false asks by ping alone; takeover: true does not ask",
    });
  }
}

function refuseLosingOthers({ addresses, promotes }: IpSeen, here: LocalAddress): void {
  if (here.secondary || promotes || here.address.includes(":")) return;
  const subnet = subnetOf(here);
  const others = addresses.filter(
    (other) => other.secondary && other.dev === here.dev && other.length === here.length && subnetOf(other) === subnet,
  );
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
export function placeOf(args: IpArgs, { address, addresses }: IpSeen): LocalAddress | undefined {
  const places = addresses.filter((place) => place.address === address);
  const onDevice = places.filter((place) => place.dev === args.dev);
  return onDevice.find((place) => place.length === args.netmask) ?? onDevice[0] ?? places[0];
}

/** The netmask of 127.0.0.1 on another address of the loopback device would make that whole net the host's own. */
function defaultLength(args: IpArgs, { addresses }: IpSeen, address: string): number {
  const family = isIP(address);
  if (args.dev === "lo") return family === 4 ? 32 : 128;
  const linkLocal = (other: LocalAddress) => /^fe[89ab]/i.test(other.address);
  const first = addresses.find((other) => other.dev === args.dev && isIP(other.address) === family && !linkLocal(other));
  return (
    first?.length ??
    refuse(`the netmask of ${address} is not known`, {
      seen: `${args.dev} has no IPv${family} address to take it from`,
      hint: "give netmask",
    })
  );
}

function careOf(args: IpArgs): Care {
  return { dev: args.dev, arp: args.arp, ping: args.ping, announce: args.announce, ask: !args.takeover };
}

export function unresolved({ address }: IpArgs): string {
  return `could not resolve ${address} on this host`;
}

export function deviceWords(dev: string, device: Exclude<IpSeen["device"], "up">): string {
  return { missing: `device ${dev} does not exist`, down: `device ${dev} is not up`, "no carrier": `device ${dev} has no carrier` }[device];
}

function subnetOf({ address, length }: Pick<LocalAddress, "address" | "length">): number {
  const bits = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return Math.floor(bits / 2 ** (32 - length));
}
