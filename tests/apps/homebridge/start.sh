#!/usr/bin/env bash
# Starts Homebridge's web interface: single-page, JWT in localStorage, Authorization header, Socket.IO with the token in its URL.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
cat >config.json <<C
{ "mdns": { "interface": "127.0.0.1" },
  "bridge": { "name": "Test $PORT", "username": "0E:11:22:33:${PORT:0:2}:${PORT:2:2}", "port": $(free_port), "pin": "031-45-154", "bind": ["127.0.0.1"] },
  "accessories": [], "platforms": [{ "platform": "config", "name": "Config", "port": $PORT, "host": "127.0.0.1", "auth": "form" }] }
C
launch "$APP/node_modules/.bin/homebridge" -U "$DATA" -P "$APP/node_modules" -I
ready 60 / 200
api() { curl -sS -f --noproxy '*' -X POST -H 'content-type: application/json' "$@"; }
token=$(curl -sS -f --noproxy '*' "http://127.0.0.1:$PORT/api/setup-wizard/get-setup-wizard-token" | node -p 'JSON.parse(require("fs").readFileSync(0)).access_token')
api -o /dev/null "http://127.0.0.1:$PORT/api/setup-wizard/create-first-user" -H "authorization: Bearer $token" \
    -d "{\"name\":\"Admin\",\"username\":\"admin\",\"password\":\"$PASSWORD\",\"admin\":true}"
started / admin
