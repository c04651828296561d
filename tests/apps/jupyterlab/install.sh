#!/usr/bin/env bash
# Installs JupyterLab from PyPI.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
install_once "$(python3 -VV)"
venv 'jupyterlab==4.*'
mkdir -p venv/share/jupyter/lab/settings
cat >venv/share/jupyter/lab/settings/overrides.json <<'C'
{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}
C
venv/bin/python -c "from jupyter_server.auth import passwd; print(passwd('$PASSWORD', 'sha1'))" >password-hash
installed "$(venv/bin/jupyter-lab --version)"
