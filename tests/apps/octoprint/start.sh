#!/usr/bin/env bash
# Starts OctoPrint: single-page, cookie with remember-me, CSRF cookie whose name carries the port, SockJS.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
cp -r "$APP/base" base
# An operator with the administrator's password.
operator=$(sed -n '/^admin:/,$p' base/users.yaml | sed 's/^admin:/user:/; s/- admins$/- users/; /- admin$/d')
echo "$operator" >>base/users.yaml
launch "$APP/venv/bin/octoprint" --basedir "$DATA/base" serve --iknowwhatimdoing --host 127.0.0.1 --port "$PORT"
ready 120 /api/version 403
started / admin user=user
