#!/usr/bin/env bash
# Starts Datasette: server-rendered, signed cookie, CSRF by double submit of a cookie and a hidden field, 403 for strangers.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
hash=$(printf '%s\n' "$PASSWORD" | "$APP/venv/bin/datasette" hash-password --no-confirm | grep -o "pbkdf2.*")
cat >metadata.json <<C
{ "title": "Things", "allow": { "id": "*" },
  "plugins": { "datasette-auth-passwords": { "alice_password_hash": "$hash", "actors": { "alice": { "id": "alice", "name": "Alice" } } } } }
C
launch "$APP/venv/bin/datasette" "$APP/things.db" -h 127.0.0.1 -p "$PORT" --metadata metadata.json
ready 60 /-/login 200
started / alice
