#!/usr/bin/env bash
# Installs Selenium for Python from PyPI into target/webkit.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=target/webkit
if [[ ! -d $target/python/lib ]] || ! "$target/python/bin/python" -c 'import selenium' 2>/dev/null; then
    mkdir -p "$target"
    python3 -m venv "$target/python"
    "$target/python/bin/pip" install --quiet 'selenium>=4.30,<5'
fi
