#!/usr/bin/env bash
# Builds xh with cargo and nuclei with Go into target/formats/bin, for tests/formats/built.rs; with empty caches it takes half an hour.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=$here/../../target/formats
NUCLEI=v3.3.9
mkdir -p "$target/bin" "$target/go" && target=$(cd "$target" && pwd)
"$here/../setup.sh" openssl
if [[ ! -x $target/bin/xh ]] && ! command -v xh >/dev/null; then
    echo "setup: installing xh with cargo; this takes some minutes, once"
    # One of its two ways to TLS has to be there, and the system's is built much quicker.
    CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$target/build cargo install xh --version 0.26.3 --locked --quiet \
        --no-default-features --features native-tls --profile dev --root "$target"
    rm -rf "$target/build"
fi
[[ -x $target/bin/nuclei ]] && exit
command -v nuclei >/dev/null && exit
command -v go >/dev/null || {
    echo "setup: nuclei is built with Go: install Go 1.23 or newer, or nuclei itself" >&2
    exit 1
}
# By way of a module of our own: the version is known then, and nobody is asked for a list of versions.
printf 'module tools\n\ngo 1.23\n\nrequire github.com/projectdiscovery/nuclei/v3 %s\n' "$NUCLEI" >"$target/go/go.mod"
cd "$target/go"
# One of its modules names a private function of Go's library, which linkers refuse since Go 1.23.
GOFLAGS=-mod=mod go build -ldflags "-s -w -checklinkname=0" -o "$target/bin/nuclei" github.com/projectdiscovery/nuclei/v3/cmd/nuclei
