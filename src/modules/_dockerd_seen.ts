import { sh, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import type { Places } from "./_dockerd_args.ts";
import { client, lastLine } from "./_docker.ts";
import { valuesOf } from "./_dockerd_words.ts";
import { mountpointsOf } from "./_mountpoint.ts";
import { observeSections, section, sectionsOf } from "./_observe.ts";

/** What there is of a daemon on a host. */
export interface DockerdSeen {
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
  /** Processes that a dockerd started under its exec root: its containerd, and one shim for each running container. */
  readonly containerd?: number;
  readonly shims: number;
}

export interface DockerdProcess {
  readonly pid: number;
  readonly words: readonly string[];
}

/** Reads /proc, the pid file and the socket, and asks the daemon three questions, each with a bound. */
export function observeDockerd(places: Places): Script {
  const { socket, pidFile, execRoot, dataRoot } = places;
  return observeSections(
    ["dockerd", "docker", "timeout", "setsid"],
    [
      section("root", sh`readlink -f -- ${dataRoot} 2>/dev/null || echo ${dataRoot}`),
      section("mounts", sh`cat /proc/self/mountinfo`),
      section("processes", processes("dockerd")),
      section("pidfile", sh`[ ! -e ${pidFile} ] || { p=$(tr -dc 0-9 <${pidFile}); echo "$p"; cat "/proc/$p/comm" 2>/dev/null || :; }`),
      section("socket", kindOfSocket(socket)),
      section("info", sh`[ ! -S ${socket} ] || ${client(socket)} info --format '{{.DockerRootDir}}{{"\n"}}{{.LiveRestoreEnabled}}' 2>/dev/null || :`),
      section("silence", sh`[ ! -S ${socket} ] || ${client(socket)} version 2>&1 >/dev/null || :`),
      section("containers", sh`[ ! -S ${socket} ] || ${client(socket)} ps --format '{{.Names}}' 2>/dev/null || :`),
      section("containerd", processes("containerd", execRoot)),
      section("shims", processes("containerd-shim", execRoot)),
    ],
  );
}

/** Whether somebody listens is asked of the kernel: a client could not tell a stale socket from a daemon that hangs. */
function kindOfSocket(socket: string): Script {
  return sh`
    if [ -S ${socket} ]; then
      if grep -qF -- ${` ${socket}`} /proc/net/unix; then echo served; else echo stale; fi
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
  const [root = "", liveRestore] = lines("info");
  const containerd = processesOf(lines("containerd"))[0]?.pid;
  return {
    root: text("root"),
    mountpoints: mountpointsOf(text("mounts")),
    processes: processesOf(lines("processes")),
    ...(sections.get("pidfile") ? { pidFile: { pid: pid ?? "", command } } : {}),
    socket: text("socket") as DockerdSeen["socket"],
    ...(root === "" ? {} : { answer: { root, liveRestore: liveRestore === "true", containers: lines("containers") } }),
    silence: lastLine(text("silence")),
    ...(containerd === undefined ? {} : { containerd }),
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

/** A dockerd that has one of our places, but not all: two of them would ruin each other. */
export function rivalProcess(places: Places, seen: DockerdSeen): DockerdProcess | undefined {
  const own = ownProcess(places, seen);
  return seen.processes.find((process) => process !== own && (servesRoot(process, places, seen) || servesSocket(process, places)));
}

/** Without the flag a dockerd uses the place that is built into it. */
function servesRoot({ words }: DockerdProcess, places: Places, seen: DockerdSeen): boolean {
  const root = valuesOf(words, "--data-root").at(-1) ?? "/var/lib/docker";
  return root === places.dataRoot || root === seen.root;
}

function servesSocket({ words }: DockerdProcess, places: Places): boolean {
  return valuesOf(words, "--host").includes(`unix://${places.socket}`);
}
