#!/usr/bin/env bash
# Installs the other crawlers into target/bench/crawl, each from its own registry; what cannot be had is told and left out.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tools=$here/../../target/bench/crawl
mkdir -p "$tools" && tools=$(cd "$tools" && pwd)
KATANA=v1.5.0

left_out() {
    echo "bench: $1 is left out: $2" >&2
}

crawlee() {
    command -v npm >/dev/null || { left_out crawlee "there is no npm"; return; }
    cp "$here/package.json" "$tools/"
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --prefix "$tools" --no-audit --no-fund --ignore-scripts ||
        left_out crawlee "npm cannot install it"
}

katana() {
    [[ -x $tools/katana ]] && return
    command -v go >/dev/null || { left_out katana "there is no go"; return; }
    # By way of a module of our own: the version is known then, and nobody is asked for a list of versions.
    local module=$tools/go
    mkdir -p "$module"
    printf 'module bench\n\ngo 1.24\n' >"$module/go.mod"
    (cd "$module" && go get "github.com/projectdiscovery/katana@$KATANA" &&
        GOFLAGS=-mod=mod GOBIN=$tools go install github.com/projectdiscovery/katana/cmd/katana) ||
        left_out katana "go cannot install it"
}

crawljax() {
    [[ -f $tools/crawljax-classes/Drive.class ]] && return
    { command -v mvn && command -v javac; } >/dev/null || { left_out crawljax "there is no mvn or no javac"; return; }
    mvn -q -B -f "$here/crawljax/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$tools/crawljax" -DincludeScope=runtime &&
        javac -cp "$tools/crawljax/*" -d "$tools/crawljax-classes" "$here/crawljax/src/main/java/Drive.java" ||
        left_out crawljax "maven cannot install it"
}

crawlee
katana
crawljax
