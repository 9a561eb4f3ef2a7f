import { dirname } from "node:path/posix";
import { sh, type Script } from "../core/sh.ts";
import { run, type RunStep } from "../core/step.ts";
import type { DockerdArgs, Places } from "./_dockerd_args.ts";
import { client, patientClient } from "./_docker.ts";

type Limits = Pick<DockerdArgs, "start_timeout" | "stop_timeout" | "kill" | "force">;

/** What a step may take beyond the bound that its script keeps itself. */
const grace = 30;

/** Start a dockerd that outlives the session, and wait until it answers. */
export function startStep(places: Places, limits: Limits): RunStep {
  return run(startScript(places, limits), { title: `start dockerd on ${places.dataRoot}`, timeout: limits.start_timeout + grace });
}

/** Wait for a dockerd that runs already. */
export function awaitStep(places: Places, pid: number, limits: Limits): RunStep {
  const script = sh`
    pid=${pid}
    began=0
    again() { false; }
    giveup() { :; }
    ${awaitAnswer(places, limits)}
  `;
  return run(script, { title: `wait for an answer on ${places.socket}`, timeout: limits.start_timeout + grace });
}

/** Start containers that ran before, as they were. */
export function startContainersStep({ socket }: Places, containers: readonly string[]): RunStep {
  return run(sh`${patientClient(socket)} start ${containers}`, { title: `docker start ${containers.join(" ")}` });
}

/** End a dockerd and what it started; its pid is read from the pid file when none is given. */
export function stopStep(places: Places, limits: Limits, pid?: number): RunStep {
  const script = stopScript(places, limits, { pid, busy: limits.force ? "stop" : "refuse" });
  return run(script, { title: `stop dockerd of ${places.dataRoot}`, timeout: 2 * (limits.stop_timeout + grace), onDisconnect: "finish" });
}

/** Start again with other words; when that fails, with the old ones. The containers that ran are started again in any case. */
export function restartStep(from: Places & { readonly pid?: number }, to: Places, limits: Limits): RunStep {
  const docker = patientClient(to.socket);
  const script = sh`
    running=$(${client(to.socket)} ps --format '{{.Names}}') || exit
    resume() { [ -z "$running" ] || ${docker} start $running; }
    ( ${stopScript(from, limits, { pid: from.pid, busy: "stop" })} ) || { resume >&2; exit 1; }
    if ( ${startScript(to, limits)} ); then
      resume
      exit
    fi
    ( ${startScript(from, limits)} ) || exit
    resume >&2
    echo 'dockerd did not start with the new arguments, and runs again with those it had' >&2
    exit 1
  `;
  const timeout = 2 * (limits.stop_timeout + limits.start_timeout + grace);
  return run(script, { title: `restart dockerd of ${to.dataRoot}`, timeout, onDisconnect: "finish" });
}

/**
 * The inner shell prints its pid and becomes dockerd, so the pid is right whether setsid forks or not. Nothing of the
 * session goes with it: not its mark, its descriptors, its working directory, nor its process group. The limit of open
 * files is raised as Debian's docker.service does, since containers inherit it.
 *
 * dockerd gives the containerd that it starts 15 s, a constant of its code, and ends when they are over. A busy
 * machine, or one that reads both from the disk for the first time, needs longer; a unit of systemd would start it
 * again, and so does this.
 */
function startScript(places: Places, limits: Limits): Script {
  const { socket, execRoot, pidFile, logFile, words } = places;
  const directories = [...new Set([dirname(socket), execRoot, dirname(pidFile), dirname(logFile)])];
  return sh`
    PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
    umask 022
    mkdir -p -- ${directories} || exit
    ( umask 027; : >>${logFile} ) || exit
    launch() {
      began=$(wc -c <${logFile})
      pid=$(
        unset BOWLINE_REQUEST
        cd /
        ulimit -n "$(ulimit -H -n)" 2>/dev/null
        exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
        setsid sh -c 'echo "$$"; exec "$@" >>"$0" 2>&1' ${logFile} ${words} </dev/null 2>/dev/null &
      )
      [ -n "$pid" ] || { echo 'setsid could not start dockerd' >&2; exit 1; }
    }
    again() {
      tail -c +$((began + 1)) ${logFile} | grep -q 'timeout waiting for containerd to start' || return 1
      echo "containerd was not up within dockerd's 15 s; starting dockerd once more"
      launch
    }
    giveup() {
      kill "$pid"
      for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" 2>/dev/null || break; sleep 1; done
    }
    echo ${words.join(" ")}
    launch
    ${awaitAnswer(places, limits)}
  `;
}

