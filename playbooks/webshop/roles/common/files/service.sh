#!/bin/sh
# Stands in for systemctl: service NAME start|stop|restart|status|health. NAME is a program in bin/, of the release first.
# What it starts ends by itself when its directory goes away.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
name=$1
pid_file=$root/run/$name.pid

running() {
  [ -s "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null
}

start() {
  running && return 0
  program=$root/bin/$name
  [ -x "$root/current/bin/$name" ] && program=$root/current/bin/$name
  rm -f "$root/run/$name.state"
  setsid nohup "$program" "$root" </dev/null >>"$root/log/$name.log" 2>&1 &
  echo $! >"$pid_file"
  echo "$name was started"
}

stop() {
  running || return 0
  kill "$(cat "$pid_file")"
  rm -f "$pid_file" "$root/run/$name.state"
  echo "$name was stopped"
}

case $2 in
  start) start ;;
  stop) stop ;;
  restart) stop && start ;;
  status) running ;;
  # A service writes its state when it is ready, and not before.
  health) running && cat "$root/run/$name.state" ;;
  *) echo "service NAME start|stop|restart|status|health" >&2; exit 64 ;;
esac
