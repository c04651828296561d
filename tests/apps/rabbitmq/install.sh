#!/usr/bin/env bash
# Installs RabbitMQ from Debian, where it is missing, and ends the service that the package starts under systemd.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
server=/usr/lib/rabbitmq/bin/rabbitmq-server
if [[ ! -x $server ]]; then rm -f "$APP/stamp"; fi
install_once
if [[ ! -x $server ]]; then
    as_root apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 rabbitmq-server
    if [[ -d /run/systemd/system ]]; then as_root systemctl disable --now rabbitmq-server epmd.socket epmd.service; fi
fi
installed "$(dpkg-query -W -f '${Version}' rabbitmq-server)"
