#!/usr/bin/env bash
# Starts RabbitMQ's management page: single-page, Basic credentials kept by script, Authorization header.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
cat >rabbitmq.conf <<C
listeners.tcp = none
management.tcp.ip = 127.0.0.1
management.tcp.port = $PORT
default_user = admin
default_pass = $PASSWORD
loopback_users = none
C
echo '[rabbitmq_management].' >enabled_plugins
export ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT RABBITMQ_DIST_PORT
ERL_EPMD_PORT=$(free_port)
RABBITMQ_DIST_PORT=$(free_port)
# epmd runs in our group from the start, so that Erlang does not start a daemon of its own.
launch env RABBITMQ_NODENAME=handstamp@localhost RABBITMQ_CONFIG_FILE="$DATA/rabbitmq.conf" RABBITMQ_CONF_ENV_FILE=/dev/null \
    RABBITMQ_ENABLED_PLUGINS_FILE="$DATA/enabled_plugins" RABBITMQ_MNESIA_BASE="$DATA/mnesia" RABBITMQ_LOG_BASE="$DATA/logs" \
    RABBITMQ_PID_FILE="$DATA/rabbitmq.pid" RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' \
    bash -c 'epmd -address 127.0.0.1 -port "$ERL_EPMD_PORT" & exec /usr/lib/rabbitmq/bin/rabbitmq-server'
ready 120 / 200
api() { curl -sS -f --noproxy '*' -o /dev/null -u "admin:$PASSWORD" -X PUT "http://127.0.0.1:$PORT/api/$1" -d "$2"; }
for tag in monitoring management; do
    api "users/$tag" "{\"password\":\"$PASSWORD\",\"tags\":\"$tag\"}"
    api "permissions/%2F/$tag" '{"configure":".*","write":".*","read":".*"}'
done
started / admin monitoring=monitoring management=management
