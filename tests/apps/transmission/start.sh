#!/usr/bin/env bash
# Starts Transmission: the browser's own dialog for Basic, and a header that an answer of 409 hands out.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
launch transmission-daemon -f -g "$DATA/home" -r 127.0.0.1 -p "$PORT" -i 127.0.0.1 -P "$(free_port)" \
    --auth -u admin -v "$PASSWORD" --no-dht --no-lpd --no-portmap --no-utp
ready 60 /transmission/web/ 401
started /transmission/web/ admin
