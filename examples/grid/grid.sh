#!/usr/bin/env bash
# One part of a Selenium Grid 4: `grid.sh hub`, or `grid.sh node` on as many machines as there are. `start.sh` starts a whole one.
#
#   GRID_HOST=127.0.0.1 GRID_PORT=4444   where the hub is; its two event ports are the ones below, unless
#   GRID_PUBLISH, GRID_SUBSCRIBE         name others
#   NODE_HOST=127.0.0.1 NODE_PORT=5555   where a node is, as the hub reaches it
#   NODE_BROWSERS=2                      how many browsers a node opens at most
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
host=${GRID_HOST:-127.0.0.1} port=${GRID_PORT:-4444} browsers=${NODE_BROWSERS:-2}
bus=(
    --publish-events "tcp://$host:${GRID_PUBLISH:-$((port - 2))}"
    --subscribe-events "tcp://$host:${GRID_SUBSCRIBE:-$((port - 1))}"
)
compgen -G "$root/target/grid/lib/selenium-grid-*.jar" >/dev/null || {
    echo "grid.sh: there is no Selenium Grid in $root/target/grid; tests/grid/setup.sh brings it" >&2
    exit 4
}
case ${1:-} in
    hub)
        # A node that has gone is noticed within seconds, not within two minutes.
        part=(hub --host "$host" --port "$port" --healthcheck-interval 5)
        ;;
    node)
        driver=$(command -v chromedriver) || { echo "grid.sh: a node needs chromedriver, and chromium" >&2; exit 4; }
        part=(
            node --hub "http://$host:$port" --host "${NODE_HOST:-127.0.0.1}" --port "${NODE_PORT:-5555}"
            --heartbeat-period 5 --register-cycle 1 --detect-drivers false --selenium-manager false
            --max-sessions "$browsers" --override-max-sessions true
            --driver-configuration display-name=chromium "max-sessions=$browsers" "webdriver-executable=$driver"
            'stereotype={"browserName":"chrome"}'
        )
        ;;
    *)
        echo "usage: grid.sh hub|node" >&2
        exit 2
        ;;
esac
exec java -cp "$root/target/grid/lib/*" org.openqa.selenium.grid.Main "${part[@]}" "${bus[@]}"
