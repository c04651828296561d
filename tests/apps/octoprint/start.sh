#!/usr/bin/env bash
# Starts OctoPrint: single-page, cookie with remember-me, CSRF cookie whose name carries the port, SockJS.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
cp -r "$APP/base" base
launch "$APP/venv/bin/octoprint" --basedir "$DATA/base" serve --iknowwhatimdoing --host 127.0.0.1 --port "$PORT"
ready 120 /api/version 403
started / admin
