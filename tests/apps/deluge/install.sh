#!/usr/bin/env bash
# Installs Deluge from Debian, where it is missing, and ends the service that the package starts under systemd.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
if ! command -v deluge-web; then rm -f "$APP/stamp"; fi >/dev/null
install_once
debian deluge-web
installed "$(dpkg-query -W -f '${Version}' deluge-web)"
