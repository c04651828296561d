#!/usr/bin/env bash
# Installs Parse Dashboard from npm.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
install_once "node $(node -p process.versions.modules)"
npm install --no-audit --no-fund parse-dashboard@9
installed "$(node -p "require('./node_modules/parse-dashboard/package.json').version")"
