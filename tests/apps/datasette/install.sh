#!/usr/bin/env bash
# Installs Datasette from PyPI, with the plugin for logins by password.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
install_once "$(python3 -VV)"
venv 'datasette==0.65.*' 'datasette-auth-passwords==1.*' 'setuptools<81'
venv/bin/python -c 'import sqlite3; sqlite3.connect("things.db").execute("create table things (name)")'
installed "$(venv/bin/python -c 'from importlib.metadata import version; print(version("datasette"))')"
