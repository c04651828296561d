#!/usr/bin/env bash
# Installs WebDriver clients that nobody here wrote into target/clients: Selenium from PyPI, selenium-webdriver and WebdriverIO from npm, thirtyfour from crates.io.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p ../../target/clients
target=$(cd ../../target/clients && pwd)

if [[ ! -d $target/python/lib ]] || ! "$target/python/bin/python" -c 'import selenium' 2>/dev/null; then
    python3 -m venv "$target/python"
    "$target/python/bin/pip" install --quiet 'selenium>=4.30,<5'
fi
if [[ ! -d $target/node_modules/webdriverio || ! -d $target/node_modules/selenium-webdriver ]]; then
    # Their drivers and browsers are not needed: these are what the tests are about.
    PUPPETEER_SKIP_DOWNLOAD=1 npm install --prefix "$target" --no-audit --no-fund --silent --ignore-scripts \
        selenium-webdriver@4 webdriverio@9
fi
cargo build --quiet --manifest-path thirtyfour/Cargo.toml --target-dir "$target/thirtyfour"
# Scripts find what is installed beside them.
cp ./*.py ./*.mjs "$target/"
