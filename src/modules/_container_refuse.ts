import type { ContainerArgs } from "./_container_args.ts";
import type { ContainerSeen, Inspected } from "./_container_seen.ts";
import { specOf } from "./_container_spec.ts";
import { refuse } from "./refuse.ts";

/** Refuses to make a container that could not start, each reason in its own words, before anything is touched. */
export function refuseUnmakeable(args: ContainerArgs, seen: ContainerSeen): void {
  if (!seen.image) {
    refuse(`the image ${args.image} is not on this daemon`, {
      expected: `${args.image} among the images of ${args.socket}`,
      hint: `an image task before this one brings it: image: { name: ${args.image}, socket: ${args.socket} }`,
    });
  }
  refuseUnstartable(args, seen);
}

/** Refuses to start a container without what it needs of the host. */
export function refuseUnstartable(args: ContainerArgs, seen: ContainerSeen): void {
  if (seen.missingSources.length > 0) {
    refuse(`a mount source is missing on the host: ${seen.missingSources.join(", ")}`, {
      expected: "the source of every volume to exist: docker would make an empty directory in its place",
      hint: "make it before (a directory task), or mount its filesystem (an fs task)",
    });
  }
  for (const binding of specOf(args).lists.ports) refuseTakenPort(binding, seen);
}

/** `ADDRESS:PORT` as ss prints it: the address may be an IPv6 one, `*`, or have `%device` behind it. */
const listening = /^(tcp|udp)\s+\S+\s+\d+\s+\d+\s+(\S+):(\d+)\s+\S+\s*(.*)$/;

/**
 * A port is surely taken when somebody else listens on every address of the host, or on the very one that is wanted.
 * Without an address in the binding the daemon chooses it, so a listener on a single one is left for docker to judge.
 */
function refuseTakenPort(binding: string, seen: ContainerSeen): void {
  const [, address, port = "", protocol] = /^(?:(.+):)?(\d*):\d+\/(\w+)$/.exec(binding) ?? [];
  if (port === "" || portsOf(seen.container).includes(`${port}/${protocol}`) || portsOf(seen.aside).includes(`${port}/${protocol}`)) return;
  for (const line of seen.listeners) {
    const [, kind, where = "", number, owner = ""] = listening.exec(line) ?? [];
    if (kind !== protocol || number !== port || !covers(where.replace(/%.*/, ""), address)) continue;
    const name = /\("([^"]+)",pid=(\d+)/.exec(owner);
    refuse(`port ${port} is taken${name ? ` by ${name[1]} (pid ${name[2]})` : ""}`, {
      expected: `nobody to listen on ${address ?? "any address"}:${port}`,
      seen: line.replace(/\s+/g, " ").trim(),
      hint: name?.[1] === "docker-proxy" ? `a container publishes it (docker ps --filter publish=${port} on its daemon says which): stop that one, or publish another port` : "end what listens there, or publish another port",
    });
  }
}

/** ss shows `*` for a socket of both kinds of addresses, and `[::]` for one that leaves IPv4 alone. */
function covers(where: string, address: string | undefined): boolean {
  const ipv6 = address?.includes(":") ?? false;
  if (where === "*") return true;
  if (where === "0.0.0.0") return !ipv6;
  if (where === "[::]") return ipv6;
  return where.replace(/^\[|\]$/g, "") === address;
}

/** What a container that runs publishes itself is not in its own way. */
function portsOf(container: Inspected | undefined): string[] {
  if (!container?.State.Running) return [];
  return Object.entries(container.HostConfig.PortBindings ?? {}).flatMap(([inside, outside]) => (outside ?? []).map(({ HostPort }) => `${HostPort}/${inside.split("/")[1] ?? "tcp"}`));
}
