# The host's half of a Bowline session (docs/session.md). POSIX sh: dash, bash, busybox.
#
# The main loop is always in `read` or `wait`, so it notices at once when the connection ends or a cancel comes; requests
# run in a background subshell, the runner. Names begin with bl_; nothing here is exported to the scripts that it runs.
# Descriptors: 5 the runner's while a request runs, 6 the session's input, 7 its standard error (2 is nowhere, for a shell
# tells there of children that a signal ended), 8 the input that was sent ahead, 9 the lock.
#
# Words that are split on purpose ($bl_shell may be "busybox sh") and variables that eval assigns:
# shellcheck shell=sh disable=SC2086,SC2154,SC2034,SC3013,SC3028,SC3040

bl_nl='
'
bl_pid=
bl_cookie=
bl_keep=stop
bl_spool=
bl_dd=
bl_own=
# Only then does bash look at a signal while it reads.
[ -z "${BASH_VERSINFO-}" ] || set -o posix
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
exec 6<&0 7>&2 2>/dev/null

# bl_end: the end of request bl_i with code bl_code and flags bl_flags, on both streams.
bl_end() {
  set -- "$bl_nonce" "$bl_i" "$bl_code" "$bl_flags"
  printf '\n%s %s %s %s\n' "$@"
  printf '\n%s %s %s %s\n' "$@" >&7
}

# bl_unanswered: the end of the request that was stopped, or not begun, because of a cancel.
bl_unanswered() {
  bl_i=- bl_code=143 bl_flags=-
  bl_end
}