/**
 * Ends well as soon as $pid answers; ends badly as soon as it is gone and not started `again`, or when time is out,
 * with the log since byte $began and the cause as the last line. What was started here is not left behind then: `giveup`.
 */
function awaitAnswer({ socket, logFile }: Places, limits: Limits): Script {
  const seconds = Math.ceil(limits.start_timeout);
  return sh`
    why=
    deadline=$(($(date +%s) + ${seconds}))
    while [ -z "$why" ]; do
      if ! kill -0 "$pid" 2>/dev/null; then
        [ "$(date +%s)" -lt "$deadline" ] && again || why="has ended: $(tail -n 1 ${logFile})"
      elif [ -S ${socket} ] && ${client(socket)} info >/dev/null 2>&1; then
        exit 0
      elif [ "$(date +%s)" -ge "$deadline" ]; then
        why=${`did not answer on ${socket} within ${seconds} s; start_timeout gives it more time`}
        giveup
      else
        sleep 0.2
      fi
    done
    {
      echo ${`the end of its log (${logFile}):`}
      tail -c +$((began + 1)) ${logFile} | tail -n 15
      printf 'dockerd (pid %s) %s\n' "$pid" "$why"
    } >&2
    exit 1
  `;
}

/** What to end: a pid, when it is known, and what to do with containers that run. */
interface Stopping {
  readonly pid: number | undefined;
  readonly busy: "stop" | "refuse";
}

/**
 * The containers go first, each with the time that it was given: dockerd would end after 15 s and leave behind what
 * has not stopped by then. Then SIGTERM, and wait until dockerd and the containerd it started are gone: an unmount that
 * comes right after would find them. A pid that by now belongs to another process is left alone. The files go last,
 * when nobody needs them.
 */
function stopScript({ socket, pidFile, execRoot }: Places, limits: Limits, { pid, busy }: Stopping): Script {
  const kill = limits.kill ? sh`yes` : sh`no`;
  return sh`
    pid=${pid === undefined ? sh`$(cat ${pidFile} 2>/dev/null)` : pid}
    helper=$(cat ${`${execRoot}/containerd/containerd.pid`} 2>/dev/null)
    is() { [ -n "$2" ] && [ "$(cat "/proc/$2/comm" 2>/dev/null)" = "$1" ] && tr '\0' '\n' <"/proc/$2/cmdline" | grep -qF -- "$3"; }
    left() { is dockerd "$pid" ${socket} || is containerd "$helper" ${`${execRoot}/`}; }
    await() {
      deadline=$(($(date +%s) + $1))
      while left; do
        [ "$(date +%s)" -lt "$deadline" ] || return 1
        sleep 0.2
        is dockerd "$pid" ${socket} || ! is containerd "$helper" ${`${execRoot}/`} || kill -TERM "$helper" 2>/dev/null
      done
    }
    if is dockerd "$pid" ${socket}; then
      ${emptied(socket, limits, busy)}
      kill -TERM "$pid"
    fi
    await ${Math.ceil(limits.stop_timeout)} || {
      if [ ${kill} = yes ]; then
        ! is dockerd "$pid" ${socket} || kill -KILL "$pid"
        ! is containerd "$helper" ${`${execRoot}/`} || kill -KILL "$helper"
      fi
      [ ${kill} = yes ] && await 10
    } || {
      for p in $pid $helper; do [ ! -d "/proc/$p" ] || echo "$p $(tr '\0' ' ' <"/proc/$p/cmdline")" >&2; done
      echo ${`dockerd has not ended within ${Math.ceil(limits.stop_timeout)} s; only kill: true would kill it`} >&2
      exit 1
    }
    rm -f -- ${pidFile} ${socket}
  `;
}

/** Asked now, not when it was planned: a container that somebody has started since then is nobody's to lose. */
function emptied(socket: string, limits: Limits, busy: Stopping["busy"]): Script {
  const names = sh`$(${client(socket)} ps --format '{{.Names}}')`;
  if (busy === "stop") return sh`c=${names}; [ -z "$c" ] || ${client(socket, Math.ceil(limits.stop_timeout) + grace)} stop $c >/dev/null || exit`;
  return sh`c=${names} || { echo 'dockerd does not answer, so nobody knows whether containers run' >&2; exit 1; }; [ -z "$c" ] || { echo "containers run on this daemon by now:" $c >&2; exit 1; }`;
}

export function removeStep(path: string, what: string): RunStep {
  return run(sh`rm -f -- ${path}`, { title: `remove ${what} ${path}` });
}
