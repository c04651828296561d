#!/usr/bin/env bash
# Installs MeshCentral from npm.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
install_once "node $(node -p process.versions.modules)"
npm install --no-audit --no-fund meshcentral@1.1
installed "$(node -p "require('./node_modules/meshcentral/package.json').version")"
