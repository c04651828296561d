#!/usr/bin/env bash
# Starts Verdaccio, a package registry: single-page, login in a modal, JWT in localStorage, Authorization header.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
cat >config.yaml <<C
storage: $DATA/storage
auth: { htpasswd: { file: $DATA/htpasswd, max_users: 100 } }
web: { title: testbed, login: true }
security: { web: { sign: { expiresIn: 1h } } }
packages: { '**': { access: \$authenticated, publish: \$authenticated } }
log: { type: stdout, format: pretty, level: warn }
C
launch node "$APP/node_modules/verdaccio/bin/verdaccio" -c "$DATA/config.yaml" -l "127.0.0.1:$PORT"
ready 60 /-/ping 200
url=http://127.0.0.1:$PORT
api() { curl -sS -f --noproxy '*' -X PUT -H 'content-type: application/json' "$@"; }
token=$(api "$url/-/user/org.couchdb.user:alice" -d "{\"name\":\"alice\",\"password\":\"$PASSWORD\"}" |
    node -p 'JSON.parse(require("fs").readFileSync(0)).token')
# A package that only members see: the list of packages is what tells one from a stranger.
api -o /dev/null "$url/members-only" -H "authorization: Bearer $token" -d @- <<C
{ "_id": "members-only", "name": "members-only", "dist-tags": { "latest": "1.0.0" },
  "versions": { "1.0.0": { "name": "members-only", "version": "1.0.0", "readme": "for members",
    "dist": { "tarball": "$url/members-only/-/members-only-1.0.0.tgz" } } },
  "_attachments": { "members-only-1.0.0.tgz": { "data": "H4sIAAAAAAAAAwMAAAAAAAAAAAA=", "length": 20 } } }
C
started / alice
