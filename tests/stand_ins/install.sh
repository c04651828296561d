#!/usr/bin/env bash
# Brings Selenium from PyPI into target/stand-ins.
set -euo pipefail
cd "$(dirname "$0")"
target=$PWD/../../target/stand-ins
mkdir -p "$target"
if ! "$target/python/bin/python" -c 'import selenium' 2>/dev/null; then
    python3 -m venv "$target/python"
    "$target/python/bin/pip" install --quiet selenium
fi
