import { isIP } from "node:net";
import { sh, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import { observeSections, requireTool, section, sectionsOf } from "./_observe.ts";

/** What there is of an address on a host. */
export interface IpSeen {
  readonly root: boolean;
  /** The wanted address in its canonical form; absent when the name leads nowhere on this host. */
  readonly address?: string;
  readonly device: DeviceSeen;
  /** Every address of the host, in the kernel's order. */
  readonly addresses: readonly LocalAddress[];
  /** Who answers for the address; only asked while it is wanted and not on this host. */
  readonly elsewhere?: Elsewhere;
  /** Whether secondary addresses of the device survive when their primary goes. */
  readonly promotes: boolean;
  /** The address over which the controller came, where the host tells; only looked for while the address is to go. */
  readonly session?: string;
}

export type DeviceSeen = "missing" | "down" | "no carrier" | "up";

export interface LocalAddress {
  readonly dev: string;
  readonly address: string;
  readonly length: number;
  readonly label?: string;
  readonly secondary: boolean;
  /** Duplicate address detection (IPv6): still going on, or lost. */
  readonly tentative: boolean;
  readonly duplicate: boolean;
}

export interface Elsewhere {
  /** `52:54:00:77:00:12 (ARP on eth1)`, or that it answers ping; absent when nobody answers. */
  readonly answer?: string;
  /** Why nothing can be said. */
  readonly unclear?: string;
}

/** What of the arguments the probe needs. */
export interface Probing {
  readonly dev: string;
  readonly arp: boolean;
  readonly ping: boolean;
}

/**
 * Shell functions that find out who else has the address $a. Each prints who answers, or nothing; the exit code is 2
 * when it could not ask. arping's exit codes differ between versions, so its words decide; iputils and busybox print
 * the same ones.
 */
export function probeFunctions({ dev, arp, ping }: Probing): Script {
  return sh`
    probe_arp() {
      ${arp ? sh`:` : sh`return 0`}
      case "$a" in *:*) return 0;; esac
      case $(ip -o link show dev ${dev}) in *LOOPBACK* | *NOARP*) return 0;; esac
      out=$(arping -D -c "$1" -w "$1" -I ${dev} "$a" 2>&1 </dev/null)
      case "$out" in
        *"reply from"*) printf '%s\n' "$out" | sed -n ${`s/.*reply from [^ ]* \\[\\([^]]*\\)\\].*/\\1 (ARP on ${dev})/p`} | head -n 1;;
        *"Received 0 "*) ;;
        *) printf '%s\n' "$out" | tail -n 1 >&2; return 2;;
      esac
    }
    probe_ping() {
      ${ping ? sh`:` : sh`return 0`}
      if ping_once; then echo "a host that answers ping"; fi
    }
    ping_once() {
      case "$a" in
        *:*) ping -6 -n -c 1 -W 1 "$a" >/dev/null 2>&1 </dev/null || ping6 -n -c 1 -W 1 "$a" >/dev/null 2>&1 </dev/null;;
        *) ping -n -c 1 -W 1 "$a" >/dev/null 2>&1 </dev/null;;
      esac
    }
  `;
}

/** Reads the host's addresses; asks the network only when the address is `wanted` and not here. What a change needs to ask is needed now. */
export function observeIp(address: string, probing: Probing, wanted: boolean): Script {
  const { dev, arp, ping } = probing;
  return observeSections(
    ["ip"],
    [
      isIP(address) ? sh`a=${canonical(address)}` : resolve(address),
      sh`link=$(ip -o link show dev ${dev} 2>/dev/null)`,
      sh`all=$(ip -o addr show)`,
      wanted ? sh`connection=` : findConnection,
      section("host", sh`id -u; printf '%s\n' "$a" "$connection" "$link"; ${promotes(dev)}`),
      section("addresses", sh`printf '%s\n' "$all"`),
      sh`change=${wanted ? "add" : ""}`,
      sh`case "$all" in *" $a/"* | *" $a peer "*) change=${wanted ? "" : "remove"};; esac`,
      sh`case "$a,$link" in ,*) change=;; *[,\<]UP[,\>]*) ;; *) change=;; esac`,
      sh`if [ -n "$change" ]; then`,
      arp ? sh`case "$a" in *:*) ;; *) ${requireTool("arping")};; esac` : sh`:`,
      ping ? requireTool("ping") : sh`:`,
      sh`fi; if [ "$change" = add ]; then`,
      probeFunctions(probing),
      section("elsewhere", askElsewhere),
      sh`fi`,
    ],
  );
}

