#!/usr/bin/env bash
# Brings tools that start their own drivers into target/stand-ins: Selenium and Robot Framework from PyPI, Nightwatch from npm.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p ../../target/stand-ins/nightwatch
target=$(cd ../../target/stand-ins && pwd)

if [[ ! -x $target/python/bin/robot ]]; then
    python3 -m venv "$target/python"
    "$target/python/bin/pip" install --quiet 'selenium>=4.30,<5' 'robotframework>=7,<8' 'robotframework-seleniumlibrary>=6.6,<7'
fi
if [[ ! -d $target/node_modules/nightwatch ]]; then
    # Their drivers and browsers are not needed: these are what the tests are about.
    npm install --prefix "$target" --no-audit --no-fund --silent --ignore-scripts nightwatch@3
fi
# Scripts find what is installed above them.
cp ./*.cjs "$target/nightwatch/"
