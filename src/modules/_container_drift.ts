import type { ContainerArgs } from "./_container_args.ts";
import type { ContainerSeen, HostConfig, ImageConfig, Inspected } from "./_container_seen.ts";
import { specOf, type Spec } from "./_container_spec.ts";
import { bytesOf, capabilityOf, isAnonymous, portText, tmpfsOf, trimmed, volumeOf, volumeText } from "./_container_values.ts";
import { shortId } from "./_docker.ts";

/**
 * In which ways a container is not what its arguments describe, each as a sentence. What the arguments leave open is
 * compared with what the container's own image gives, so a change of a default is noticed and a new image is said once.
 */
export function differencesOf(args: ContainerArgs, seen: ContainerSeen): string[] {
  const { container } = seen;
  if (!container) return [];
  const spec = specOf(args);
  const base = seen.ownImage?.Config ?? undefined;
  const settings = comparisons.flatMap(({ what, has, wants }) => {
    const wanted = wants(spec, base);
    const present = has(container);
    return wanted === undefined || same(present, wanted) ? [] : [`${what}: ${shown(present)} instead of ${shown(wanted)}`];
  });
  return [...imageDifference(args, seen), ...settings, ...envDifferences(spec, container, base), ...labelDifferences(spec, container)];
}

/** In OpenSVC's words. An image that the daemon no longer has by the wanted name cannot be compared. */
function imageDifference(args: ContainerArgs, { container, image, ownImage }: ContainerSeen): string[] {
  if (!container || !image || container.Image === image.Id) return [];
  const name = ownImage?.RepoTags?.[0] ?? shortId(container.Image);
  return [`running container is based on image ${name === args.image ? shortId(container.Image) : name} instead of ${name === args.image ? shortId(image.Id) : (args.image ?? "")}`];
}

interface Comparison {
  readonly what: string;
  has(container: Inspected): readonly string[];
  /** Undefined: not compared, since it is not asked for and docker fills it in. */
  wants(spec: Spec, image: ImageConfig | undefined): readonly string[] | undefined;
}

const word = (value: string | undefined) => (value === undefined || value === "" ? [] : [value]);
const asked = (value: string | undefined) => (value === undefined ? undefined : [value]);
const askedList = (values: readonly string[]) => (values.length === 0 ? undefined : sorted(values));
const sorted = (values: readonly string[] | null | undefined) => [...(values ?? [])].sort();
const flag = (value: boolean | null | undefined) => [value === true ? "yes" : "no"];
const host = (read: (config: HostConfig) => readonly string[]) => (container: Inspected) => read(container.HostConfig);

const comparisons: readonly Comparison[] = [
  { what: "command", has: ({ Config }) => Config.Cmd ?? [], wants: ({ command, entrypoint }, image) => command ?? (entrypoint === undefined ? image && (image.Cmd ?? []) : []) },
  { what: "entrypoint", has: ({ Config }) => Config.Entrypoint ?? [], wants: ({ entrypoint }, image) => asked(entrypoint) ?? (image && (image.Entrypoint ?? [])) },
  { what: "ports", has: host(({ PortBindings }) => portsShown(PortBindings)), wants: ({ lists }) => sorted(lists.ports) },
  { what: "volumes", has: host(({ Binds }) => volumesShown(Binds)), wants: ({ lists }) => sorted(lists.volumes) },
  { what: "network", has: host(({ NetworkMode }) => [networkName(NetworkMode)]), wants: ({ texts }) => (texts.network?.startsWith("container:") ? undefined : [networkName(texts.network)]) },
  { what: "restart policy", has: host(({ RestartPolicy }) => [policyShown(RestartPolicy)]), wants: ({ texts }) => [texts.restart ?? "no"] },
  { what: "user", has: ({ Config }) => word(Config.User), wants: ({ texts }, image) => asked(texts.user) ?? (image && word(image.User)) },
  { what: "working directory", has: ({ Config }) => directory(Config.WorkingDir), wants: ({ texts }, image) => (texts.workdir === undefined ? image && directory(image.WorkingDir) : directory(texts.workdir)) },
  { what: "hostname", has: ({ Config, Id }) => word(Config.Hostname === Id.slice(0, 12) ? "" : Config.Hostname), wants: ({ texts }) => asked(texts.hostname) ?? (sharesHost(texts.network) ? undefined : []) },
  { what: "read_only", has: host(({ ReadonlyRootfs }) => flag(ReadonlyRootfs)), wants: ({ switches }) => flag(switches.read_only) },
  { what: "privileged", has: host(({ Privileged }) => flag(Privileged)), wants: ({ switches }) => flag(switches.privileged) },
  { what: "init", has: host(({ Init }) => flag(Init)), wants: ({ switches }) => flag(switches.init) },
  { what: "tty", has: ({ Config }) => flag(Config.Tty), wants: ({ switches }) => flag(switches.tty) },
  { what: "interactive", has: ({ Config }) => flag(Config.OpenStdin), wants: ({ switches }) => flag(switches.interactive) },
  { what: "auto_remove", has: host(({ AutoRemove }) => flag(AutoRemove)), wants: ({ switches }) => flag(switches.auto_remove) },
  { what: "cap_add", has: host(({ CapAdd }) => sorted(CapAdd?.map(capabilityOf))), wants: ({ lists }) => sorted(lists.cap_add) },
  { what: "cap_drop", has: host(({ CapDrop }) => sorted(CapDrop?.map(capabilityOf))), wants: ({ lists }) => sorted(lists.cap_drop) },
  { what: "devices", has: host(({ Devices }) => sorted(Devices?.map((d) => `${d.PathOnHost}:${d.PathInContainer}:${d.CgroupPermissions}`))), wants: ({ lists }) => sorted(lists.devices) },
  { what: "dns", has: host(({ Dns }) => sorted(Dns)), wants: ({ lists }) => sorted(lists.dns) },
  { what: "extra_hosts", has: host(({ ExtraHosts }) => sorted(ExtraHosts)), wants: ({ lists }) => sorted(lists.extra_hosts) },
  { what: "group_add", has: host(({ GroupAdd }) => sorted(GroupAdd)), wants: ({ lists }) => sorted(lists.group_add) },
  { what: "tmpfs", has: host(({ Tmpfs }) => sorted(Object.entries(Tmpfs ?? {}).map(([path, options]) => tmpfsOf(`${path}:${options}`)))), wants: ({ lists }) => sorted(lists.tmpfs) },
  { what: "sysctls", has: host(({ Sysctls }) => pairs(Sysctls)), wants: ({ maps }) => pairs(maps.sysctls) },
  { what: "security_opt", has: host(({ SecurityOpt }) => sorted(SecurityOpt)), wants: ({ lists }) => askedList(lists.security_opt) },
  { what: "ulimits", has: host(({ Ulimits }) => sorted(Ulimits?.map((u) => `${u.Name}=${u.Soft}:${u.Hard}`))), wants: ({ lists }) => askedList(lists.ulimits) },
  { what: "memory", has: host(({ Memory }) => [String(Memory ?? 0)]), wants: ({ texts }) => [String(bytesOf(texts.memory ?? "0") ?? 0)] },
  { what: "cpus", has: host(({ NanoCpus }) => [String((NanoCpus ?? 0) / 1e9)]), wants: ({ texts }) => [String(Number(texts.cpus ?? 0))] },
  { what: "shm_size", has: host(({ ShmSize }) => [String(ShmSize ?? 0)]), wants: ({ texts }) => (texts.shm_size === undefined ? undefined : [String(bytesOf(texts.shm_size))]) },
  { what: "pid", has: host(({ PidMode }) => word(PidMode)), wants: ({ texts }) => (texts.pid?.startsWith("container:") ? undefined : word(texts.pid)) },
  { what: "ipc", has: host(({ IpcMode }) => word(IpcMode)), wants: ({ texts }) => (texts.ipc?.startsWith("container:") ? undefined : asked(texts.ipc)) },
  { what: "log_driver", has: host(({ LogConfig }) => word(LogConfig?.Type)), wants: ({ texts }) => asked(texts.log_driver) },
  { what: "log_opts", has: host(({ LogConfig }) => pairs(LogConfig?.Config)), wants: ({ maps }) => askedList(pairs(maps.log_opts)) },
  { what: "stop_signal", has: ({ Config }) => word(Config.StopSignal), wants: ({ texts }) => asked(texts.stop_signal) },
];

