#!/usr/bin/env bash
# Starts Node-RED: single-page, password grant, token in localStorage, Authorization header, first WebSocket message.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
cat >settings.js <<C
module.exports = {
    uiHost: '127.0.0.1', uiPort: $PORT, flowFile: 'flows.json',
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, palette: { catalogues: [] } },
    adminAuth: { type: 'credentials', sessionExpiryTime: 3600,
        users: [{ username: 'admin', password: '$(<"$APP/password-hash")', permissions: '*' },
            { username: 'reader', password: '$(<"$APP/password-hash")', permissions: 'read' }] },
};
C
launch node "$APP/node_modules/node-red/red.js" -u "$DATA" -s "$DATA/settings.js"
ready 60 /auth/login 200
started / admin reader=reader
