#!/usr/bin/env bash
# Logs in here, and crawls with the browsers of a Selenium Grid. Needs `handstamp`, and a grid: `examples/grid/start.sh`.
#
#   TARGET_URL, TARGET_USERNAME, TARGET_PASSWORD   where, and as whom
#   GRID_URL=http://127.0.0.1:4444                 the grid
#   BROWSERS=4                                     how many browsers; where the grid has fewer, these go on
#
# Its own arguments go to the crawl. Where the nodes know this machine by another name: `crawl.sh --advertise NAME`.
set -euo pipefail
: "${TARGET_URL:?is the address of the application}"
: "${TARGET_USERNAME:?is who logs in}"
: "${TARGET_PASSWORD:?is the password, a secret}"
command -v handstamp >/dev/null || { echo "crawl.sh: handstamp is not on the path; \`make build\` leaves it in target/release" >&2; exit 127; }

handstamp login "$TARGET_URL" --username "$TARGET_USERNAME" --password-env TARGET_PASSWORD --session grid
exec handstamp crawl "$TARGET_URL" --session grid --webdriver "${GRID_URL:-http://127.0.0.1:4444}" \
    --browsers "${BROWSERS:-4}" "$@"
