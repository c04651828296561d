#!/usr/bin/env bash
# Installs Node-RED from npm.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
install_once "node $(node -p process.versions.modules)"
echo '{"private":true}' >package.json
npm install --no-audit --no-fund node-red@4 bcryptjs@3
node -p "require('bcryptjs').hashSync('$PASSWORD', 8)" >password-hash
installed "$(node -p "require('./node_modules/node-red/package.json').version")"
