#!/usr/bin/env bash
# Installs Transmission from Debian, where it is missing, and ends the service that the package starts under systemd.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
if ! command -v transmission-daemon; then rm -f "$APP/stamp"; fi >/dev/null
install_once
debian transmission-daemon
installed "$(dpkg-query -W -f '${Version}' transmission-daemon)"
