#!/usr/bin/env bash
# Starts JupyterLab: password without user name, signed cookie whose name carries the port, _xsrf double submit, WebSockets.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
mkdir notebooks
launch env -u JUPYTER_CONFIG_DIR -u JUPYTER_DATA_DIR -u JUPYTER_RUNTIME_DIR -u JUPYTER_PATH -u JUPYTER_CONFIG_PATH -u JUPYTER_TOKEN \
    "$APP/venv/bin/jupyter-lab" --allow-root --no-browser --ip=127.0.0.1 --port="$PORT" --ServerApp.port_retries=0 \
    --ServerApp.root_dir="$DATA/notebooks" --IdentityProvider.token='' \
    --PasswordIdentityProvider.password_required=True --PasswordIdentityProvider.hashed_password="$(<"$APP/password-hash")"
ready 60 /login 200
started /login ''
