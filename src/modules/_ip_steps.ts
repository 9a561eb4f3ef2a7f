import { sh, type Script } from "../core/sh.ts";
import { run, type RunStep } from "../core/step.ts";
import { requireTool } from "./_observe.ts";
import { probeFunctions, type Probing } from "./_ip_seen.ts";

/** An address as it stands, or is to stand, on a device. */
export interface Placed {
  readonly address: string;
  readonly length: number;
  readonly dev: string;
  readonly label?: string | undefined;
}

/** How carefully: whether others are asked once more before the address is taken, and how often it is announced. */
export interface Care extends Probing {
  readonly ask: boolean;
  readonly announce: number;
}

/** The words in front of what a step has to say without having failed. */
export const remarkPrefix = "remark: ";

/**
 * Add the address, wait until it can be used, announce it. An address that cannot be used is removed again. The
 * others on the link are asked a last time, since what was observed may be some seconds old. It finishes without the
 * controller: an address that was added and not announced looks right here, and the neighbours do not find it.
 */
export function addStep(placed: Placed, care: Care): RunStep {
  const { address, dev } = placed;
  const script = sh`
    a=${address}
    ${probeFunctions(care)}
    ${care.ask ? refuseIfTaken(care) : sh`:`}
    give_up() {
      ip addr del ${cidr(placed)} dev ${dev} && echo "$1; it was removed again" >&2
      exit 1
    }
    ${addCommand(placed)} || exit
    ${awaitUsable(placed)}
    ${care.ping ? awaitOwnPing : sh`:`}
    ${announce(dev, care.announce)}
  `;
  return run(script, { title: `ip addr add ${cidr(placed)} dev ${dev}`, timeout: 60, onDisconnect: "finish" });
}

/** Remove the address, and make sure that nobody has it any more. Through a device that is not up nobody can be asked. */
export function removeStep(placed: Placed, probing: Probing): RunStep {
  const script = sh`
    a=${placed.address}
    ${probeFunctions(probing)}
    ip addr del ${cidr(placed)} dev ${placed.dev} || exit
    case $(ip -o link show dev ${placed.dev}) in
      *[,\<]UP[,\>]*) ;;
      *) echo ${`${remarkPrefix}nobody was asked whether another host has ${placed.address}, since ${placed.dev} is not up`}; exit 0;;
    esac
    tries=0
    while :; do
      found=$(probe_arp 1) || { echo ${`${placed.address} was removed from ${placed.dev}, but whether another host answers for it cannot be told`} >&2; exit 1; }
      [ -n "$found" ] || found=$(probe_ping)
      [ -n "$found" ] || exit 0
      tries=$((tries + 1))
      [ "$tries" -lt 5 ] || break
      sleep 1
    done
    echo ${`${placed.address} was removed from ${placed.dev}, but it is still answered for by`} "$found" >&2
    exit 1
  `;
  return run(script, { title: `ip addr del ${cidr(placed)} dev ${placed.dev}`, timeout: 60 });
}

/**
 * Another netmask for an address that stays. The kernel takes the same IPv4 address twice with different masks, so
 * that one is never away; an IPv6 address has to go first.
 */
export function resizeStep(from: Placed, to: Placed): RunStep {
  const remove = sh`ip addr del ${cidr(from)} dev ${from.dev}`;
  const script = to.address.includes(":")
    ? sh`
        a=${to.address}
        give_up() {
          echo "$1" >&2
          ip addr del ${cidr(to)} dev ${to.dev} 2>/dev/null
          ${addCommand(from)}
          exit 1
        }
        ${remove} || exit
        ${addCommand(to)} || give_up ${`${cidr(to)} was not added, so ${cidr(from)} was put back`}
        ${awaitUsable(to)}
      `
    : sh`
        ${addCommand(to)} || exit
        ${remove} || { ip addr del ${cidr(to)} dev ${to.dev}; exit 1; }
      `;
  return run(script, { title: `change ${cidr(from)} on ${from.dev} to ${cidr(to)}`, onDisconnect: "finish" });
}

export function cidr({ address, length }: Pick<Placed, "address" | "length">): string {
  return `${address}/${length}`;
}

function addCommand(placed: Placed): Script {
  const broadcast = !placed.address.includes(":") && placed.length < 31 ? ["broadcast", "+"] : [];
  const label = placed.label === undefined ? [] : ["label", placed.label];
  return sh`ip addr add ${cidr(placed)} ${broadcast} dev ${placed.dev} ${label}`;
}

/** Without ARP, ping has to do; for IPv6, duplicate address detection asks better than either. */
function refuseIfTaken({ arp }: Probing): Script {
  return sh`
    ${arp ? sh`case "$a" in *:*) ;; *) ${requireTool("arping")};; esac` : sh`:`}
    found=$(${arp ? sh`probe_arp 1` : sh`probe_ping`}) || { echo "cannot tell whether $a is free" >&2; exit 1; }
    [ -z "$found" ] || { echo "$a is answered for by $found; nothing was changed" >&2; exit 1; }
  `;
}

/** IPv6 addresses cannot be bound to until duplicate address detection (RFC 4862) has ended, which takes about a second. */
function awaitUsable({ address, dev }: Placed): Script {
  if (!address.includes(":")) return sh`:`;
  return sh`
    tries=0
    while :; do
      line=$(ip -o -6 addr show dev ${dev} | grep -F " $a/")
      case "$line" in
        *dadfailed*) give_up "another host on the link has $a (duplicate address detection)";;
        *tentative*) ;;
        ?*) break;;
        *) give_up "$a disappeared";;
      esac
      tries=$((tries + 1))
      [ "$tries" -lt 50 ] || give_up "duplicate address detection of $a did not end in 10 s"
      sleep 0.2
    done
  `;
}

/** Whoever is started next must be able to bind to the address. */
const awaitOwnPing = sh`
  tries=0
  until ping_once; do
    tries=$((tries + 1))
    [ "$tries" -lt 5 ] || give_up "the host does not reach its own address $a by ping"
    sleep 1
  done
`;

/** Neighbours may still hold the MAC of the host that had the address before; those of an IPv6 address find out by themselves. */
function announce(dev: string, count: number): Script {
  if (count === 0) return sh`:`;
  return sh`
    case "$a" in *:*) exit 0;; esac
    case $(ip -o link show dev ${dev}) in *LOOPBACK* | *NOARP*) exit 0;; esac
    out=$(arping -U -c ${count} -w ${count + 2} -I ${dev} -s "$a" "$a" 2>&1 </dev/null)
    case "$out" in
      *"Sent "*) ;;
      *) echo ${`${remarkPrefix}not announced by gratuitous ARP:`} "$(printf '%s' "$out" | tail -n 1)";;
    esac
    exit 0
  `;
}
