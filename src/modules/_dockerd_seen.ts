import { sh, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import type { Places } from "./_dockerd_args.ts";
import { client, lastLine } from "./_docker.ts";
import { valuesOf } from "./_dockerd_words.ts";
import { mountpointsOf } from "./_mountpoint.ts";
import { observeSections, section, sectionsOf } from "./_observe.ts";

/** What there is of a daemon on a host. */
export interface DockerdSeen {
  /** Only root sees what other processes do. */
  readonly asRoot: boolean;
  /** The data root with its symbolic links followed. */
  readonly root: string;
  readonly mountpoints: readonly string[];
  /** Every dockerd of the host. */
  readonly processes: readonly DockerdProcess[];
  /** What the pid file holds, and the name of the process that has this pid. */
  readonly pidFile?: { readonly pid: string; readonly command: string };
  /** Served: a process listens on it, whether it answers or not. */
  readonly socket: "missing" | "served" | "stale" | "other";
  /** What the daemon behind the socket says of itself; absent when nobody answers. */
  readonly answer?: { readonly root: string; readonly liveRestore: boolean; readonly containers: readonly string[] };
  /** What the client said when nobody answered. */
  readonly silence: string;
  /** The processes that hold its containers, one for each that runs; its containerd ends with it, these do not. */
  readonly shims: number;
}

export interface DockerdProcess {
  readonly pid: number;
  readonly words: readonly string[];
}

/** Reads /proc, the pid file and the socket; asks the daemon one question, and a second one when containers run. */
export function observeDockerd(places: Places): Script {
  const { socket, pidFile, execRoot, dataRoot } = places;
  return observeSections(
    ["dockerd", "docker", "timeout", "setsid"],
    [
      section("user", sh`id -u`),
      section("root", followed(dataRoot)),
      section("mounts", sh`cat /proc/self/mountinfo`),
      section("processes", processes("dockerd")),
      section("pidfile", sh`[ ! -e ${pidFile} ] || { p=$(tr -dc 0-9 <${pidFile}); echo "$p"; cat "/proc/$p/comm" 2>/dev/null || :; }`),
      sh`s=$(${kindOfSocket(socket)})`,
      section("socket", sh`echo "$s"`),
      sh`i=$([ "$s" != served ] || ${client(socket)} info --format ${infoFormat} 2>&1)`,
      section("info", sh`printf '%s\n' "$i"`),
      section("containers", sh`printf '%s\n' "$i" | grep -q '^running [1-9]' && ${client(socket)} ps --format '{{.Names}}' 2>/dev/null`),
      section("shims", processes("containerd-shim", `${execRoot}/`)),
    ],
  );
}

/** A path with its symbolic links followed, as far as it exists; `readlink -f` alone gives up when two parts are missing. */
function followed(path: string): Script {
  return sh`
    p=${path} rest=
    while [ ! -e "$p" ] && [ ! -L "$p" ]; do
      rest=/\${p##*/}$rest
      p=\${p%/*}
      [ -n "$p" ] || p=/
    done
    q=$(readlink -f -- "$p") || q=$p
    printf '%s\n' "\${q%/}$rest"
  `;
}

/** Go's template language; every line is known by its first word, since the client may add warnings. */
const infoFormat = '{{if .DockerRootDir}}root {{.DockerRootDir}}{{"\\n"}}live-restore {{.LiveRestoreEnabled}}{{"\\n"}}running {{.ContainersRunning}}{{end}}';

/** Whether somebody listens is asked of the kernel: a client could not tell a stale socket from a daemon that hangs. */
function kindOfSocket(socket: string): Script {
  return sh`
    if [ -S ${socket} ]; then
      if sed 's/^[^/]*//' /proc/net/unix | grep -qxF -- ${socket}; then echo served; else echo stale; fi
    elif [ -e ${socket} ] || [ -L ${socket} ]; then echo other; else echo missing; fi
  `;
}

/**
 * Processes by the kernel's name for them: `pid N`, then a line for each word. With `mentions`, only those that name
 * this path. Those of containers (another pid namespace) live in another tree of files and are left out.
 */
function processes(name: string, mentions = ""): Script {
  return sh`
    here=$(readlink /proc/self/ns/pid)
    for p in /proc/[0-9]*; do
      read -r c <"$p/comm" || continue
      [ "$c" = ${name} ] && [ "$(readlink "$p/ns/pid")" = "$here" ] || continue
      tr '\0' '\n' <"$p/cmdline" | grep -qF -- ${mentions} || continue
      echo "pid \${p#/proc/}"
      tr '\0' '\n' <"$p/cmdline" | sed 's/^/word /'
    done 2>/dev/null
    :
  `;
}

export function parseDockerd(answer: Answer): DockerdSeen {
  const sections = sectionsOf(answer);
  const text = (name: string) => (sections.get(name) ?? "").trim();
  const lines = (name: string) => text(name).split("\n").filter((line) => line !== "");
  const [pid, command = ""] = lines("pidfile");
  const told = (word: string) => lines("info").find((line) => line.startsWith(`${word} `))?.slice(word.length + 1);
  const root = told("root");
  return {
    asRoot: text("user") === "0",
    root: text("root"),
    mountpoints: mountpointsOf(text("mounts")),
    processes: processesOf(lines("processes")),
    ...(sections.get("pidfile") ? { pidFile: { pid: pid ?? "", command } } : {}),
    socket: text("socket") as DockerdSeen["socket"],
    ...(root === undefined ? {} : { answer: { root, liveRestore: told("live-restore") === "true", containers: lines("containers") } }),
    silence: root === undefined ? lastLine(text("info")) : "",
    shims: processesOf(lines("shims")).length,
  };
}

function processesOf(lines: readonly string[]): DockerdProcess[] {
  const found: { pid: number; words: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith("pid ")) found.push({ pid: Number(line.slice(4)), words: [] });
    else found.at(-1)?.words.push(line.slice("word ".length));
  }
  return found;
}

