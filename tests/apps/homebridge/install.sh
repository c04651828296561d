#!/usr/bin/env bash
# Installs Homebridge and its web interface from npm.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
install_once "node $(node -p process.versions.modules)"
npm install --no-audit --no-fund homebridge@1 homebridge-config-ui-x@4
installed "$(node -p "require('./node_modules/homebridge-config-ui-x/package.json').version")"
