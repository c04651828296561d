#!/usr/bin/env bash
# Installs Redis Commander from npm, and Redis from Debian where it is missing.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
if ! command -v redis-check-rdb; then rm -f "$APP/stamp"; fi >/dev/null
install_once "node $(node -p process.versions.modules)"
debian redis-tools
npm install --no-audit --no-fund redis-commander@0.9
installed "$(node -p "require('./node_modules/redis-commander/package.json').version")"
