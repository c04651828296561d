#!/usr/bin/env bash
# Starts Calibre-Web: server-rendered, session cookie bound to the browser, remember-me cookie, CSRF token in a hidden field.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
export CALIBRE_PORT=$PORT CALIBRE_DBPATH=$DATA
"$APP/venv/bin/cps" -p app.db -s "admin:$PASSWORD" >"$DATA/log" 2>&1
launch "$APP/venv/bin/cps" -p app.db -i 127.0.0.1
ready 60 /login 200
started /login admin
