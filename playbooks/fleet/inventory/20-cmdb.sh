#!/bin/sh
# Asks the CMDB, as a script for it would: who there is with --list, and about each host with --host.
# Four regions with all their hosts in "edge"; each third host of the south has a GPU.
hosts() {
  i=$1
  while [ "$i" -le "$2" ]; do
    printf '%s"edge%02d"' "$comma" "$i"
    comma=,
    i=$((i + $3))
  done
}

case $1 in
--list)
  printf '{"north": {"hosts": ['; comma=; hosts 1 9 1
  printf ']}, "south": {"hosts": ['; comma=; hosts 10 18 1
  printf '], "vars": {"uplink": "satellite"}}, "gpu": ['; comma=; hosts 11 18 3
  printf '], "edge": {"children": ["north", "south"], "vars": {"uplink": "fibre"}}}\n'
  ;;
--host)
  number=${2#edge}
  number=${number#0}
  [ "$2" = edge18 ] && retired=true || retired=false
  printf '{"address": "10.9.1.%s", "rack": "r%s", "retired": %s}\n' "$number" $((number % 3 + 1)) "$retired"
  ;;
*)
  echo "usage: $0 --list | --host NAME" >&2
  exit 64
  ;;
esac
