#!/usr/bin/env bash
# Starts JupyterHub with single sign-on: OpenID Connect with PKCE at a provider on another host name.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
prepare
provider=$(free_port)
cat >config.py <<C
c.JupyterHub.bind_url = 'http://127.0.0.1:$PORT'
c.JupyterHub.hub_bind_url = 'http://127.0.0.1:$(free_port)'
c.JupyterHub.authenticator_class = 'generic-oauth'
c.JupyterHub.spawner_class = 'simple'
c.ConfigurableHTTPProxy.api_url = 'http://127.0.0.1:$(free_port)'
c.ConfigurableHTTPProxy.command = ['$APP/node_modules/.bin/configurable-http-proxy']
c.GenericOAuthenticator.client_id = 'hub'
c.GenericOAuthenticator.client_secret = 'not-a-secret'
c.GenericOAuthenticator.authorize_url = 'http://localhost:$provider/auth'
c.GenericOAuthenticator.token_url = 'http://localhost:$provider/token'
c.GenericOAuthenticator.userdata_url = 'http://localhost:$provider/me'
c.GenericOAuthenticator.oauth_callback_url = 'http://127.0.0.1:$PORT/hub/oauth_callback'
c.GenericOAuthenticator.scope = ['openid', 'profile']
c.GenericOAuthenticator.username_claim = 'preferred_username'
c.GenericOAuthenticator.login_service = 'the house'
c.GenericOAuthenticator.allow_all = True
C
here=$APPS/$NAME
launch env APP="$APP" PATH="$APP/venv/bin:$PATH" bash -c "
    node '$here/provider.mjs' $provider http://127.0.0.1:$PORT alice '$PASSWORD' & exec jupyterhub -f config.py"
ready 90 /hub/login 200
started /hub/home alice
