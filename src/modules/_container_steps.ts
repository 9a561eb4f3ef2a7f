import { joinScripts, sh, type Script } from "../core/sh.ts";
import { run, type RunStep } from "../core/step.ts";
import type { ContainerArgs } from "./_container_args.ts";
import { probe } from "./_container_ready.ts";
import { asideName, type Inspected } from "./_container_seen.ts";
import { createWords, specOf } from "./_container_spec.ts";
import { isAnonymous, volumeOf } from "./_container_values.ts";
import { client, patientClient } from "./_docker.ts";

/** Seconds that docker may take for one thing on a busy machine, beyond the bounds that a script keeps itself. */
const grace = 120;

/** Make it and start it; one that does not come up is taken away again, after its log has been shown. */
export function createStep(args: ContainerArgs): RunStep {
  const script = sh`
    ${create(args)}
    ${functions(args)}
    create || exit
    start && up || { [ "$kept" = yes ] || ${patientClient(args.socket)} rm -f -v ${args.name} >/dev/null; exit 1; }
  `;
  return run(script, { title: `docker run ${visibleWords(args)}`, timeout: startLimit(args) });
}

export function startStep(args: ContainerArgs): RunStep {
  const script = sh`
    ${functions(args)}
    start && up
  `;
  return run(script, { title: `docker start ${args.name}`, timeout: startLimit(args) });
}

/** Wait for a container that runs already. */
export function awaitStep(args: ContainerArgs): RunStep {
  const script = sh`
    ${functions(args)}
    up
  `;
  return run(script, { title: `wait until ${args.name} is ready`, timeout: startLimit(args) });
}

export function unpauseStep({ socket, name }: ContainerArgs): RunStep {
  return run(sh`${patientClient(socket)} unpause ${name}`, { title: `docker unpause ${name}` });
}

export function pauseStep({ socket, name }: ContainerArgs): RunStep {
  return run(sh`${patientClient(socket)} pause ${name}`, { title: `docker pause ${name}` });
}

/** Docker asks with the container's stop signal, and kills it when the time is out; then it is asked whether it has worked. */
export function stopStep({ socket, stop_timeout: limit }: ContainerArgs, name: string): RunStep {
  const docker = patientClient(socket);
  const script = sh`
    ${docker} stop -t ${Math.ceil(limit)} ${name} || ${docker} kill ${name}
    [ "$(${docker} container inspect --format '{{.State.Running}}' ${name} 2>/dev/null)" != true ] || { echo ${`${name} still runs`} >&2; exit 1; }
  `;
  return run(script, { title: `docker stop ${name}`, timeout: limit + grace, onDisconnect: "finish" });
}

/** Volumes are kept, those without a name too. */
export function removeStep({ socket }: ContainerArgs, name: string): RunStep {
  return run(sh`${patientClient(socket)} rm ${name}`, { title: `docker rm ${name}` });
}

/** As {@link removeStep}, whatever state it is in by then. */
export function discardStep({ socket, name }: ContainerArgs): RunStep {
  return run(sh`${patientClient(socket)} rm -f ${name}`, { title: `docker rm -f ${name}` });
}

/**
 * Put the old one aside, make the new one, and throw the old one away only when the new one is up and ready; else
 * everything is put back. An old one that is aside already comes from a recreation that was interrupted: then what
 * bears the name is the unproven new one. Volumes without a name go over to the new container.
 */
export function recreateStep(args: ContainerArgs, old: Inspected): RunStep {
  const docker = patientClient(args.socket);
  const aside = asideName(args.name);
  const carried = carriedVolumes(args, old);
  const script = sh`
    ${create(args, carried)}
    ${functions(args)}
    if ${docker} container inspect ${aside} >/dev/null 2>&1; then
      ${docker} rm -f ${args.name} >/dev/null 2>&1
      ran=yes
    else
      ran=${old.State.Running ? "yes" : "no"}
      ${docker} rename ${args.name} ${aside} || exit
    fi
    back() {
      ${docker} rm -f ${args.name} >/dev/null 2>&1
      if ${docker} rename ${aside} ${args.name} && { [ "$ran" = no ] || ${docker} start ${args.name} >/dev/null; }; then
        echo "the old container has been put back, since the new one failed: $cause" >&2
      else
        echo ${`the old container could not be put back (docker ps -a says whether it is called ${aside}), and the new one failed:`} "$cause" >&2
      fi
      exit 1
    }
    create || back
    ${docker} stop -t ${Math.ceil(args.stop_timeout)} ${aside} >/dev/null || back
    start && up || back
    ${docker} rm ${aside} >/dev/null 2>&1 || ! ${docker} container inspect ${aside} >/dev/null 2>&1
  `;
  return run(script, { title: `recreate ${args.name}: docker run ${visibleWords(args)}`, timeout: startLimit(args) + args.stop_timeout + 3 * grace, onDisconnect: "finish" });
}

/** Docker names a volume that nobody has named; the new container gets it by this name, unless it has something else in its place. */
function carriedVolumes(args: ContainerArgs, old: Inspected): string[] {
  const targets = specOf(args).lists.volumes.map((volume) => volumeOf(volume)?.target);
  const anonymous = (old.Mounts ?? []).filter(({ Type, Name, Destination }) => Type === "volume" && isAnonymous(Name ?? "") && !targets.includes(Destination));
  return anonymous.map(({ Name, Destination }) => `--volume=${Name}:${Destination}`);
}