# bl_child PID: is it a child of ours that has not ended?
bl_child() {
  { IFS= read -r bl_x </proc/$1/stat; } || return 1
  set -- ${bl_x##*) }
  [ "$1" != Z ] && [ "$2" = $$ ]
}

# bl_busy: has the runner not ended yet?
bl_busy() { [ -n "$bl_pid" ] && bl_child "$bl_pid"; }

# bl_halt: the runner ends, and what it runs. Between requests it runs nothing, and what it has left on purpose stays: it has
# descriptor 5 only while a request runs. It is told again and again, for one that has just begun does not listen yet; one
# that hangs in its last words, on a link that takes none, is ended.
bl_halt() {
  bl_idle=0
  while bl_busy; do
    kill -s USR1 "$bl_pid"
    if [ -e "/proc/$bl_pid/fd/5" ]; then
      bl_kill >/dev/null
    else
      bl_idle=$((bl_idle + 1))
      [ $bl_idle -lt 100 ] || kill -s KILL "$bl_pid"
    fi
    sleep 0.1 || sleep 1
  done
}

# bl_found: into bl_pids all that the running requests started: what carries their cookie or descends from the runner, and
# what descends from those or is in a session of theirs. No process can forge these lines: the kernel escapes its name.
bl_found() {
  IFS=' ' read -r bl_me bl_x bl_x bl_x bl_x bl_sid bl_x </proc/self/stat
  bl_pids=
  # shellcheck disable=SC2013
  for bl_f in $(grep -l -- "BOWLINE_REQUEST=$bl_cookie" /proc/[0-9]*/environ); do
    bl_f=${bl_f#/proc/}
    bl_add "${bl_f%/*}"
  done
  bl_table=$(grep -E '^(State|PPid|NSsid):' /proc/[0-9]*/status)
  bl_more=1
  while [ -n "$bl_more" ]; do
    bl_more=
    IFS=$bl_nl
    for bl_l in $bl_table; do
      bl_p=${bl_l#/proc/}
      bl_p=${bl_p%%/*}
      bl_v=${bl_l#*:*:?}
      bl_v=${bl_v%%[!0-9Z]*}
      case $bl_l in
      *:State:*) bl_dead=$bl_v ;;
      *:PPid:*) case " $bl_pids $bl_pid " in *" $bl_v "*) bl_add "$bl_p" ;; esac ;;
      *)
        case $bl_sids in *" $bl_v "*) bl_add "$bl_p" ;; esac
        case " $bl_pids " in *" $bl_p "*) [ "$bl_v" = "$bl_sid" ] || bl_sids="$bl_sids$bl_v " ;; esac
        ;;
      esac
    done
    unset IFS
  done
  [ -n "$bl_pids" ]
}

bl_add() {
  [ "$bl_dead" != Z ] || return 0
  case " $bl_pids $bl_me $bl_pid $$ " in *" $1 "*) return 0 ;; esac
  bl_pids="$bl_pids $1"
  bl_more=1
}

# bl_signal NAME: false when there was none that could be told.
bl_signal() {
  bl_found || return 1
  bl_any=1
  IFS=' '
  for bl_p in $bl_pids; do kill -s "$1" "$bl_p" && bl_any=0; done
  unset IFS
  return $bl_any
}

# bl_kill: nothing is left of the running requests. A stopped process takes a TERM only when it goes on. What is better
# finished gets ten seconds to come to an end of its own, any other gets one.
bl_kill() {
  bl_dead=
  bl_sids=' '
  bl_signal TERM || return 0
  bl_signal CONT
  bl_tries=5
  [ "$bl_keep" = stop ] || bl_tries=50
  while [ $bl_tries -gt 0 ]; do
    sleep 0.2 || sleep 1
    bl_found || return 0
    bl_tries=$((bl_tries - 1))
  done
  while bl_signal KILL; do sleep 0.1 || sleep 1; done
}

# bl_sleep SECONDS: false when a TERM ended it. The trap may run before bl_z is known, hence the second look.
bl_sleep() {
  bl_z=
  bl_over=
  trap 'bl_over=1; [ -z "$bl_z" ] || kill "$bl_z"' TERM
  sleep "$1" &
  bl_z=$!
  [ -z "$bl_over" ] || kill "$bl_z"
  wait "$bl_z" && [ -z "$bl_over" ]
}

# bl_lines COUNT: so many lines of the frame into bl_text.
bl_lines() {
  bl_text=
  bl_left=$1
  while [ $bl_left -gt 0 ]; do
    IFS= read -r bl_line <&6 || bl_leave
    bl_text=$bl_text$bl_line$bl_nl
    bl_left=$((bl_left - 1))
  done
}

# A script that we trust needs a subshell and no more. Any other gets a shell and a process group of its own, and comes on
# a pipe from a builtin, so that it stands in no argument list, environment or file.
bl_start() {
  if [ "$bl_watched" = trust ]; then
    (
      exec 2>&7 3>&- 4>&- 5<&- 6<&- 7>&- 8<&- 9<&-
      BOWLINE_REQUEST=$bl_cookie
      export BOWLINE_REQUEST
      eval "$bl_script"
    )
  else
    {
      printf '%s' "$bl_script" |
        BOWLINE_REQUEST=$bl_cookie $bl_setsid $bl_shell /proc/self/fd/3 3<&0 <&5 2>&7 4>&- 5<&- 6<&- 7>&- 8<&- 9<&-
    } 5<&0
  fi
}

bl_run() {
  case $bl_stdin in
  none) bl_start </dev/null ;;
  text) printf '%b' "$bl_input" | bl_start ;;
  *) bl_start <&8 ;;
  esac
}

# What is to finish when the link is gone must not die of a broken pipe: a relay takes its output, and outlives the link.
# A TERM is for the script alone; its last words still come through.
bl_relay() {
  cat
  cat >/dev/null
}
bl_finish() {
  bl_code=$(trap '' TERM; { { { (trap - TERM; bl_run) 7>&5 5>&-; echo $? >&4; } | bl_relay >&3; } 5>&1 | bl_relay >&7; } 4>&1)
  return ${bl_code:-143}
} 3>&1

# Ends with 99 when the time was up and the tree was killed.
bl_watch() {
  bl_sleep "$bl_timeout" || exit 0
  trap '' TERM
  bl_kill
  exit 99
}

# bl_owners: into bl_own those who have the session's streams before the first script runs. All of /proc is gone through, so not
# for a session that only looks.
bl_owners() {
  bl_own=" $$"
  for bl_f in /proc/[0-9]*/fd/1 /proc/[0-9]*/fd/2; do
    [ "$bl_f" -ef /proc/$$/fd/1 ] || [ "$bl_f" -ef /proc/$$/fd/7 ] || continue
    bl_f=${bl_f#/proc/}
    bl_own="$bl_own ${bl_f%%/*}"
  done
}

# A child that outlives its script and can still write into the session's streams would speak into later answers. It is
# younger than the runner, so its pid is higher, unless the pids began again. The main loop's own children are none.
bl_stray() {
  IFS=' ' read -r bl_x bl_x bl_x bl_x bl_last </proc/loadavg
  [ "$bl_last" -ge "$bl_self" ] && bl_oldest=$bl_self || bl_oldest=0
  for bl_d in /proc/[0-9]*; do
    bl_p=${bl_d#/proc/}
    [ "$bl_p" -gt "$bl_oldest" ] || continue
    case "$bl_own $bl_self " in *" $bl_p "*) continue ;; esac
    for bl_f in "$bl_d"/fd/*; do
      [ "$bl_f" -ef "/proc/$bl_self/fd/1" ] || [ "$bl_f" -ef "/proc/$bl_self/fd/7" ] || continue
      bl_child "$bl_p" || return 0
    done
  done
  return 1
}

# Runs the requests from bl_first on; stops behind the first whose code is not accepted. Ends with 44 when it was told to
# stop and one request has no answer. What is better finished has been, then, and has its answer.
bl_runner() {
  bl_stop=
  trap 'bl_stop=1' USR1
  # Looks that the controller watches need to know neither: a line of /proc costs as many system calls as it has bytes.
  if [ -n "$bl_wary" ]; then
    IFS=' ' read -r bl_self bl_x </proc/self/stat
    bl_pid=$bl_self
  fi
  bl_i=$bl_first
  while [ $bl_i -lt $bl_count ]; do
    if [ -n "$bl_stop" ]; then
      [ "$bl_keep" = finish ] || exit 44
      bl_unanswered
      return 0
    fi
    eval "bl_script=\$bl_script_$bl_i bl_input=\$bl_input_$bl_i bl_stdin=\$bl_stdin_$bl_i"
    eval "bl_timeout=\$bl_timeout_$bl_i bl_accept=\$bl_accept_$bl_i bl_watched=\$bl_watched_$bl_i"
    bl_dog=
    bl_flags=-
    if [ "$bl_timeout" != 0 ]; then
      bl_watch >/dev/null 2>&1 </dev/null 6<&- 7>&- 8<&- 9<&- &
      bl_dog=$!
    fi
    exec 5</dev/null
    if [ "$bl_keep" = finish ]; then bl_finish; else bl_run; fi
    bl_code=$?
    exec 5<&-
    [ "$bl_stdin" != sent ] || exec 8<&-
    if [ -n "$bl_dog" ]; then
      kill $bl_dog
      wait $bl_dog
      [ $? != 99 ] || bl_flags=timeout
    fi
    [ -z "$bl_stop" ] || [ "$bl_keep" = finish ] || exit 44
    if [ "$bl_watched" = watch ] && bl_stray; then
      bl_flags=$bl_flags,stray
      bl_end
      kill -s ALRM $$
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

# One run changes a host at a time. The lock is held by an open descriptor, so it goes when the session does; it is opened
# for reading, since fs.protected_regular forbids O_CREAT on the file of another user, and written by way of /proc. Its words
# are made before it is taken: until they stand there, those of the run before say who has it.
bl_lock() {
  bl_file=/run/lock/bowline.lock
  [ -w /run/lock ] || bl_file=/tmp/bowline.lock
  bl_file=${BOWLINE_LOCK:-$bl_file}
  command -v flock >/dev/null || return 0
  [ -e "$bl_file" ] || (umask 0; set -C; : >"$bl_file")
  [ -r "$bl_file" ] && [ ! -L "$bl_file" ] || return 0
  command exec 9<"$bl_file"
  bl_who="$bl_label by $(id -un) since $(date '+%F %T')"
  if flock -n 9; then
    printf '%s\n' "$bl_who" >/proc/self/fd/9
  else
    bl_code=75
    printf 'held by run %s' "$(cat "$bl_file")" >&7
    exec 9<&-
  fi
}

# open LINES: a script that makes bl_spool and opens it as 8, for what is sent next. bl_opened tells whether all went well;
# with bl_once it is gone as soon as the batch has it.
bl_open() {
  bl_lines "$1"
  bl_opened=0
  bl_once=
  eval "$bl_text" 2>&7
  [ "$bl_opened" = 0 ] || exec 8>/dev/null
}

# chunk SIZE COUNT: so many blocks follow. dd takes no byte more, and `wait` lets a signal through. On a full disk it stops
# behind the first block that it could not write; what is left of the chunk must not be taken for words. How far one came
# that a signal ended, nobody knows.
bl_chunk() {
  read -r bl_x bl_f </proc/$$/fdinfo/8
  dd bs=$1 count=$2 iflag=fullblock <&6 >&8 7>&- 9<&- &
  bl_dd=$!
  wait $bl_dd
  bl_code=$?
  bl_dd=
  [ $bl_code -lt 127 ] || bl_leave
  [ $bl_code != 0 ] && [ $bl_opened = 0 ] || return 0
  bl_opened=1
  read -r bl_x bl_p </proc/$$/fdinfo/8
  dd bs=1 count=1 </dev/zero 2>&1 >&8 | head -n 1 >&7
  exec 8>/dev/null
  bl_chunk $1 $(($2 - 1 - (bl_p - bl_f) / $1))
}

# batch NONCE COOKIE COUNT KEEP, then for each request
#   script TIMEOUT ACCEPT STDIN WATCH LINES [and a line of input] and its lines, or
#   lock LABEL
bl_batch() {
  bl_nonce=$1 bl_cookie=$2 bl_count=$3 bl_keep=$4
  bl_i=0
  bl_first=0
  bl_label=
  bl_sent=
  bl_wary=
  bl_code=0
  bl_flags=-
  while [ $bl_i -lt $bl_count ]; do
    IFS= read -r bl_head <&6 || bl_leave
    case $bl_head in
    lock*) bl_label=${bl_head#lock } ;;
    *)
      set -- $bl_head
      eval "bl_timeout_$bl_i=\$2 bl_accept_$bl_i=\$3 bl_stdin_$bl_i=\$4 bl_watched_$bl_i=\$5"
      bl_kind=$4 bl_many=$6 bl_input=
      [ "$2$5" = 0trust ] || bl_wary=1
      [ "$5" != watch ] || [ -n "$bl_own" ] || bl_owners
      case $bl_kind in
      text) IFS= read -r bl_input <&6 || bl_leave ;;
      sent) bl_sent=1 ;;
      esac
      bl_lines "$bl_many"
      eval "bl_input_$bl_i=\$bl_input bl_script_$bl_i=\$bl_text"
      ;;
    esac
    bl_i=$((bl_i + 1))
  done
  bl_i=0
  if [ -n "$bl_label" ]; then
    bl_first=1
    bl_lock
    bl_end
    [ "$bl_code" = 0 ] || return 0
  fi
  if [ -n "$bl_sent" ]; then
    bl_code=$bl_opened
    [ "$bl_code" != 0 ] || command exec 8<"$bl_spool" || bl_code=1
    [ "$bl_code" != 143 ] || bl_i=-
    if [ "$bl_code" != 0 ]; then bl_drop; bl_end; return 0; fi
    [ -z "$bl_once" ] || rm -f "$bl_spool"
  fi
  bl_runner &
  bl_pid=$!
  exec 8<&-
}

bl_drop() {
  [ -z "$bl_spool" ] || rm -f "$bl_spool" "$bl_spool.gz"
  bl_spool=
  exec 8>/dev/null 4>&-
}

# The lease: signs of life must come, else the link is gone though nobody said so.
bl_lease_pid=
bl_release() { [ -z "$bl_lease_pid" ] || kill "$bl_lease_pid"; }
bl_renew() {
  bl_release
  (bl_sleep "$bl_lease" && kill -s USR2 $$) >/dev/null 2>&1 </dev/null 6<&- 7>&- 8<&- 9<&- &
  bl_lease_pid=$!
}

# Kills what runs, or lets it finish, and answers for the runner when that was stopped in the middle.
bl_cancel() {
  bl_busy || return 0
  if [ "$bl_keep" = finish ]; then
    # Again and again: a runner that has just begun does not listen yet.
    (while bl_busy; do kill -s USR1 "$bl_pid"; sleep 1; done) >/dev/null 2>&1 </dev/null 6<&- 7>&- 8<&- 9<&- &
    return 0
  fi
  bl_halt
  wait "$bl_pid"
  bl_code=$?
  bl_pid=
  [ "$bl_code" != 44 ] || bl_unanswered
}

# The end, however it comes: nothing is left running, no file, no lock.
bl_leave() {
  trap '' USR2 HUP TERM INT
  bl_release
  [ -z "$bl_dd" ] || kill "$bl_dd"
  bl_drop
  if [ "$bl_keep" = stop ]; then
    bl_halt
  elif bl_busy; then
    kill -s USR1 "$bl_pid"
    wait "$bl_pid"
  fi
  exit 0
}

IFS=' ' read -r bl_word bl_nonce bl_lease bl_shell <&6 || exit 1
unset IFS
bl_i=hello
bl_code=0
bl_flags=-
# Without /proc no process could be found again.
[ -r /proc/self/stat ] || bl_code=1
bl_setsid=
if command -v setsid >/dev/null; then bl_setsid=setsid; fi
# Ignored here, so that one which comes before the runner listens does not end it.
trap '' USR1
trap 'bl_release; exit 0' ALRM
trap bl_leave USR2 HUP TERM INT
bl_end
bl_renew

while IFS= read -r bl_line <&6; do
  case $bl_line in
  batch*)
    set -- $bl_line
    bl_batch "$2" "$3" "$4" "$5"
    ;;
  open*) bl_open "${bl_line#open }" ;;
  do*)
    bl_lines "${bl_line#do }"
    eval "$bl_text" 2>&7
    ;;
  chunk*) bl_chunk ${bl_line#chunk } ;;
  cancel)
    bl_opened=143
    bl_drop
    bl_cancel
    ;;
  alive) bl_renew ;;
  esac
done
bl_leave
