#!/usr/bin/env bash
# Installs Actual's server from npm.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
install_once "node $(node -p process.versions.modules)"
npm install --no-audit --no-fund @actual-app/sync-server@25
installed "$(node -p "require('./node_modules/@actual-app/sync-server/package.json').version")"
