#!/bin/sh
# Stands in for the balancer's socket: backend drain|enable NAME. It says what it did, and nothing when it was so already.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
state=$root/run/backends/$2
case $1 in
  drain | enable) [ "$(cat "$state" 2>/dev/null || echo enable)" = "$1" ] && exit 0 ;;
  *) echo "backend drain|enable NAME" >&2; exit 64 ;;
esac
echo "$1" >"$state"
echo "$1 $2" >>"$root/log/backends"
echo "$2: $1"
