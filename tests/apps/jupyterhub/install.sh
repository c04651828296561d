#!/usr/bin/env bash
# Installs JupyterHub from PyPI with an OpenID Connect client, its proxy and an OpenID Connect provider from npm.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
install_once "$(python3 -VV)" "node $(node -p process.versions.modules)"
venv 'jupyterhub==5.*' 'oauthenticator==17.*'
npm install --no-audit --no-fund configurable-http-proxy@4 oidc-provider@9
installed "$(venv/bin/jupyterhub --version)"
