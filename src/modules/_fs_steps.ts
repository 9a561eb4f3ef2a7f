import { sh, type Script } from "../core/sh.ts";
import { run, type Answer, type RunStep } from "../core/step.ts";
import { findDevice, isDeviceless, type Place } from "./_fs_seen.ts";
import { holderFunctions } from "./_holders.ts";
import { requireTool } from "./_observe.ts";
import type { Mount } from "./_mountpoint.ts";

/** e2fsck(8): 0 no errors, 1 corrected, 32 canceled by the user; OpenSVC takes these, and their sum, as good. */
const goodCodes = [0, 1, 32, 33];

/**
 * Check an ext filesystem and mend what can be mended without asking. Nothing is done to a device that is mounted,
 * nor to one that turns out to hold something else.
 */
export function checkStep(place: Place, wait: number): RunStep {
  const script = sh`
    ${awaitDevice(place, wait)}
    ${place.type === undefined ? sh`case $(blkid -p -o value -s TYPE -- "$d" 2>/dev/null) in ext[234]) ;; *) exit 0;; esac` : sh`:`}
    set -- $(stat -L -c '0x%t 0x%T' -- "$d")
    if grep -q "^[0-9]* [0-9]* $(($1)):$(($2)) " /proc/self/mountinfo; then
      echo "$d is mounted: not checked"
      exit 0
    fi
    ${requireTool("e2fsck")}
    e2fsck -p "$d"
    code=$?
    case $code in
      0 | 1 | 32 | 33) ;;
      *) echo "e2fsck could not mend $d by itself (exit code $code), so it was not mounted. Mend it by hand: e2fsck -f $d" >&2;;
    esac
    exit $code
  `;
  return run(script, { title: `e2fsck -p ${place.device}`, accept: goodCodes, onDisconnect: "finish" });
}

/** What a check has to say that a person should read. */
export function checkRemark({ code, stdout }: Answer): string | undefined {
  const words = stdout.trim().split("\n").join("; ");
  if (code === 0) return stdout.includes(": not checked") ? words : undefined;
  return code === 1 ? `e2fsck corrected the filesystem: ${words}` : `e2fsck was canceled: ${words}`;
}

/** Make the mountpoint and mount; a mountpoint that was made for nothing is removed again. */
export function mountStep(place: Place, options: readonly string[], wait: number): RunStep {
  const { path, type } = place;
  const words = [...(type === undefined ? [] : ["-t", type]), ...(options.length === 0 ? [] : ["-o", options.join(",")])];
  const script = sh`
    ${awaitDevice(place, wait)}
    made=
    if [ ! -d ${path} ]; then
      ( umask 022 && mkdir -p -- ${path} ) || exit
      made=yes
    fi
    ${type === "btrfs" ? sh`! command -v btrfs >/dev/null || btrfs device scan >/dev/null 2>&1` : sh`:`}
    mount ${words} -- "$d" ${path} && exit
    code=$?
    [ -z "$made" ] || rmdir -- ${path}
    exit $code
  `;
  return run(script, { title: ["mount", ...words, place.device, path].join(" "), timeout: wait + 120, onDisconnect: "finish" });
}

/** The source is named so that util-linux does not ask fstab. */
export function remountStep({ source, path }: Mount, options: readonly string[]): RunStep {
  const words = ["-o", ["remount", ...options].join(",")];
  return run(sh`mount ${words} -- ${source} ${path}`, { title: `mount ${words.join(" ")} ${path}`, timeout: 120, onDisconnect: "finish" });
}

/** Unmount, never lazily, never by force; a filesystem that stays busy is a failure that names who holds it. */
export function unmountStep(path: string, kill: boolean): RunStep {
  const script = sh`
    ${holderFunctions}
    p=${path}
    written=$(printf '%s' "$p" | sed 's/\\/\\134/g; s/ /\\040/g')
    below=$(cut -d ' ' -f 5 /proc/self/mountinfo | while read -r m; do case "$m" in "$written"/*) printf ' %s' "$m";; esac; done)
    [ -z "$below" ] || { echo "$p cannot be unmounted before what is mounted below it:$below" >&2; exit 1; }
    tries=0
    while ! out=$(umount -- "$p" 2>&1); do
      case "$out" in *"not mounted"*) exit 0;; esac
      tries=$((tries + 1))
      [ "$tries" -lt 4 ] || break
      ${kill ? killHolders : sh`:`}
      sleep 1
    done
    [ "$tries" -ge 4 ] || exit 0
    printf '%s\n' "$out" >&2
    users=$(users_of_fs "$p")
    if [ -n "$users" ]; then
      printf '%s is held by:\n%s\n' "$p" "$users" >&2
    else
      echo "no process holds $p: look for loop devices (losetup -a), swap files (/proc/swaps) and NFS exports" >&2
    fi
    exit 1
  `;
  return run(script, { title: `umount ${path}`, timeout: 120, onDisconnect: "finish" });
}

export function removeDirectoryStep(path: string): RunStep {
  return run(sh`[ ! -d ${path} ] || rmdir -- ${path}`, { title: `rmdir ${path}` });
}

/** Sets $d, after at most \`wait\` seconds. */
function awaitDevice(place: Place, wait: number): Script {
  if (isDeviceless(place.type)) return sh`d=${place.device}`;
  const find = findDevice(place.device);
  return sh`
    tries=0
    while ${find}; [ ! -e "$d" ]; do
      tries=$((tries + 1))
      [ "$tries" -le ${Math.ceil(wait * 5)} ] || { echo ${`device ${place.device} does not exist${wait > 0 ? `, ${wait} s were waited for it` : ""}`} >&2; exit 1; }
      sleep 0.2
    done
    [ -b "$d" ] || { echo "$d is not a block device" >&2; exit 1; }
  `;
}

/** First they may end by themselves; after that they must. */
const killHolders = sh`
  signal=TERM
  [ "$tries" -lt 3 ] || signal=KILL
  pids_on "$p" | cut -d ' ' -f 1 | sort -u | while read -r pid; do
    case "$pid" in 1 | $$ | $PPID) continue;; esac
    echo "SIG$signal to $pid $(cat "/proc/$pid/comm" 2>/dev/null)"
    kill -s "$signal" "$pid" 2>/dev/null
  done
`;
