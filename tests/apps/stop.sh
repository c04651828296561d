#!/usr/bin/env bash
# Ends the application that a start.sh has started as process group PID, and removes its data folder.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
pid=${1:?usage: stop.sh PID}

# Process ids of all that carry the mark of this start, in the group or out of it (epmd, kernels, ports of Erlang).
marked() {
    grep -lzsxF "HANDSTAMP_APP_DATA=$data" /proc/[0-9]*/environ | cut -d / -f 3 || true
}

# Only those that still stand in the group: after a crash its id may belong to a stranger.
in_group() {
    local ids
    ids=$(marked | paste -sd ,)
    [[ -n $ids ]] && ps -o pgid= -p "$ids" | grep -qwF "$pid"
}

file=$(grep -lxF "$pid" "$CACHE"/run/*/pid 2>/dev/null | head -n 1) || true
if [[ -z $file ]]; then
    echo "stop.sh: nothing to stop: no application was started as $pid" >&2
    exit 0
fi
data=$(dirname "$file")

if in_group; then kill -TERM -- "-$pid" 2>/dev/null || true; fi
# The data is thrown away, so nobody needs long to put it in order.
end=$((SECONDS + 3))
while ((SECONDS < end)) && in_group; do sleep 0.1; done
end=$((SECONDS + 5))
while ids=$(marked) && [[ -n $ids ]] && ((SECONDS < end)); do
    xargs -r kill -KILL <<<"$ids" 2>/dev/null || true
    sleep 0.1
done
rm -rf "$data"
