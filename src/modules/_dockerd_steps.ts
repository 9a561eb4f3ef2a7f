import { dirname } from "node:path/posix";
import { sh, type Script } from "../core/sh.ts";
import { run, type RunStep } from "../core/step.ts";
import type { DockerdArgs, Places } from "./_dockerd_args.ts";
import { client, patientClient } from "./_docker.ts";

type Limits = Pick<DockerdArgs, "start_timeout" | "stop_timeout" | "kill">;

/** What a step may take beyond the bound that its script keeps itself. */
const grace = 30;

/** Start a dockerd that outlives the session, and wait until it answers. */
export function startStep(places: Places, limits: Limits): RunStep {
  return run(startScript(places, limits), { title: places.words.join(" "), timeout: limits.start_timeout + grace });
}

/** Wait for a dockerd that runs already. */
export function awaitStep(places: Places, pid: number, limits: Limits): RunStep {
  const script = sh`
    pid=${pid}
    began=0
    mine=no
    ${awaitAnswer(places, limits)}
  `;
  return run(script, { title: `wait for an answer on ${places.socket}`, timeout: limits.start_timeout + grace });
}

/** What runs now: its pid, when it is known, its command line, and the containers on it. */
export interface Running {
  readonly pid?: number;
  readonly words: readonly string[];
  readonly containers: readonly string[];
}

/** End a dockerd and what it started; the pid is read from the pid file when none is given. */
export function stopStep(places: Places, limits: Limits, old: Omit<Running, "words"> = { containers: [] }): RunStep {
  return run(stopScript(places, limits, old), { title: `stop dockerd of ${places.dataRoot}`, timeout: 2 * (limits.stop_timeout + grace), onDisconnect: "finish" });
}

/** Start again with other words; when that fails, with the old ones. The containers that ran are started again in both cases. */
export function restartStep(places: Places, old: Running, limits: Limits): RunStep {
  const back = { ...places, words: old.words };
  const containers = old.containers.length === 0 ? sh`:` : sh`${patientClient(places.socket)} start ${old.containers} || result=1`;
  const script = sh`
    ( ${stopScript(places, limits, old)} ) || exit
    result=0
    ( ${startScript(places, limits)} ) || {
      result=1
      echo "starting it again with the arguments it had" >&2
      ( ${startScript(back, limits)} ) || exit
    }
    ${containers}
    exit $result
  `;
  const timeout = 2 * (limits.stop_timeout + limits.start_timeout + grace);
  return run(script, { title: `restart dockerd as ${places.words.join(" ")}`, timeout, onDisconnect: "finish" });
}

/**
 * The inner shell prints its pid and becomes dockerd, so the pid is right whether setsid forks or not. Nothing of the
 * session goes with it: not its mark, its descriptors, its working directory, nor its process group. The limit of open
 * files is raised as Debian's docker.service does, since containers inherit it.
 */
function startScript(places: Places, limits: Limits): Script {
  const { socket, execRoot, pidFile, logFile, words } = places;
  const directories = [...new Set([dirname(socket), execRoot, dirname(pidFile), dirname(logFile)])];
  return sh`
    PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
    umask 022
    mkdir -p -- ${directories} || exit
    ( umask 027; : >>${logFile} ) || exit
    began=$(wc -c <${logFile})
    mine=yes
    pid=$(
      unset BOWLINE_REQUEST
      cd /
      ulimit -n "$(ulimit -H -n)" 2>/dev/null
      exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
      setsid sh -c 'echo "$$"; exec "$@" >>"$0" 2>&1' ${logFile} ${words} </dev/null 2>/dev/null &
    )
    [ -n "$pid" ] || { echo 'setsid could not start dockerd' >&2; exit 1; }
    ${awaitAnswer(places, limits)}
  `;
}

/**
 * Ends well as soon as $pid answers; ends badly as soon as it is gone, or when time is out, with the log since byte
 * $began. What was started here ($mine) and does not answer in time is not left behind.
 */
function awaitAnswer({ socket, logFile }: Places, limits: Limits): Script {
  const seconds = Math.ceil(limits.start_timeout);
  return sh`
    why='has ended'
    deadline=$(($(date +%s) + ${seconds}))
    while kill -0 "$pid" 2>/dev/null; do
      if [ -S ${socket} ] && ${client(socket)} version >/dev/null 2>&1; then exit 0; fi
      if [ "$(date +%s)" -ge "$deadline" ]; then
        why=${`did not answer on ${socket} within ${seconds} s`}
        [ "$mine" = no ] || kill "$pid"
        break
      fi
      sleep 0.2
    done
    {
      echo "dockerd (pid $pid) $why; the end of its log ("${logFile}"):"
      tail -c +$((began + 1)) ${logFile} | tail -n 20
    } >&2
    exit 1
  `;
}

/**
 * The containers go first, each with the time that it was given: dockerd would end after 15 s and leave behind what
 * has not stopped by then. Then SIGTERM, and wait until dockerd and the containerd it started are gone: an unmount that comes right after would
 * find them. A pid that by now belongs to another process is left alone. The files go last, when nobody needs them.
 */
function stopScript({ socket, pidFile, execRoot }: Places, limits: Limits, { pid, containers }: Omit<Running, "words">): Script {
  const kill = limits.kill ? sh`yes` : sh`no`;
  return sh`
    ${containers.length === 0 ? sh`:` : sh`${client(socket, Math.ceil(limits.stop_timeout) + grace)} stop ${containers} >/dev/null || exit`}
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
    if is dockerd "$pid" ${socket}; then kill -TERM "$pid"; fi
    await ${Math.ceil(limits.stop_timeout)} || {
      if [ ${kill} = yes ]; then
        ! is dockerd "$pid" ${socket} || kill -KILL "$pid"
        ! is containerd "$helper" ${`${execRoot}/`} || kill -KILL "$helper"
      fi
      [ ${kill} = yes ] && await 10
    } || {
      echo ${`after ${Math.ceil(limits.stop_timeout)} s these have not ended; they were not killed unless kill: true says so:`} >&2
      for p in $pid $helper; do [ ! -d "/proc/$p" ] || echo "$p $(tr '\0' ' ' <"/proc/$p/cmdline")" >&2; done
      exit 1
    }
    rm -f -- ${pidFile} ${socket}
  `;
}

export function removeStep(path: string, what: string): RunStep {
  return run(sh`rm -f -- ${path}`, { title: `remove ${what} ${path}` });
}
