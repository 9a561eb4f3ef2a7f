#!/bin/sh
# Stands in for the balancer.
root=$1
echo "$(grep -c '^  server ' "$root/etc/balancer.cfg") servers" >"$root/run/balancer.state"
while [ -d "$root/run" ]; do sleep 1; done
