#!/usr/bin/env bash
# Brings a Selenium Grid from Maven Central into target/grid, and Java and Maven from Debian where they are missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
lib=target/grid/lib
packages=()
command -v java >/dev/null || packages+=(openjdk-17-jre-headless)
if ! compgen -G "$lib/selenium-grid-*.jar" >/dev/null; then
    command -v mvn >/dev/null || packages+=(maven)
fi
if ((${#packages[@]})); then
    as_root=()
    ((EUID == 0)) || as_root=(sudo)
    "${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=120 update
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 install \
        --no-install-recommends "${packages[@]}"
fi
if ! compgen -G "$lib/selenium-grid-*.jar" >/dev/null; then
    echo "setup: bringing Selenium Grid from Maven Central, once"
    mkdir -p "$lib.part"
    mvn -q -B -f tests/grid/pom.xml dependency:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory="$PWD/$lib.part" >&2
    rm -rf "$lib"
    mv "$lib.part" "$lib"
fi
