#!/usr/bin/env bash
# A Selenium Grid on this machine, until Ctrl-C: a hub at http://127.0.0.1:4444 and NODES=2 nodes of NODE_BROWSERS=2 browsers.
# Brings it from Maven Central the first time. The variables are those of `grid.sh`.
set -euo pipefail
cd "$(dirname "$0")"
../../tests/grid/setup.sh
parts=()
trap 'kill "${parts[@]}" 2>/dev/null || true; wait' EXIT
trap 'exit 130' INT TERM
./grid.sh hub &
parts+=($!)
for ((n = 0; n < ${NODES:-2}; n++)); do
    NODE_PORT=$((${NODE_PORT:-5555} + n)) ./grid.sh node &
    parts+=($!)
done
wait
