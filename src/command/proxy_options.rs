//! What the options of the proxy come to: its way to servers, its key, its history.

use std::{fmt, path::absolute};

use anyhow::Result;

use super::{failure::Usage, mask::KnownSecrets, wire::Wire};
use crate::{
    cli::{ProxyArgs, ProxyOptions},
    history::{History, Mask, Recording, Secrecy, Settings},
    proxy::{Handler, HostPattern, Identity, Keyed, ListenKey, Untouched},
    session::Credential,
};

/// The wire with the proxy's way to servers.
pub(super) fn reaching(wire: &Wire, options: &ProxyOptions) -> Result<Wire> {
    let mut wire = wire.clone();
    wire.upstream = match (&options.upstream, &options.upstream_ca) {
        (Some(upstream), Some(authority)) => Some(upstream.clone().trusting(authority.clone())),
        (upstream, _) => upstream.clone(),
    };
    if let Some(certificate) = &options.client_cert {
        let hosts = options.client_host.clone().unwrap_or_else(HostPattern::every);
        wire.identities = vec![Identity::read(hosts, certificate, options.client_key.as_deref())?];
    }
    Ok(wire)
}

/// The key that clients must show; beyond loopback there must be one.
pub(super) fn key(args: &ProxyArgs) -> Result<Option<ListenKey>> {
    let options = &args.options;
    let reference = match (&options.key_env, &options.key_file) {
        (Some(name), _) => Credential::Env(name.clone()),
        (_, Some(file)) => Credential::File(absolute(file)?),
        _ if args.listen.ip().is_loopback() => return Ok(None),
        _ => {
            let message =
                format!("`{}` is not on loopback, and whoever reaches the proxy is logged in", args.listen);
            return Err(Usage::new(
                &message,
                "demand a key with `--key-env VAR` or `--key-file FILE`, or listen on 127.0.0.1",
            )
            .into());
        }
    };
    let key = reference.resolve()?;
    if key.is_empty() {
        return Err(Usage::new(
            "the key of the proxy is empty",
            "make one, for example with `openssl rand -hex 16`",
        )
        .into());
    }
    Ok(Some(ListenKey::new(key.expose())))
}

/// The history, unless none is wanted; `secrets` are taken out of it.
pub(super) fn history(wire: &Wire, options: &ProxyOptions, secrets: KnownSecrets) -> Result<Option<History>> {
    if options.no_history {
        return Ok(None);
    }
    let secrecy = if options.with_secrets {
        Secrecy::Open
    } else {
        Secrecy::Masked(Mask::new(secrets.headers(), move |text| secrets.mask(text)))
    };
    let settings = Settings { total_limit: options.history_limit.0, secrecy, ..Settings::default() };
    Ok(Some(History::open(&wire.environment.home, settings)?))
}

/// A handler behind the key, past which some hosts go untouched, and which is recorded.
pub(super) fn wrapped<H: Handler + fmt::Debug>(
    handler: H,
    key: Option<ListenKey>,
    options: &ProxyOptions,
    history: Option<History>,
) -> impl Handler {
    Keyed::new(key, Untouched::new(options.pass.clone(), Recording::new(handler, history)))
}
