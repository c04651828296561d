#!/usr/bin/env bash
# Starts Syncthing: the browser's own dialog for Basic, in front of a single-page application with a CSRF header named after the device.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
syncthing generate --home "$DATA/home" --gui-user admin --gui-password "$PASSWORD" --no-default-folder --skip-port-probing >"$DATA/log"
# Nobody is called, and nobody can call.
sed -i -E -e 's|<(globalAnnounce\|localAnnounce\|relays\|nat)Enabled>true|<\1Enabled>false|' \
    -e 's|<listenAddress>default|<listenAddress>tcp://127.0.0.1:0|' -e 's|<urAccepted>0|<urAccepted>-1|' \
    -e 's|<crashReportingEnabled>true|<crashReportingEnabled>false|' home/config.xml
launch syncthing serve --home "$DATA/home" --gui-address "http://127.0.0.1:$PORT" --no-browser --no-upgrade --no-restart
ready 60 / 401
started / admin
