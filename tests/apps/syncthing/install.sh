#!/usr/bin/env bash
# Installs Syncthing from Debian, where it is missing, and ends the service that the package starts under systemd.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
if ! command -v syncthing; then rm -f "$APP/stamp"; fi >/dev/null
install_once
debian syncthing
installed "$(dpkg-query -W -f '${Version}' syncthing)"
