#!/usr/bin/env bash
# Installs the tools that tests/formats/tools.rs hands sessions to into target/formats: from npm, PyPI and Debian.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=$here/../../target/formats
mkdir -p "$target"
"$here/../setup.sh" node
"$here/../setup.sh" python
"$here/../setup.sh" wget
if [[ ! -d $target/node_modules/newman ]]; then
    npm install --prefix "$target" --no-audit --no-fund --silent playwright-core@1 puppeteer-core@24 newman@6 undici@7
fi
if [[ ! -x $target/python/bin/http ]]; then
    python3 -m venv "$target/python"
    "$target/python/bin/pip" install --quiet httpie requests selenium
fi
