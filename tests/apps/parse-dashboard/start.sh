#!/usr/bin/env bash
# Starts Parse Dashboard: login and application drawn by script, CSRF token in the page, session cookies signed one by one.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
cat >config.json <<C
{ "apps": [{ "serverURL": "http://127.0.0.1:9/parse", "appId": "things", "masterKey": "not-a-secret", "appName": "Things" }],
  "users": [{ "user": "alice", "pass": "$PASSWORD" }] }
C
launch "$APP/node_modules/.bin/parse-dashboard" --config config.json --host 127.0.0.1 --port "$PORT" --allowInsecureHTTP true
ready 60 /login 200
started / alice
