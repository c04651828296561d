#!/usr/bin/env bash
# Installs the named applications, or all of them, two at a time, into ${HANDSTAMP_APPS:-target/apps}; what is there already stays.
# The heavy ones are installed only when they are named, or with HANDSTAMP_APPS_HEAVY=1.
set -euo pipefail
cd "$(dirname "$0")"
if (($# == 0)); then
    for name in */; do
        if [[ ! -e $name/heavy || -n ${HANDSTAMP_APPS_HEAVY:-} ]]; then set -- "$@" "$name"; fi
    done
fi
for name; do echo "./${name%/}/install.sh"; done | xargs -P 2 -I{} bash {}
