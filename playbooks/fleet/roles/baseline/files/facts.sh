#!/bin/sh
# What this host says of itself, and no module knows. On a machine of your own: /etc/bowline/facts.d/site.sh, and facts.local.site.
printf '{"shell": "%s", "serial": "SN-%s"}\n' "${SHELL##*/}" "$1"