/** The process that serves this data root on this socket. */
export function ownProcess(places: Places, seen: DockerdSeen): DockerdProcess | undefined {
  return seen.processes.find((process) => servesRoot(process, places, seen) && servesSocket(process, places));
}

/** A dockerd that has one of our places, but is not ours: two of them would ruin each other. */
export interface Rival extends DockerdProcess {
  readonly shares: readonly string[];
}

export function rivalProcess(places: Places, seen: DockerdSeen): Rival | undefined {
  const own = ownProcess(places, seen);
  const others = seen.processes.filter((process) => process !== own).map((process) => ({ ...process, shares: sharedPlaces(process, places, seen) }));
  return others.find(({ shares }) => shares.length > 0);
}

function sharedPlaces(process: DockerdProcess, places: Places, seen: DockerdSeen): string[] {
  const { execRoot, pidFile } = placesOfProcess(process, places);
  return [
    ...(servesRoot(process, places, seen) ? [places.dataRoot] : []),
    ...(servesSocket(process, places) ? [places.socket] : []),
    ...[execRoot, pidFile].filter((place) => [places.execRoot, places.pidFile].map(inRun).includes(inRun(place))),
  ];
}

/** The places of a dockerd as its command line has them; without a flag it uses what is built into it. */
export function placesOfProcess({ words }: DockerdProcess, places: Places): Places {
  const last = (flag: string) => valuesOf(words, flag).at(-1);
  return { ...places, words, execRoot: last("--exec-root") ?? "/var/run/docker", pidFile: last("--pidfile") ?? "/var/run/docker.pid" };
}

function servesRoot({ words }: DockerdProcess, places: Places, seen: DockerdSeen): boolean {
  const root = valuesOf(words, "--data-root").at(-1) ?? "/var/lib/docker";
  return root === places.dataRoot || root === seen.root;
}

/** `fd://` is what systemd's docker.socket gives the host's own daemon. */
function servesSocket({ words }: DockerdProcess, places: Places): boolean {
  const hosts = valuesOf(words, "--host");
  const sockets = hosts.length === 0 || hosts.includes("fd://") ? [...hosts, "unix:///var/run/docker.sock"] : hosts;
  return sockets.map((host) => inRun(host.replace(/^unix:\/\//, ""))).includes(inRun(places.socket));
}

/** /var/run is a link to /run wherever there is a /run. */
function inRun(path: string): string {
  return path.replace(/^\/var\/run\//, "/run/");
}
