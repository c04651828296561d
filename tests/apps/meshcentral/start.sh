#!/usr/bin/env bash
# Starts MeshCentral: server-rendered login among other hidden forms, signed cookie beside its signature, WebSocket.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
mkdir data
cat >data/config.json <<C
{ "settings": { "cert": "127.0.0.1", "WANonly": true, "port": $PORT, "portBind": "127.0.0.1", "redirPort": 0, "mpsPort": 0,
    "tlsOffload": "127.0.0.1", "selfUpdate": false, "autoBackup": false, "agentTimeStampServer": false, "sessionKey": "handstamp" },
  "domains": { "": { "title": "Test" } } }
C
mesh() { node "$APP/node_modules/meshcentral" --datapath "$DATA/data" --filespath "$DATA/files" "$@"; }
mesh --createaccount alice --pass "$PASSWORD" >"$DATA/log" 2>&1
launch node "$APP/node_modules/meshcentral" --datapath "$DATA/data" --filespath "$DATA/files"
ready 90 / 200
started / alice
