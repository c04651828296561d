#!/usr/bin/env bash
# Installs Wagtail from PyPI, with a migrated site that has an administrator.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
install_once "$(python3 -VV)"
venv 'wagtail==8.*'
mkdir site
venv/bin/wagtail start handstamp site
# No calls to wagtail.org or gravatar.com.
cat >site/handstamp/settings/local.py <<'C'
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
C
venv/bin/python site/manage.py migrate -v 0
DJANGO_SUPERUSER_PASSWORD=$PASSWORD venv/bin/python site/manage.py createsuperuser --noinput --username admin --email admin@example.org
installed "$(venv/bin/python -c 'import wagtail; print(wagtail.__version__)')"
