#!/bin/sh
# The machines that come and go: what a script that asks the provider's API would print. `_meta` saves a call for each host.
case "$1" in
--list)
  cat <<'JSON'
{
  "monitoring": {"hosts": ["mon01"], "vars": {"scrape_interval": "15s"}},
  "_meta": {"hostvars": {"mon01": {"region": "eu-1"}}}
}
JSON
  ;;
--host) echo '{}' ;;
*) echo "usage: $0 --list | --host NAME" >&2; exit 64 ;;
esac
