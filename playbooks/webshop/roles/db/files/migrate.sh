#!/bin/sh
# Brings the schema to a version, and says whether it had to.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
schema=$root/data/schema
[ "$(cat "$schema" 2>/dev/null)" = "$1" ] && { echo "the schema is at $1"; exit 0; }
echo "$1" >"$schema"
echo "$(date +%s) $1" >>"$root/log/migrations"
echo "migrated to $1"
