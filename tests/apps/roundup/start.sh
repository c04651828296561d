#!/usr/bin/env bash
# Starts Roundup, a tracker: login in the margin of a public page, nonce in a hidden field, check of Referer.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
cp -r "$APP/tracker" tracker
sed -i "s|^web = .*|web = http://127.0.0.1:$PORT/|" tracker/config.ini
# Its own server refuses to run as root.
cat >serve.py <<C
from wsgiref.simple_server import make_server
from roundup.cgi.wsgi_handler import RequestDispatcher
make_server('127.0.0.1', $PORT, RequestDispatcher('$DATA/tracker')).serve_forever()
C
launch "$APP/venv/bin/python" serve.py
ready 60 / 200
started / admin
