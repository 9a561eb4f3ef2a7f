import { sh, type Script } from "../core/sh.ts";
import { run, type Answer, type RunStep } from "../core/step.ts";
import { findDevice, firstMissing, isDeviceless, type Place } from "./_fs_seen.ts";
import { holderFunctions } from "./_holders.ts";
import { requireTool } from "./_observe.ts";
import { isMounted, type Mount } from "./_mountpoint.ts";

/** e2fsck(8): 0 no errors, 1 corrected, 32 canceled by the user; OpenSVC takes these, and their sum, as good. */
const goodCodes = [0, 1, 32, 33];

/**
 * How long mount and umount may take. Those of a disk are not stopped: the kernel goes on with them (a journal to
 * replay, data to write back) whatever becomes of the command. Those of a server that is gone never end.
 */
function limit(type: string | undefined): { readonly timeout?: number } {
  return isDeviceless(type) ? { timeout: 120 } : {};
}

/**
 * Check an ext filesystem and mend what can be mended without asking, however long it takes. Nothing is done to a
 * device that is mounted, nor to one that turns out to hold something else.
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
    case $code in 0 | 1 | 32 | 33) exit "$code";; esac
    if [ $((code & 4)) != 0 ] && [ "$code" -lt 128 ]; then
      echo "e2fsck could not mend $d by itself (exit code $code), so it was not mounted. Mend it by hand: e2fsck -f $d" >&2
    else
      ${holderFunctions}
      users=$(users_of_device $(($1)) $(($2)) | in_a_row)
      echo "e2fsck could not check $d (exit code $code), so it was not mounted\${users:+; it is held: $users}" >&2
    fi
    exit "$code"
  `;
  return run(script, { title: `e2fsck -p ${place.device}`, accept: goodCodes, onDisconnect: "finish" });
}

/** What a check has to say that a person should read. */
export function checkRemark({ code, stdout }: Answer): string | undefined {
  const words = stdout.trim().split("\n").join("; ");
  if (code === 0) return stdout.includes(": not checked") ? words : undefined;
  return code === 1 ? `e2fsck corrected the filesystem: ${words}` : `e2fsck was canceled: ${words}`;
}

/**
 * Make the mountpoint and mount; directories that were made for nothing are removed again. That the mountpoint carries
 * nothing is looked at once more, since mount(8) would stack.
 */
export function mountStep(place: Place, options: readonly string[], wait: number): RunStep {
  const { path, type } = place;
  const words = [...(type === undefined ? [] : ["-t", type]), ...(options.length === 0 ? [] : ["-o", options.join(",")])];
  const script = sh`
    ${awaitDevice(place, wait)}
    p=${path}
    ${isMounted}
    ! is_mounted || { echo "something was mounted on $p a moment ago; nothing is mounted over it" >&2; exit 1; }
    made=
    unmake() { [ -z "$made" ] || { ${removeDirectories}; }; exit "$1"; }
    if [ ! -d "$p" ]; then
      ${firstMissing()}
      made=yes
      ( umask 022 && mkdir -p -- "$p" ) || unmake $?
    fi
    ${type === "btrfs" ? sh`! command -v btrfs >/dev/null || btrfs device scan >/dev/null 2>&1` : sh`:`}
    ${isDeviceless(type) ? sh`mount ${words} -- "$d" "$p" || unmake $?` : mountOrSayWhy(words)}
  `;
  return run(script, { title: ["mount", ...words, place.device, path].join(" "), onDisconnect: "finish", ...limit(type) });
}

/** Since util-linux 2.38 mount's last words are to look into the kernel's log; those before say what happened. */
function mountOrSayWhy(words: readonly string[]): Script {
  return sh`
    if words=$(mount ${words} -- "$d" "$p" 2>&1); then
      printf '%s' "$words"
    else
      code=$?
      printf '%s\n' "$words" | grep -vF 'dmesg(1) may have more information' >&2
      unmake "$code"
    fi
  `;
}

/** The source is named so that util-linux does not ask fstab. */
export function remountStep({ source, path, type }: Mount, options: readonly string[]): RunStep {
  const words = ["-o", ["remount", ...options].join(",")];
  return run(sh`mount ${words} -- ${source} ${path}`, { title: `mount ${words.join(" ")} ${path}`, onDisconnect: "finish", ...limit(type) });
}

/** Unmount, never lazily, never by force; a filesystem that stays busy is a failure that names who holds it. */
export function unmountStep({ path, type }: Pick<Place, "path" | "type">, kill: boolean): RunStep {
  const script = sh`
    ${holderFunctions}
    p=${path}
    ${isMounted}
    is_mounted || exit 0
    below=$(cut -d ' ' -f 5 /proc/self/mountinfo | while read -r m; do case "$m" in "$written"/*) printf ' %s' "$m";; esac; done)
    [ -z "$below" ] || { echo "$p cannot be unmounted before what is mounted below it:$below" >&2; exit 1; }
    ${kill ? readyToKill : sh`:`}
    tries=0
    until out=$(umount -- "$p" 2>&1); do
      is_mounted || exit 0
      tries=$((tries + 1))
      if [ "$tries" = 4 ]; then
        printf '%s\n' "$out" >&2
        users=$(users_of_fs "$(stat -c %d -- "$p")" | in_a_row)
        [ -z "$users" ] || { echo "$p is held by $users" >&2; exit 1; }
        echo "$p is held, but by no process: look for loop devices (losetup -a), swap files (/proc/swaps) and NFS exports" >&2
        exit 1
      fi
      ${kill ? sh`kill_holders` : sh`:`}
      sleep 1
    done
  `;
  return run(script, { title: `umount ${path}`, onDisconnect: "finish", ...limit(type) });
}

/** Removes a mountpoint and the directories above it from $top on, as far as they are empty. */
export function removeDirectoriesStep(path: string, top: string): RunStep {
  return run(sh`p=${path}; top=${top}; ${removeDirectories}`, { title: `rmdir ${path}` });
}

/** `rmdir` from $p up to $top; the exit code says whether all are gone. */
const removeDirectories = sh`
  up=$p
  while { [ ! -e "$up" ] || rmdir -- "$up"; } && [ "$up" != "$top" ]; do up=\${up%/*}; done
  [ ! -e "$top" ]
`;

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

/**
 * The number of the filesystem is read once, while it is certainly mounted: read after somebody else unmounted it, it
 * would be that of the filesystem below, and every process there would be killed. Those that run this are spared. The
 * others may first end by themselves; after that they must.
 */
const readyToKill = sh`
  number=$(stat -c %d -- "$p") || exit
  is_mounted || exit 0
  spared=" 1 $$ "
  one=$$
  while one=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$one/status" 2>/dev/null) && [ -n "$one" ]; do spared="$spared$one "; done
  kill_holders() {
    signal=TERM
    [ "$tries" -lt 3 ] || signal=KILL
    pids_on "$number" | cut -d ' ' -f 1 | sort -u | while read -r pid; do
      case "$spared" in *" $pid "*) continue;; esac
      echo "SIG$signal to $pid $(cat "/proc/$pid/comm" 2>/dev/null)"
      kill -s "$signal" "$pid" 2>/dev/null
    done
  }
`;
