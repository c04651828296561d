#!/usr/bin/env bash
# Installs Calibre-Web from PyPI.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
install_once "$(python3 -VV)"
venv 'calibreweb==0.6.*' 'setuptools<81'
installed "$(venv/bin/python -c 'from importlib.metadata import version; print(version("calibreweb"))')"
