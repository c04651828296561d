#!/usr/bin/env bash
# Brings a Selenium Grid from Maven Central into target/grid.
set -euo pipefail
cd "$(dirname "$0")/../.."
tests/setup.sh java
lib=target/grid/lib
if ! compgen -G "$lib/selenium-grid-*.jar" >/dev/null; then
    echo "setup: bringing Selenium Grid from Maven Central, once"
    mkdir -p "$lib.part"
    mvn -q -B -f tests/grid/pom.xml dependency:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory="$PWD/$lib.part" >&2
    rm -rf "$lib"
    mv "$lib.part" "$lib"
fi
