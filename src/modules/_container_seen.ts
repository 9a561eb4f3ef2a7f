import { sh, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import type { ContainerArgs } from "./_container_args.ts";
import { probe } from "./_container_ready.ts";
import { specOf } from "./_container_spec.ts";
import { volumeOf } from "./_container_values.ts";
import { client, daemonOf, jsonLines, type Daemon } from "./_docker.ts";
import { observeSections, reportsOf, section } from "./_observe.ts";

/** What `docker container inspect` shows, as far as it is used (Docker Engine API, ContainerInspect). */
export interface Inspected {
  readonly Id: string;
  /** With a leading slash. */
  readonly Name: string;
  /** The id of its image. */
  readonly Image: string;
  readonly RestartCount?: number;
  readonly State: { readonly Status: string; readonly Running: boolean; readonly Paused?: boolean; readonly Restarting?: boolean; readonly ExitCode: number; readonly Error?: string; readonly Pid?: number };
  readonly Config: ImageConfig & { readonly Hostname?: string; readonly Image?: string; readonly Tty?: boolean; readonly OpenStdin?: boolean; readonly StopSignal?: string };
  readonly HostConfig: HostConfig;
  readonly Mounts?: readonly { readonly Type: string; readonly Name?: string; readonly Destination: string }[] | null;
}

/** What an image gives to its containers. */
export interface ImageConfig {
  readonly User?: string;
  readonly Env?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

export interface HostConfig {
  readonly Binds?: readonly string[] | null;
  readonly NetworkMode?: string;
  readonly PortBindings?: Readonly<Record<string, readonly { readonly HostIp?: string; readonly HostPort?: string }[] | null>> | null;
  readonly RestartPolicy?: { readonly Name?: string; readonly MaximumRetryCount?: number };
  readonly AutoRemove?: boolean;
  readonly CapAdd?: readonly string[] | null;
  readonly CapDrop?: readonly string[] | null;
  readonly Dns?: readonly string[] | null;
  readonly ExtraHosts?: readonly string[] | null;
  readonly GroupAdd?: readonly string[] | null;
  readonly SecurityOpt?: readonly string[] | null;
  readonly Tmpfs?: Readonly<Record<string, string>> | null;
  readonly Sysctls?: Readonly<Record<string, string>> | null;
  readonly Ulimits?: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[] | null;
  readonly Devices?: readonly { readonly PathOnHost: string; readonly PathInContainer: string; readonly CgroupPermissions: string }[] | null;
  readonly LogConfig?: { readonly Type?: string; readonly Config?: Readonly<Record<string, string>> | null };
  readonly Privileged?: boolean;
  readonly ReadonlyRootfs?: boolean;
  readonly Init?: boolean | null;
  readonly Memory?: number;
  readonly NanoCpus?: number;
  readonly ShmSize?: number;
  readonly PidMode?: string;
  readonly IpcMode?: string;
}

export interface Image {
  readonly Id: string;
  readonly RepoTags?: readonly string[] | null;
  readonly Config?: ImageConfig | null;
}

export interface ContainerSeen {
  readonly daemon: Daemon;
  readonly container?: Inspected;
  /** The container that an interrupted recreation has put aside. */
  readonly aside?: Inspected;
  /** What the name of the wanted image stands for now. */
  readonly image?: Image;
  /** The image that the container was made of, when the daemon still has it. */
  readonly ownImage?: Image;
  readonly missingSources: readonly string[];
  /** The lines of `ss` for the sockets that listen on the host; empty when there is no `ss`. */
  readonly listeners: readonly string[];
  /** Why a running container is not ready, in one line; absent when it is, or when nobody asks. */
  readonly notReady?: string;
}

/** The name of the old container while a new one is proven. */
export function asideName(name: string): string {
  return `${name}.bowline-old`;
}

/**
 * Two calls of the client: the containers, then the image that is wanted and the one that the container was made of.
 * A daemon that was silent is not asked again.
 */
export function observeContainer(args: ContainerArgs): Script {
  const docker = client(args.socket);
  const { lists } = specOf(args);
  const sources = lists.volumes.flatMap((volume) => volumeOf(volume)?.source.match(/^\/.*/) ?? []);
  const json = "{{json .}}";
  return observeSections(
    ["docker", "timeout"],
    [
      sh`c=$(${docker} container inspect --format ${json} ${args.name} ${asideName(args.name)} 2>&1)`,
      section("containers", sh`printf '%s\n' "$c"`),
      ...(args.image === undefined ? [] : [section("images", sh`[ -z "$c" ] || ${docker} image inspect --format ${json} ${args.image} $(printf '%s\n' "$c" | sed -n ${ownImageId(args.name)}) 2>/dev/null`)]),
      ...(sources.length === 0 ? [] : [section("sources", sh`for s in ${sources}; do [ -e "$s" ] || printf '%s\n' "$s"; done`)]),
      ...(lists.ports.length === 0 ? [] : [section("listeners", sh`command -v ss >/dev/null 2>&1 && ss -Hltnup`)]),
      ...(args.ready === undefined ? [] : [section("ready", ifRunning(probe(args)))]),
    ],
  );
}

/** What does not run need not be asked whether it is ready, for which a request may wait in vain. */
function ifRunning(script: Script): Script {
  return sh`
    case $c in *'"Running":true'*) ;; *) exit 1 ;; esac
    ${script}
  `;
}

/** For sed: the id of the image on the line of the container of this name. */
function ownImageId(name: string): string {
  return `/"Name":"\\/${name.replaceAll(".", "[.]")}"/s/.*"Image":"\\(sha256:[0-9a-f]*\\)".*/\\1/p`;
}

export function parseContainer(answer: Answer, args: ContainerArgs): ContainerSeen {
  const reports = reportsOf(answer);
  const text = (name: string) => reports.get(name)?.text ?? "";
  const lines = (name: string) => text(name).split("\n").filter((line) => line !== "");
  const containers = (jsonLines(text("containers")) as Inspected[]).map(sorted);
  const container = containers.find(({ Name }) => Name === `/${args.name}`);
  const aside = containers.find(({ Name }) => Name === `/${asideName(args.name)}`);
  const ready = reports.get("ready");
  return {
    daemon: daemonOf(text("containers")),
    ...(container ? { container } : {}),
    ...(aside ? { aside } : {}),
    ...imagesOf(jsonLines(text("images")) as Image[], container),
    missingSources: lines("sources"),
    listeners: lines("listeners"),
    ...(ready && ready.code !== 0 && container?.State.Running ? { notReady: ready.text.trim() || "no answer" } : {}),
  };
}

/** Docker lists mounts in another order each time. */
function sorted(container: Inspected): Inspected {
  const { Mounts } = container;
  return Mounts ? { ...container, Mounts: Mounts.toSorted((a, b) => (a.Destination < b.Destination ? -1 : 1)) } : container;
}

/** Two images were asked for, the wanted one first; docker leaves out what it does not have. */
function imagesOf([first, second]: Image[], container: Inspected | undefined): Pick<ContainerSeen, "image" | "ownImage"> {
  if (first && second) return { image: first, ownImage: second };
  if (!first) return {};
  return container?.Image === first.Id ? { ownImage: first } : { image: first };
}

/** It runs, and does not just hang between two restarts. */
export function isUp(container: Inspected | undefined): boolean {
  return container !== undefined && container.State.Running && container.State.Paused !== true && container.State.Restarting !== true;
}
