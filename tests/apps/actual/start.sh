#!/usr/bin/env bash
# Starts Actual, a budget: single-page, password alone, token in IndexedDB, sent in a header of its own by a worker.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
launch env ACTUAL_PORT="$PORT" ACTUAL_HOSTNAME=127.0.0.1 ACTUAL_DATA_DIR="$DATA" "$APP/node_modules/.bin/actual-server"
ready 60 / 200
curl -sS -f -o /dev/null --noproxy '*' -H 'content-type: application/json' \
    "http://127.0.0.1:$PORT/account/bootstrap" -d "{\"password\":\"$PASSWORD\"}"
started / ''
