#!/bin/sh
# The agent, and what systemd would do for it: agent restart|report. It ends by itself when its directory goes away.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
case $1 in
  restart)
    [ ! -s "$root/run/agent.pid" ] || kill "$(cat "$root/run/agent.pid")" 2>/dev/null || :
    rm -f "$root/run/agent.state"
    setsid nohup "$0" run </dev/null >>"$root/log/agent" 2>&1 &
    echo $! >"$root/run/agent.pid"
    echo restarted >>"$root/log/restarts"
    ;;
  run)
    grep -q '^broken' "$root/etc/agent.conf" && exit 1
    sed -n 's/^version //p' "$root/etc/agent.conf" >"$root/run/agent.state"
    while [ -d "$root/run" ]; do sleep 1; done
    ;;
  report) kill -0 "$(cat "$root/run/agent.pid")" && cat "$root/run/agent.state" ;;
esac
