#!/usr/bin/env bash
# Starts pgAdmin: session cookie bound to the browser, CSRF header from the page's script.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
export PGADMIN_SETUP_EMAIL=admin@example.org PGADMIN_SETUP_PASSWORD=$PASSWORD
cat >config_local.py <<C
SERVER_MODE = True
DATA_DIR = '$DATA/data'
DEFAULT_SERVER = '127.0.0.1'
DEFAULT_SERVER_PORT = $PORT
UPGRADE_CHECK_ENABLED = False
MASTER_PASSWORD_REQUIRED = False
C
export PYTHONPATH=$DATA
launch "$APP/venv/bin/pgadmin4"
ready 90 /login 200
started / admin@example.org
