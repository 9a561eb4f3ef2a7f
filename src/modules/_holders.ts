import { sh } from "../core/sh.ts";

/**
 * Shell functions that say who keeps a filesystem or a block device busy, from /proc and /sys alone.
 *
 * `pids_on NUMBER` prints `PID HOW` for each process that has something of a filesystem open, by the number that stat
 * gives for its files: so a process in another mount namespace (a container) is found too. HOW is cwd, root, exe, fd or map.
 * `users_of_fs NUMBER` prints them for people.
 * `users_of_device MAJOR MINOR` prints for people what has the device open: mounts, swap, stacked devices, processes.
 * Mounts in other namespaces are looked for when there is none in this one, since most of them are copies that go with it.
 * `in_a_row` makes one line of what these print, one user a line.
 */
export const holderFunctions = sh`
  in_a_row() {
    row=
    while IFS= read -r one; do row="\${row:+$row, }$one"; done
    printf '%s\n' "$row"
  }
  links_of_processes() {
    for p in /proc/[0-9]*; do printf '%s\n' "$p/cwd" "$p/root" "$p/exe" "$p"/fd/*; done
  }
  pids_on() {
    hex=$(printf '%02x:%02x' $((($1 >> 8) & 4095)) $((($1 & 255) | (($1 >> 12) & 1048320))))
    {
      links_of_processes | xargs stat -L -c '%d %n' 2>/dev/null | sed -n "s|^$1 /proc/\([0-9]*\)/\([a-z]*\).*|\1 \2|p"
      grep -l " $hex " /proc/[0-9]*/maps 2>/dev/null | sed 's|/proc/\([0-9]*\)/.*|\1 map|'
    } | sort -u -k 1n -k 2
  }
  named() { printf '%s %s (%s)\n' "$1" "$(cat "/proc/$1/comm" 2>/dev/null)" "$2"; }
  users_of_fs() {
    last=
    pids_on "$1" | while read -r pid how; do
      [ "$pid" != "$last" ] || continue
      last=$pid
      case "$how" in
        cwd) named "$pid" "works there";;
        root) named "$pid" "has its root there";;
        exe) named "$pid" "runs a program from there";;
        *) named "$pid" "has files open there";;
      esac
    done | head -n 20
  }
  mounts_of() {
    {
      sed -n "s|^[0-9]* [0-9]* $1:$2 [^ ]* \([^ ]*\) .*|\1|p" "$3"
      sed -n 's|^[0-9]* [0-9]* 0:[^ ]* [^ ]* \([^ ]*\) .* - [^ ]* \(/dev/[^ ]*\) .*|\2 \1|p' "$3" | while read -r source at; do
        [ "$(stat -L -c '%t:%T' -- "$source")" != "$hex" ] || printf '%s\n' "$at"
      done
    } 2>/dev/null | sed 's/\\040/ /g; s/\\134/\\/g'
  }
  users_of_device() {
    hex=$(printf '%x:%x' "$1" "$2")
    here=$(mounts_of "$1" "$2" /proc/self/mountinfo)
    if [ -n "$here" ]; then
      printf '%s\n' "$here" | sed 's/^/mounted on /'
    else
      grep -l " $1:$2 " /proc/[0-9]*/mountinfo 2>/dev/null | while read -r f; do
        p=\${f%/mountinfo}
        ns=$(readlink "$p/ns/mnt") && printf '%s %s\n' "$ns" "\${p#/proc/}"
      done | sort -u -k 1,1 | while read -r _ pid; do
        at=$(mounts_of "$1" "$2" "/proc/$pid/mountinfo" | head -n 1)
        [ -z "$at" ] || named "$pid" "has it mounted on $at in its own namespace"
      done
    fi
    sys=/sys/dev/block/$1:$2
    node=$(readlink "$sys")
    ! grep -q "^/dev/\${node##*/} " /proc/swaps || echo "in use as swap"
    for h in "$sys"/holders/*; do
      [ -e "$h" ] && printf 'stacked under %s\n' "$(cat "$h/dm/name" 2>/dev/null || echo "\${h##*/}")"
    done
    links_of_processes | grep /fd/ | xargs stat -L -c '%t:%T %F %n' 2>/dev/null | sed -n "s|^$hex block special file /proc/\([0-9]*\)/.*|\1|p" | sort -u | while read -r pid; do named "$pid" "has the device open"; done
  }
`;
