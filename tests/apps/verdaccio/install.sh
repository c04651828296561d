#!/usr/bin/env bash
# Installs Verdaccio from npm.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
install_once "node $(node -p process.versions.modules)"
# A dependency asks for the dist-tag node-fetch@cjs; a version is surer.
echo '{"private":true,"overrides":{"node-fetch":"2.7.0"}}' >package.json
npm install --no-audit --no-fund verdaccio@6
installed "$(node -p "require('./node_modules/verdaccio/package.json').version")"
