#!/usr/bin/env bash
# Brings Playwright and Puppeteer from npm into target/attach; they drive the browser that is there.
set -euo pipefail
cd "$(dirname "$0")"
target=$PWD/../../target/attach
mkdir -p "$target"
if [[ ! -d $target/node_modules/puppeteer-core ]]; then
    npm install --prefix "$target" --no-audit --no-fund --silent playwright-core@1 puppeteer-core@24
fi
cp ./*.mjs "$target/"
