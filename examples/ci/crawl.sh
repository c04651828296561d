#!/usr/bin/env bash
# Logs in, crawls logged in, and fails when the crawl ran logged out or reached too little. Needs `handstamp` and a browser.
#
#   TARGET_URL, TARGET_USERNAME, TARGET_PASSWORD   where, and as whom
#   MIN_LOGGED_IN=0.95  MIN_ENDPOINTS=10           what the crawl has to reach
#   MAX_DURATION=5m  MAX_RATE=                     how long, and how many requests a second
#   RESULT=handstamp-crawl                         where the result goes
#
# Its own arguments go to the crawl: `crawl.sh --browsers 4 --exclude /admin`.
set -euo pipefail
: "${TARGET_URL:?is the address of the application}"
: "${TARGET_USERNAME:?is who logs in}"
: "${TARGET_PASSWORD:?is a secret of the pipeline}"

handstamp login "$TARGET_URL" --username "$TARGET_USERNAME" --password-env TARGET_PASSWORD --session ci
status=0
handstamp crawl "$TARGET_URL" --session ci --policy safe --identify "${CRAWL_NAME:-}" ${MAX_RATE:+--max-rate "$MAX_RATE"} \
    --max-duration "${MAX_DURATION:-5m}" --output "${RESULT:-handstamp-crawl}" \
    --min-logged-in "${MIN_LOGGED_IN:-0.95}" --min-endpoints "${MIN_ENDPOINTS:-10}" "$@" || status=$?

# What the codes mean to a pipeline.
case $status in
    0) ;;
    3) echo "the session was lost and could not be made again: what follows would have been tested logged out" >&2 ;;
    5) echo "the crawl ran logged out, or reached too little: what follows would have tested too little" >&2 ;;
esac
exit "$status"
