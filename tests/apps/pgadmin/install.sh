#!/usr/bin/env bash
# Installs pgAdmin from PyPI.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
install_once "$(python3 -VV)"
venv 'pgadmin4==9.*'
installed "$(venv/bin/python -c 'from importlib.metadata import version; print(version("pgadmin4"))')"