function startLimit(args: ContainerArgs): number {
  return (args.ready?.timeout ?? args.start_timeout) + args.settle + grace;
}

/** The command line for people: everything but the variables. */
function visibleWords(args: ContainerArgs): string {
  return createWords(args, specOf(args)).join(" ");
}

/**
 * The shell functions `start` and `up`, from which the steps are put together. `create` is not among them: a step
 * that undoes something stands in the journal, where the variables of a container have no place.
 */
function functions(args: ContainerArgs): Script {
  return joinScripts([explain(args), start(args), up(args)]);
}

/** Variables go through a pipe, written by the shell itself: no process ever has them in its command line. */
function create(args: ContainerArgs, more: readonly string[] = []): Script {
  const spec = specOf(args);
  const env = Object.entries(spec.maps.env).map(([key, value]) => `${key}=${value}`);
  const docker = sh`${patientClient(args.socket)} create`;
  const words = [...more, ...createWords(args, spec)];
  const command = env.length === 0 ? sh`${docker} ${words} 2>&1` : sh`printf '%s\n' ${env} | ${docker} --env-file=/dev/stdin ${words} 2>&1`;
  return sh`
    create() {
      said=$(${command}) && { printf '%s\n' "$said"; return 0; }
      explain "$said"
      return 1
    }
  `;
}

function start({ socket, name }: ContainerArgs): Script {
  return sh`
    start() {
      said=$(${patientClient(socket)} start ${name} 2>&1) && return 0
      explain "$said"
      return 1
    }
  `;
}

/** What docker said, what the host knows about it, and as the last line the cause in words for a person, which is kept as $cause. */
function explain({ socket, name }: ContainerArgs): Script {
  return sh`
    explain() {
      cause=$(printf '%s\n' "$1" | tail -n 1)
      printf '%s\n' "$1" >&2
      case $1 in
        *'port is already allocated'*|*'address already in use'*)
          port=$(printf '%s\n' "$1" | sed -n -e 's/.*[^0-9]\([0-9][0-9]*\): bind: address already in use.*/\1/p' -e 's/.*[^0-9]\([0-9][0-9]*\) failed: port is already allocated.*/\1/p' | head -n 1)
          by=$(${client(socket)} ps --filter "publish=$port" --format 'container {{.Names}}'; ss -Hltnup "sport = :$port" 2>/dev/null | sed -n 's/.*(("\([^"]*\)",pid=\([0-9]*\).*/\1 (pid \2)/p')
          cause="port $port is taken\${by:+ by $(printf '%s\n' "$by" | head -n 1)}" ;;
        *'is already in use by container'*) cause=${`there is a container called ${name} already, made since it was looked for`} ;;
        *'No such image'*|*'Unable to find image'*) cause='the image is gone from this daemon' ;;
        *'cannot assign requested address'*) cause='an address of its ports is not on this host: bring it up before, or publish on another' ;;
        *) return 0 ;;
      esac
      printf '%s\n' "$cause" >&2
    }
  `;
}

/**
 * Waits until it is ready, or without `ready` until it has stayed up for a while; `docker wait` ends as soon as it
 * ends, and is ended by `timeout` (124, or with busybox 143) when it has not. What has come up and is only late is kept
 * ($kept): it may need nothing but time, and the next run waits on. A daemon that is too busy to answer tells nothing
 * about the container.
 */
function up(args: ContainerArgs): Script {
  const { name, ready } = args;
  const docker = client(args.socket);
  const limit = Math.ceil(ready?.timeout ?? args.start_timeout);
  const settle = sh`timeout ${Math.max(1, Math.ceil(args.settle))} ${patientClient(args.socket)} wait ${name} >/dev/null 2>&1; case $? in 124|143) ;; *) echo 'docker wait was cut short'; false ;; esac`;
  return sh`
    ready() {
      ${ready === undefined ? settle : probe(args)}
    }
    seen() {
      said=$(${docker} container inspect --format '{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}' ${name} 2>&1) && return 0
      case $said in *[Nn]'o such container'*) said='gone - 0' ;; *) return 1 ;; esac
    }
    up() {
      kept=no
      first=
      why='the daemon does not answer'
      deadline=$(($(date +%s) + ${limit}))
      while :; do
        if seen; then
          set -- $said
          first=\${first:-$3}
          if [ "$1" != running ] || [ "$3" != "$first" ]; then
            cause=${`container ${name} has ended with exit code`}" $2"
            [ "$1" != running ] || cause=${`container ${name} has ended, and its restart policy has started it again`}
            [ "$1" != gone ] || cause=${`container ${name} is gone: it has ended, and docker has removed it`}
            break
          fi
          why=$(ready) && return 0
        fi
        if [ "$(date +%s)" -ge "$deadline" ]; then
          kept=yes
          cause=${`container ${name} runs, but is not ready after ${limit} s:`}" $why"
          break
        fi
        sleep 0.3
      done
      {
        echo ${`the end of the log of ${name}:`}
        ${docker} logs --tail 15 ${name}
        printf '%s\n' "$cause"
      } >&2
      return 1
    }
  `;
}
