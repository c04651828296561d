#!/usr/bin/env bash
# Installs what the tests need and this machine lacks: browsers, drivers, curl, rustfmt and clippy; with `node`, Node.js too; with `python`, Python; with `wget`, Wget; with `openssl`, what programs are built with that use it; with `java`, a JDK and Maven; with `webkit`, WebKit.
set -euo pipefail
export PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin

die() {
    echo "setup: $*" >&2
    exit 1
}

has() {
    for program; do if command -v "$program" >/dev/null; then return; fi; done
    return 1
}

as_root() {
    if ((EUID == 0)); then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

install_packages() {
    has apt-get || die "install what these Debian packages hold: $*"
    ((EUID == 0)) || has sudo || die "as root, run: apt-get install $*"
    echo "setup: installing the Debian packages $*"
    as_root apt-get -q -o DPkg::Lock::Timeout=120 update
    as_root apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends "$@"
}

has cargo || die "install a Rust toolchain first, for example with rustup"
packages=()
has cc || packages+=(gcc libc6-dev)
has curl || packages+=(curl ca-certificates)
has chromium chromium-browser google-chrome google-chrome-stable || packages+=(chromium)
has chromedriver || packages+=(chromium-driver)
has firefox-esr firefox || packages+=(firefox-esr)
if [[ ${1:-} == node ]]; then
    has node || packages+=(nodejs)
    has npm || packages+=(npm)
fi
if [[ ${1:-} == python ]]; then
    has python3 || packages+=(python3)
    python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
fi
if [[ ${1:-} == wget ]]; then
    has wget || packages+=(wget)
fi
if [[ ${1:-} == openssl ]]; then
    has pkg-config || packages+=(pkg-config)
    pkg-config --exists openssl 2>/dev/null || packages+=(libssl-dev)
fi
if [[ ${1:-} == java ]]; then
    has javac || packages+=(default-jdk-headless)
    has mvn || packages+=(maven)
fi
if [[ ${1:-} == webkit ]]; then
    has WebKitWebDriver || packages+=(webkit2gtk-driver)
    has Xvfb || packages+=(xvfb)
fi
if ((${#packages[@]})); then install_packages "${packages[@]}"; fi

for component in rustfmt clippy; do
    # rustup leaves a stand-in on the path for each component, so that only running it tells.
    cargo "${component#rust}" --version >/dev/null 2>&1 && continue
    has rustup || die "install $component, which belongs to the Rust toolchain"
    echo "setup: installing $component"
    rustup component add "$component"
done

if ! has geckodriver; then
    echo "setup: installing geckodriver with cargo; this takes about four minutes, once"
    cargo install geckodriver --locked
fi
