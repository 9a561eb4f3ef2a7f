# The host's half of a Bowline session (docs/session.md). POSIX sh: dash, bash, busybox.
#
# The main loop is always in `read`, so it notices at once when the connection ends or a cancel comes; requests run
# in a background subshell, the runner. Names begin with bl_; nothing here is exported to the scripts that it runs.
#
# Words that are split on purpose ($bl_shell may be "busybox sh") and variables that eval assigns:
# shellcheck shell=sh disable=SC2086,SC2154,SC2034,SC3013

bl_nl='
'
bl_pid=
bl_cookie=
bl_keep=stop
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
exec 6<&0

# bl_end STREAMS: the end of request bl_i with code bl_code and flags bl_flags, on both streams.
bl_end() {
  printf '\n%s %s %s %s\n' "$bl_nonce" "$bl_i" "$bl_code" "$bl_flags"
  printf '\n%s %s %s %s\n' "$bl_nonce" "$bl_i" "$bl_code" "$bl_flags" >&2
}

# Every process that a request started carries its cookie in its environment, whatever it did to its process group.
bl_found() { grep -l -- "BOWLINE_REQUEST=$bl_cookie" /proc/[0-9]*/environ 2>/dev/null; }

bl_signal() {
  bl_any=
  for bl_f in $(bl_found); do
    bl_f=${bl_f#/proc/}
    kill -s "$1" "${bl_f%/environ}" 2>/dev/null && bl_any=1
  done
  [ -n "$bl_any" ]
}

bl_kill() {
  bl_signal TERM || return 0
  for bl_try in 1 2 3 4 5; do
    sleep 0.2 2>/dev/null || sleep 1
    [ -n "$(bl_found)" ] || return 0
  done
  while bl_signal KILL; do sleep 0.1 2>/dev/null || sleep 1; done
}

# bl_lines COUNT: so many lines of the frame into bl_text.
bl_lines() {
  bl_text=
  bl_left=$1
  while [ "$bl_left" -gt 0 ]; do
    IFS= read -r bl_line <&6 || exit 1
    bl_text=$bl_text$bl_line$bl_nl
    bl_left=$((bl_left - 1))
  done
}

# The script comes on a pipe from a builtin, so that it stands in no argument list, environment or file.
# setsid gives it a process group of its own; descriptor 6 is the session's input, 9 its lock.
bl_run() {
  case $bl_stdin in
  none)
    printf '%s' "$bl_script" 2>/dev/null |
      BOWLINE_REQUEST=$bl_cookie $bl_setsid $bl_shell /dev/fd/3 3<&0 </dev/null 6<&- 9<&-
    ;;
  text)
    printf '%s' "$bl_script" 2>/dev/null | {
      printf '%b' "$bl_input" 2>/dev/null 5<&- |
        BOWLINE_REQUEST=$bl_cookie $bl_setsid $bl_shell /dev/fd/3 3<&5 5<&- 6<&- 9<&-
    } 5<&0
    ;;
  *)
    printf '%s' "$bl_script" 2>/dev/null | {
      head -c "$bl_stdin" <&6 2>/dev/null 5<&- 9<&- |
        BOWLINE_REQUEST=$bl_cookie $bl_setsid $bl_shell /dev/fd/3 3<&5 5<&- 6<&- 9<&-
    } 5<&0
    ;;
  esac
}

# Ends with 99 when the time was up and the tree was killed.
bl_watch() {
  trap 'kill "$bl_z" 2>/dev/null; exit 0' TERM
  BOWLINE_REQUEST=$bl_cookie sleep "$bl_timeout" &
  bl_z=$!
  wait "$bl_z" || exit 0
  trap '' TERM
  bl_kill
  exit 99
}

# A child that outlives its script and still writes into the session's streams would speak into later answers.
bl_stray() {
  for bl_f in /proc/[0-9]*/fd/1 /proc/[0-9]*/fd/2; do
    [ "$bl_f" -ef "/proc/$bl_self/fd/1" ] || [ "$bl_f" -ef "/proc/$bl_self/fd/2" ] || continue
    bl_f=${bl_f#/proc/}
    case " $bl_own $bl_self " in
    *" ${bl_f%%/*} "*) ;;
    *) return 0 ;;
    esac
  done
  return 1
}

# Runs the requests from bl_first on; stops behind the first whose code is not accepted.
bl_runner() {
  trap 'bl_stop=1' USR1
  bl_stop=
  IFS=' ' read -r bl_self bl_rest </proc/self/stat
  bl_i=$bl_first
  while [ "$bl_i" -lt "$bl_count" ] && [ -z "$bl_stop" ]; do
    eval "bl_script=\$bl_script_$bl_i bl_input=\$bl_input_$bl_i bl_stdin=\$bl_stdin_$bl_i"
    eval "bl_timeout=\$bl_timeout_$bl_i bl_accept=\$bl_accept_$bl_i bl_watched=\$bl_watched_$bl_i"
    bl_dog=
    bl_flags=-
    if [ "$bl_timeout" != 0 ]; then
      bl_watch >/dev/null 2>&1 </dev/null 6<&- 9<&- &
      bl_dog=$!
    fi
    bl_run
    bl_code=$?
    if [ -n "$bl_dog" ]; then
      kill "$bl_dog" 2>/dev/null
      wait "$bl_dog"
      [ $? != 99 ] || bl_flags=timeout
    fi
    if [ "$bl_watched" = watch ] && [ -z "$bl_stop" ] && bl_stray; then
      bl_flags=$bl_flags,stray
      bl_end
      kill -s KILL $$
      exit 0
    fi
    bl_end
    [ "$bl_flags" = - ] || return 0
    case ",$bl_accept," in
    *",$bl_code,"* | ,any,) ;;
    *) return 0 ;;
    esac
    bl_i=$((bl_i + 1))
  done
}

