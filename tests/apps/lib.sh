# Sourced by the scripts beside it: where the applications lie, installing one once, starting it, waiting for it.
set -euo pipefail
APPS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${HANDSTAMP_APPS:-$(cd "$APPS/../.." && pwd)/target/apps}
mkdir -p "$CACHE/run"
CACHE=$(cd "$CACHE" && pwd -P)
export HANDSTAMP_APPS=$CACHE
NAME=$(basename "$(cd "$(dirname "$0")" && pwd)")
APP=$CACHE/$NAME
PASSWORD='s3cret-Pass!'

die() {
    echo "$NAME: $*" >&2
    exit 1
}

# install_once WORD...: leaves install.sh when $APP carries the stamp of this very script and WORDs, else empties $APP.
# The installation counts once `installed` has written the stamp; one that breaks off is begun anew.
install_once() {
    STAMP="$(cksum <"$0") $APP $*"
    exec 9>"$CACHE/$NAME.lock"
    flock 9
    if [[ -f $APP/stamp && $(head -n 1 "$APP/stamp") == "$STAMP" ]]; then exit 0; fi
    rm -rf "$APP"
    mkdir -p "$APP"
    cd "$APP"
    exec 3>&2 >"$CACHE/$NAME.install.log" 2>&1
    trap '{ tail -n 30 "$CACHE/$NAME.install.log"; echo "$NAME: not installed"; } >&3' EXIT
}

# installed VERSION: writes the stamp.
installed() {
    printf '%s\n%s\n' "$STAMP" "$1" >"$APP/stamp"
    trap - EXIT
    echo "$NAME: installed $1 in $SECONDS s" >&3
}

# venv REQUIREMENT...: a virtual environment in $APP/venv with these packages.
venv() {
    python3 -c 'import ensurepip' || as_root apt-get install -y --no-install-recommends python3-venv
    python3 -m venv venv
    venv/bin/pip install -q "$@"
}

# debian PACKAGE: installs it; the service that the package starts under systemd ends and stays so.
debian() {
    as_root apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 "$1"
    if [[ -d /run/systemd/system ]]; then as_root systemctl disable --now "$1" || true; fi
}

as_root() {
    if ((EUID)); then sudo "$@"; else "$@"; fi
}

free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)) && listening "$port"; do :; done
    echo "$port"
}

listening() {
    (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# prepare: installs, takes $PORT (a free one unless given) and makes an empty data folder, $DATA.
prepare() {
    "$APPS/$NAME/install.sh"
    PORT=${PORT:-$(free_port)}
    if listening "$PORT"; then die "port $PORT is taken"; fi
    DATA=$(mktemp -d "$CACHE/run/$NAME.XXXXXX")
    cd "$DATA"
    trap fail EXIT
    trap 'exit 1' HUP INT TERM
}

fail() {
    if [[ -f $DATA/log ]]; then tail -n 30 "$DATA/log" >&2; fi
    if [[ -f $DATA/pid ]]; then "$APPS/stop.sh" "$(<"$DATA/pid")"; else rm -rf "$DATA"; fi
    echo "$NAME: not started" >&2
}

# launch COMMAND...: runs it as leader of a process group of its own, at home in $DATA.
# HANDSTAMP_APP_DATA marks all its children, also those that leave the group.
launch() {
    env -u PORT HANDSTAMP_APP_DATA="$DATA" HOME="$DATA" setsid "$@" </dev/null >"$DATA/log" 2>&1 &
    PID=$!
    echo "$PID" >"$DATA/pid"
}

# ready SECONDS PATH STATUS: waits until a GET of PATH answers with that status.
ready() {
    local end=$((SECONDS + $1)) status=none
    while ((SECONDS < end)); do
        kill -0 "$PID" 2>/dev/null || die "ended before it was ready"
        status=$(curl -s -o /dev/null -m 5 -w '%{http_code}' --noproxy '*' "http://127.0.0.1:$PORT$2" || true)
        if [[ $status == "$3" ]]; then return; fi
        sleep 0.1
    done
    die "not ready after $1 s: GET $2 answers $status"
}

# started PATH USERNAME [ROLE=USERNAME...]: tells where and as whom to log in, and who else may, all with the same password.
started() {
    trap - EXIT
    local other others=
    for other in "${@:3}"; do others+="${others:+,}\"${other%%=*}\":\"${other#*=}\""; done
    printf '{"name":"%s","url":"http://127.0.0.1:%d%s","username":"%s","password":"%s","others":{%s},"pid":%d}\n' \
        "$NAME" "$PORT" "$1" "$2" "$PASSWORD" "$others" "$PID"
}