/** Proxies that the client adds by itself (~/.docker/config.json, `proxies`). */
const proxies = /^(https?|ftp|no|all)_proxy$/i;

/** Values may be secret, so only names are said. */
function envDifferences(spec: Spec, container: Inspected, image: ImageConfig | undefined): string[] {
  if (!image) return [];
  const has = envOf(container.Config.Env);
  const wants = new Map([...envOf(image.Env), ...Object.entries(spec.maps.env)]);
  const wrong = [...wants].filter(([key, value]) => has.get(key) !== value).map(([key]) => (has.has(key) ? `${key} has another value` : `${key} is missing`));
  const extra = [...has.keys()].filter((key) => !wants.has(key) && !proxies.test(key)).map((key) => `${key} is set`);
  const all = [...wrong, ...extra];
  return all.length === 0 ? [] : [`env: ${all.join(", ")}`];
}

function envOf(env: readonly string[] | null | undefined): Map<string, string> {
  return new Map((env ?? []).map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

function labelDifferences(spec: Spec, container: Inspected): string[] {
  const has = container.Config.Labels ?? {};
  const wrong = Object.entries(spec.maps.labels).filter(([key, value]) => has[key] !== value);
  return wrong.map(([key, value]) => `label ${key}: ${has[key] ?? "none"} instead of ${value}`);
}

function portsShown(bindings: HostConfig["PortBindings"]): string[] {
  return Object.entries(bindings ?? {}).flatMap(([inside, outside]) => {
    const [port = "", protocol = "tcp"] = inside.split("/");
    return (outside ?? []).map(({ HostIp = "", HostPort = "" }) => portText(HostIp, HostPort, port, protocol));
  }).sort();
}

/** A volume without a name that a recreation has taken over belongs to the image, not to the arguments. */
function volumesShown(binds: HostConfig["Binds"]): string[] {
  return (binds ?? []).flatMap((bind) => {
    const volume = volumeOf(bind);
    return volume && isAnonymous(volume.source) ? [] : [volume ? volumeText(volume) : bind];
  }).sort();
}

function networkName(mode: string | undefined): string {
  return mode === undefined || mode === "default" || mode === "" ? "bridge" : mode;
}

function sharesHost(network: string | undefined): boolean {
  return network === "host" || (network?.startsWith("container:") ?? false);
}

function policyShown(policy: HostConfig["RestartPolicy"]): string {
  const tries = policy?.MaximumRetryCount ?? 0;
  return `${policy?.Name || "no"}${policy?.Name === "on-failure" && tries > 0 ? `:${tries}` : ""}`;
}

function directory(path: string | undefined): string[] {
  return [path === undefined || path === "" ? "/" : trimmed(path)];
}

function pairs(map: Readonly<Record<string, string>> | null | undefined): string[] {
  return Object.entries(map ?? {}).map(([key, value]) => `${key}=${value}`).sort();
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, at) => value === other[at]);
}

function shown(values: readonly string[]): string {
  return values.length === 0 ? "none" : values.join(" ");
}