# One run changes a host at a time. The lock is held by an open descriptor, so it goes when the session does; it is
# opened for reading, since fs.protected_regular forbids O_CREAT on the file of another user.
bl_lock() {
  bl_code=0
  bl_flags=-
  bl_file=/run/lock/bowline.lock
  [ -w /run/lock ] || bl_file=/tmp/bowline.lock
  command -v flock >/dev/null || return 0
  [ -e "$bl_file" ] || (umask 0; set -C; : >"$bl_file") 2>/dev/null
  [ -r "$bl_file" ] || return 0
  command exec 9<"$bl_file"
  if flock -n 9; then
    (umask 0; printf '%s by %s since %s\n' "$bl_label" "$(id -un)" "$(date '+%F %T')" >"$bl_file") 2>/dev/null
  else
    bl_code=75
    printf 'held by run %s' "$(cat "$bl_file")" >&2
    exec 9<&-
  fi
}

# batch NONCE COOKIE COUNT KEEP, then for each request
#   script TIMEOUT ACCEPT STDIN WATCH LINES [and a line of input] and its lines, or
#   lock LABEL
bl_batch() {
  bl_nonce=$1 bl_cookie=$2 bl_count=$3 bl_keep=$4
  bl_i=0
  bl_first=0
  bl_raw=
  bl_label=
  while [ "$bl_i" -lt "$bl_count" ]; do
    IFS= read -r bl_head <&6 || exit 1
    case $bl_head in
    lock*) bl_label=${bl_head#lock } ;;
    *)
        set -- $bl_head
      eval "bl_timeout_$bl_i=\$2 bl_accept_$bl_i=\$3 bl_stdin_$bl_i=\$4 bl_watched_$bl_i=\$5"
      bl_kind=$4 bl_many=$6 bl_input=
      case $bl_kind in
      none) ;;
      text) IFS= read -r bl_input <&6 || exit 1 ;;
      *) bl_raw=1 ;;
      esac
      bl_lines "$bl_many"
      eval "bl_input_$bl_i=\$bl_input bl_script_$bl_i=\$bl_text"
      ;;
    esac
    bl_i=$((bl_i + 1))
  done
  if [ -n "$bl_label" ]; then
    bl_i=0
    bl_first=1
    bl_lock
    bl_end
    [ "$bl_code" = 0 ] || return 0
  fi
  bl_runner &
  bl_pid=$!
  # Raw input follows the frame; the runner reads it, so nobody else may.
  [ -z "$bl_raw" ] || wait "$bl_pid"
}

IFS=' ' read -r bl_word bl_nonce bl_lease bl_shell <&6 || exit 1
bl_setsid=
if command -v setsid >/dev/null; then bl_setsid=setsid; fi
bl_own=
for bl_f in /proc/[0-9]*/fd/1 /proc/[0-9]*/fd/2; do
  [ "$bl_f" -ef /proc/$$/fd/1 ] || [ "$bl_f" -ef /proc/$$/fd/2 ] || continue
  bl_f=${bl_f#/proc/}
  bl_own="$bl_own ${bl_f%%/*}"
done
bl_i=hello
bl_code=0
bl_flags=-
bl_end

# The lease: while requests run, signs of life must come; else the link is gone though nobody said so.
bl_lease_pid=
bl_release() { [ -z "$bl_lease_pid" ] || kill "$bl_lease_pid" 2>/dev/null; bl_lease_pid=; }
bl_renew() {
  bl_release
  (
    trap 'kill "$bl_z" 2>/dev/null; exit 0' TERM
    sleep "$bl_lease" &
    bl_z=$!
    wait "$bl_z" || exit 0
    [ -z "$bl_pid" ] || kill -s USR1 "$bl_pid" 2>/dev/null
    [ "$bl_keep" = finish ] || bl_kill
    kill -s KILL $$
  ) >/dev/null 2>&1 </dev/null 6<&- 9<&- &
  bl_lease_pid=$!
}

while IFS= read -r bl_line <&6; do
  case $bl_line in
  batch*)
    set -- $bl_line
    bl_release
    bl_batch "$2" "$3" "$4" "$5"
    ;;
  cancel)
    [ -z "$bl_pid" ] || kill -s USR1 "$bl_pid" 2>/dev/null
    bl_kill >/dev/null 2>&1
    ;;
  alive) bl_renew ;;
  esac
done

bl_release
if [ "$bl_keep" = finish ]; then
  wait
elif [ -n "$bl_pid" ]; then
  kill "$bl_pid" 2>/dev/null
  bl_kill >/dev/null 2>&1
fi
