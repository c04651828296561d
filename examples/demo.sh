#!/usr/bin/env bash
# Shows handstamp at work: logs in to the sample shop, proves the session in a fresh browser, crawls with it. A minute.
set -euo pipefail
cd "$(dirname "$0")/.."
TARGET=${CARGO_TARGET_DIR:-target}
RESULT=$TARGET/demo/crawl

cargo build --release --bin handstamp --example shop
SECONDS=0
rm -rf "$TARGET/demo"
mkdir -p "$TARGET/demo"
HANDSTAMP_HOME=$(cd "$TARGET/demo" && pwd)/home
PATH=$(cd "$TARGET/release" && pwd):$PATH
export HANDSTAMP_HOME PATH
if [[ -t 1 ]]; then PROMPT=$'\e[1;32m$\e[0m'; else PROMPT='$'; fi

say() {
    printf '\n# %s\n' "$*"
}

# Shows a command as one would type it, then runs it.
run() {
    printf '%s %s\n' "$PROMPT" "$*"
    "$@"
}

# The first string of that name in the line that the shop prints once it is open.
ready() {
    grep -oE "\"$1\":\"(\\\\.|[^\"\\\\])*\"" <<<"$READY" | head -n 1 | sed -E 's/^[^:]*:"(.*)"$/\1/; s/\\(.)/\1/g'
}

say "A shop to log in to:"
printf '%s %s\n' "$PROMPT" "cargo run --release --example shop"
exec {shop}< <(exec "$TARGET/release/examples/shop" </dev/null)
SHOP=$!
trap 'kill "$SHOP" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM
read -r -t 20 READY <&"$shop"
SHOP_URL=$(ready url)
SHOP_PASSWORD=$(ready password)
export SHOP_PASSWORD
echo "open at $SHOP_URL"

say "Log in once. The form is found by itself, behind a dialog and a cookie bar:"
run handstamp login "$SHOP_URL" --username "$(ready username)" --password-env SHOP_PASSWORD --session anna

say "What was kept, secrets hidden:"
run handstamp show anna

say "A fresh browser gets the session before the shop's first script runs:"
run handstamp verify anna --in-browser --screenshot "$TARGET/demo/anna.png"

say "Crawl, logged in all the way:"
run handstamp crawl "$SHOP_URL" --session anna --browsers 2 --max-duration 30s --output "$RESULT"

say "The result lies in $RESULT, the picture in $TARGET/demo/anna.png. All this took $SECONDS s."
