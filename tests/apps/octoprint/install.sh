#!/usr/bin/env bash
# Installs OctoPrint from PyPI, with a set-up base folder that has an administrator.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
install_once "$(python3 -VV)"
venv 'OctoPrint==1.*' 'setuptools<81'
mkdir base
cat >base/config.yaml <<'C'
server: { firstRun: false, onlineCheck: { enabled: false }, pluginBlacklist: { enabled: false }, seenWizards: { corewizard: 4, tracking: 1, backup: 1 } }
accessControl: { salt: tEsTbEdSaLt0123456789abcdefghijk }
plugins: { _disabled: [softwareupdate, tracking, announcements, discovery, pluginmanager, firmware_check, health_check] }
C
HOME=$APP venv/bin/octoprint --basedir base user add admin --password "$PASSWORD" --admin
installed "$(venv/bin/python -c 'from importlib.metadata import version; print(version("OctoPrint"))')"
