#!/usr/bin/env bash
# Brings the libraries that the pages in tests/bed/frameworks are made with from npm into target/bed, and bundles what cannot be served as it is.
set -euo pipefail
cd "$(dirname "$0")"
target=$PWD/../../target/bed
mkdir -p "$target"
if [[ ! -d $target/node_modules/esbuild ]]; then
    npm install --prefix "$target" --no-audit --no-fund --silent \
        esbuild@0.28 react@19 react-dom@19 vue@3 svelte@5 preact@11 htm@3 alpinejs@3 jquery@3 lit@3 solid-js@1 \
        @angular/core@21 @angular/common@21 @angular/compiler@21 @angular/platform-browser@21 rxjs@7 zone.js@0.16 @hotwired/stimulus@3
fi
node bundle.mjs "$target"
