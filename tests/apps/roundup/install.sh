#!/usr/bin/env bash
# Installs Roundup from PyPI, with a tracker that has an administrator.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
install_once "$(python3 -VV)"
venv 'roundup==2.*'
mkdir tracker
venv/bin/roundup-admin -i tracker install classic sqlite
sed -i -E 's|^#?web = .*|web = http://127.0.0.1:8080/tracker/|; s|^#?domain = NO DEFAULT|domain = example.org|; s|^#?host = NO DEFAULT|host = localhost|' tracker/config.ini
venv/bin/roundup-admin -i tracker initialise "$PASSWORD"
installed "$(venv/bin/python -c 'from importlib.metadata import version; print(version("roundup"))')"
