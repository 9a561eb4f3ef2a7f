import { BowlineError } from "../core/errors.ts";
import { joinScripts, sh, verbatim, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import { observeSections, requireTool, section, sectionsOf } from "./_observe.ts";

/** What a job's id may be: it is the name of a directory. */
export const jobId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/**
 * Starts a script that runs on by itself, whatever becomes of the session, and returns at once. It runs in a session of
 * its own without the mark by which ours finds its children, and its state is kept in ~/.bowline_async/JID, which
 * nobody else may enter. After `seconds` it is stopped with all that it started; 0 is no limit. The script stands in
 * no argument list; the file that hands it over has no name any more when the first line runs.
 */
export function startJob(jid: string, script: Script, seconds: number): Script {
  return sh`
    ${requireTool("setsid")}
    ${stateOf(jid)}
    (umask 077; mkdir -p -- "\${d%/*}" && mkdir -- "$d" && printf '%s\n' ${script.text} >"$d/script") || exit
    exec 3<"$d/script"
    rm -f -- "$d/script"
    (
      unset BOWLINE_REQUEST
      exec setsid sh -c ${keeper.text} bowline-job "$d" ${Math.ceil(seconds)} </dev/null >/dev/null 2>&1
    ) &
    exec 3<&-
    IFS= read -r s </proc/$!/stat
    pid=$!
    set -- \${s##*) }
    echo "$pid \${20}" >"$d/pid"
  `;
}

/** Where the state of a job is, in $d. */
function stateOf(jid: string): Script {
  return sh`d=\${HOME:-/root}/.bowline_async/${jid}`;
}

/**
 * Waits for the job and says how it ended; the job has a session of its own, by which all of it is found when its time
 * is over. The last line ends the keeper with its clock. Its text is always the same: nobody learns anything from ps.
 */
const keeper = verbatim(`
d=$1 seconds=$2
setsid sh /proc/self/fd/3 >"$d/stdout" 2>"$d/stderr" &
job=$!
exec 3<&-
members() {
  for f in /proc/[0-9]*/stat; do
    IFS= read -r s <"$f" || continue
    p=\${f#/proc/}
    set -- \${s##*) }
    [ "$4" != "$job" ] || [ "$1" = Z ] || echo "\${p%/stat}"
  done
}
if [ "$seconds" != 0 ]; then
  (
    sleep "$seconds"
    : >"$d/expired"
    kill -s TERM $(members)
    sleep 3
    kill -s KILL $(members)
  ) &
fi
wait "$job"
code=$?
if [ -e "$d/expired" ]; then
  while m=$(members) && [ -n "$m" ]; do sleep 1; done
fi
echo "$code" >"$d/rc.new" && mv -f -- "$d/rc.new" "$d/rc"
kill -s KILL 0
`);

/** How it is with a job; `lost` is one that ended without a word, as when the host was restarted. */
export interface JobState {
  readonly state: "missing" | "running" | "finished" | "lost";
  /** The exit code of one that is finished. */
  readonly code: number;
  /** It was stopped, since its time was over. */
  readonly expired: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Of what a job printed, the end is told. */
const longest = 1024 * 1024;

/** A process is the job's only if it began when the job did: the number alone may be another's by now. */
export function jobState(jid: string): Script {
  const status = sh`
    [ -d "$d" ] || { echo "state missing"; exit 0; }
    if [ ! -e "$d/rc" ]; then
      s=
      read -r pid began <"$d/pid" && { IFS= read -r s <"/proc/$pid/stat"; }
      set -- \${s##*) }
      if [ "$#" -ge 20 ] && [ "$1" != Z ] && [ "\${20}" = "$began" ]; then echo "state running"; exit 0; fi
    fi
    if [ -e "$d/rc" ]; then read -r code <"$d/rc" && printf 'state finished\ncode %s\n' "$code"; else echo "state lost"; fi
    [ ! -e "$d/expired" ] || echo "expired yes"
  `;
  const output = (name: string) => section(name, sh`[ ! -e "$d/${verbatim(name)}" ] || tail -c ${longest} -- "$d/${verbatim(name)}"`);
  return observeSections([], [stateOf(jid), section("status", status), output("stdout"), output("stderr")]);
}

/** How the answer for a running job begins; only the beginning is no word of the job's own. */
export const runningAnswer = "=status\n state running";

/** Throws when the host could not be asked. */
export function parseJob(answer: Answer): JobState {
  const sections = sectionsOf(answer);
  const status = new Map((sections.get("status") ?? "").split("\n").map((line) => [line.split(" ")[0], line.split(" ")[1]]));
  const state = status.get("state") as JobState["state"] | undefined;
  if (state === undefined) throw new BowlineError({ code: "E_FAILED", message: "the host did not say how it is with the job", seen: answer.stderr.trim() || "no words" });
  return { state, code: Number(status.get("code") ?? 0), expired: status.has("expired"), stdout: sections.get("stdout") ?? "", stderr: sections.get("stderr") ?? "" };
}

/** Removes what is kept of a job that has ended. */
export function forgetJob(jid: string): Script {
  return joinScripts([stateOf(jid), sh`rm -rf -- "$d"`]);
}
