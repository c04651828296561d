#!/usr/bin/env bash
# A Selenium Grid on this machine, until Ctrl-C: a hub at http://127.0.0.1:4444 and NODES=2 nodes of NODE_BROWSERS=2 browsers.
# Brings it from Maven Central the first time, and tells when it takes sessions. The variables are those of `grid.sh`.
set -euo pipefail
cd "$(dirname "$0")"
../../tests/grid/setup.sh
url=http://${GRID_HOST:-127.0.0.1}:${GRID_PORT:-4444} nodes=${NODES:-2}
parts=()
trap 'kill "${parts[@]}" 2>/dev/null || true; wait' EXIT
trap 'exit 130' INT TERM

over() {
    echo "start: a part of the grid has ended; why, stands above" >&2
    exit 1
}

nodes_up() {
    curl -fsS "$url/status" 2>/dev/null | grep -o '"availability": *"UP"' | wc -l
}

./grid.sh hub &
parts+=($!)
for ((n = 0; n < nodes; n++)); do
    NODE_PORT=$((${NODE_PORT:-5555} + n)) ./grid.sh node &
    parts+=($!)
done
until (($(nodes_up || true) >= nodes)); do
    for part in "${parts[@]}"; do kill -0 "$part" 2>/dev/null || over; done
    sleep 0.5
done
echo "start: the grid takes sessions at $url, $((nodes * ${NODE_BROWSERS:-2})) at once; Ctrl-C ends it"
wait -n || true
over
