#!/usr/bin/env bash
# Starts Wagtail, a Django site: server-rendered admin, session cookie, CSRF token in hidden field and header.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
cp -r "$APP/site" site
PASSWORD=$PASSWORD "$APP/venv/bin/python" site/manage.py shell -v 0 -c "
import os
from django.contrib.auth.models import Group, User
user = User.objects.create_user('editor', 'editor@example.org', os.environ['PASSWORD'])
user.groups.add(Group.objects.get(name='Editors'))"
launch "$APP/venv/bin/python" site/manage.py runserver --noreload "127.0.0.1:$PORT"
ready 60 /admin/login/ 200
started /admin/login/ admin editor=editor