/** Both ways at once, since each waits for seconds when nobody answers; a line for each. */
const askElsewhere = sh`
  { found=$(probe_ping); echo "ping $found"; } &
  if found=$(probe_arp 2 2>&1); then echo "arp $found"; else echo "unclear $found"; fi
  wait
`;

/** Sets $connection to what sshd says of the session: sudo keeps it from us, but not from the processes above it. */
const findConnection = sh`
  connection=\${SSH_CONNECTION-}
  one=$$
  while [ -z "$connection" ] && one=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$one/status" 2>/dev/null) && [ "\${one:-0}" -gt 1 ]; do
    connection=$(tr '\0' '\n' 2>/dev/null <"/proc/$one/environ" | sed -n 's/^SSH_CONNECTION=//p')
  done
`;

function promotes(dev: string): Script {
  return sh`cat /proc/sys/net/ipv4/conf/all/promote_secondaries ${`/proc/sys/net/ipv4/conf/${dev}/promote_secondaries`} 2>/dev/null`;
}

/** The first answer of the host's own resolver, as getaddrinfo orders them. */
function resolve(name: string): Script {
  return sh`
    ${requireTool("getent")}
    ${requireTool("timeout")}
    a=$(timeout 5 getent ahosts ${name} </dev/null)
    a=\${a%%[!0-9a-fA-F:.]*}
  `;
}

export function parseIp(answer: Answer): IpSeen {
  const sections = sectionsOf(answer);
  const [uid, address = "", connection = "", link = "", ...promoting] = (sections.get("host") ?? "").split("\n");
  const elsewhere = sections.get("elsewhere");
  const session = connection.split(" ")[2];
  return {
    root: uid === "0",
    ...(address === "" ? {} : { address: canonical(address) }),
    device: deviceOf(link),
    addresses: (sections.get("addresses") ?? "").split("\n").flatMap(parseAddress),
    ...(elsewhere === undefined ? {} : { elsewhere: parseElsewhere(elsewhere) }),
    promotes: promoting.includes("1"),
    ...(session === undefined ? {} : { session: canonical(session) }),
  };
}

function deviceOf(link: string): DeviceSeen {
  const flags = /<([^>]*)>/.exec(link)?.[1]?.split(",");
  if (!flags) return "missing";
  if (!flags.includes("UP")) return "down";
  return flags.includes("NO-CARRIER") ? "no carrier" : "up";
}

/** A line of `ip -o addr`: `2: eth0    inet 10.0.2.71/24 brd 10.0.2.255 scope global secondary eth0:1\ …`. */
function parseAddress(line: string): LocalAddress[] {
  const [, dev, family, own, peerLength, rest = ""] =
    /^\d+: (\S+?)(?:@\S+)?\s+(inet6?) ([^ /]+)(?: peer [^ /]+)?(?:\/(\d+))? ([^\\]*)/.exec(line) ?? [];
  if (dev === undefined || own === undefined) return [];
  const words = rest.trim().split(" ");
  const last = words.at(-1);
  const label = family === "inet" && last !== undefined && last.startsWith(dev) ? { label: last } : {};
  const length = peerLength === undefined ? (family === "inet" ? 32 : 128) : Number(peerLength);
  const has = (word: string) => words.includes(word);
  return [
    {
      dev,
      address: canonical(own),
      length,
      ...label,
      secondary: has("secondary"),
      tentative: has("tentative"),
      duplicate: has("dadfailed"),
    },
  ];
}

/** What ARP says tells more than that there is an answer to ping; that it could not be asked counts more than either. */
function parseElsewhere(text: string): Elsewhere {
  const said = (way: string) => new RegExp(`^${way} *(.*)`, "m").exec(text)?.[1];
  const unclear = said("unclear");
  if (unclear !== undefined) return { unclear: unclear || "arping said nothing" };
  const answer = said("arp") || said("ping");
  return answer ? { answer } : {};
}

/** An IPv6 address can be written in many ways; this is RFC 5952's, which `ip` prints too. */
export function canonical(address: string): string {
  return isIP(address) === 6 && !address.includes("%") && !address.includes(".")
    ? new URL(`http://[${address}]`).hostname.slice(1, -1)
    : address;
}
