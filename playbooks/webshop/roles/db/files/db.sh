#!/bin/sh
# Stands in for the database server: it is ready when it has read its configuration.
root=$1
port=$(sed -n 's/^port = //p' "$root/etc/db.conf")
echo "ready on port $port" >"$root/run/db.state"
while [ -d "$root/run" ]; do sleep 1; done
