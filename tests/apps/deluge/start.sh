#!/usr/bin/env bash
# Starts Deluge's web interface: ExtJS, a password alone in a modal, session cookie with a path, JSON-RPC.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
salt=c26ab3bbd8b137f99cd83c2c1c0963bcc1a35cad
cat >web.conf <<C
{ "file": 2, "format": 1 }{ "port": $PORT, "interface": "127.0.0.1", "pwd_salt": "$salt", "first_login": false, "show_session_speed": false,
  "pwd_sha1": "$(printf '%s%s' "$salt" "$PASSWORD" | sha1sum | cut -d ' ' -f 1)" }
C
launch deluge-web -d -c "$DATA" -i 127.0.0.1 -p "$PORT"
ready 60 / 200
started / ''
