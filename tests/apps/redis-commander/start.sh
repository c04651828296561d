#!/usr/bin/env bash
# Starts Redis Commander: login on a page of its own, JWT of a minute in sessionStorage, made anew, sent as Authorization.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
export REDIS=$DATA/redis.sock
# The server is the same program as its checker, told apart by name; so no service is installed.
launch bash -c '(exec -a redis-server redis-check-rdb --port 0 --unixsocket "$REDIS" --save "") & exec "$@"' \
    launch "$APP/node_modules/.bin/redis-commander" --address 127.0.0.1 --port "$PORT" --noload --nosave --redis-socket "$REDIS" \
    --http-auth-username admin --http-auth-password "$PASSWORD"
ready 60 / 200
started / admin
