#!/usr/bin/env bash
# Installs the named applications, or all of them, into ${HANDSTAMP_APPS:-target/apps}; what is there already stays.
set -euo pipefail
cd "$(dirname "$0")"
if (($# == 0)); then set -- */; fi
for name; do "./${name%/}/install.sh"; done
