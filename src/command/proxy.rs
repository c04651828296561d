//! Puts a session onto all requests in scope that go through an intercepting proxy.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{logins::Logins, mask::KnownSecrets, proxy_options, roster::Wards, wire::Wire};
use crate::{
    cli::{Exit, ProxyArgs},
    keep::{Keeper, Living, Who},
    proxy::Server,
};

pub(super) async fn run(wire: &Wire, args: &ProxyArgs, stop: CancellationToken) -> Result<Exit> {
    let key = proxy_options::key(args)?;
    let wire = &proxy_options::reaching(wire, &args.options)?;
    let wards = Wards::new(wire, &args.target)?;
    let forced = forced(args, &wards)?;
    if let Some(living) = &forced {
        ready(wire, living).await?;
    }
    let listener = TcpListener::bind(args.listen).await.with_context(|| {
        format!("cannot listen on {}\nhint: is the port taken? name another with --listen", args.listen)
    })?;
    announce(wire, args, &listener, forced.as_deref())?;
    let who = Who { header: args.user_header.clone(), forced: forced.map(|living| living.name()) };
    let client = wire.client()?;
    let keeper = Arc::new(Keeper::new(wards, who, client.clone()));
    let secrets = known_secrets(&keeper);
    let history = proxy_options::history(wire, &args.options, secrets)?;
    let handler = proxy_options::wrapped(Arc::clone(&keeper), key, &args.options, history);
    let server = Server::new(wire.authority()?, client);
    server.run(listener, Arc::new(handler), async move { stop.cancelled().await }).await;
    keeper.roster().settle().await;
    Ok(Exit::Done)
}

/// The secrets of all sessions that the keeper has opened.
fn known_secrets(keeper: &Arc<Keeper<Wards>>) -> KnownSecrets {
    // The history must not keep alive what it takes them from.
    let keeper = Arc::downgrade(keeper);
    KnownSecrets::new(move || keeper.upgrade().map(|keeper| keeper.roster().shared()).unwrap_or_default())
}

/// Logs in where there is no session yet, so that its origins are known.
pub(super) async fn ready(wire: &Wire, living: &Living<Logins>) -> Result<()> {
    if living.knows_scope() {
        return Ok(());
    }
    let _progress = wire.progress(&format!("logging in `{}`", living.name()));
    living.ready().await?;
    Ok(())
}

/// The session that goes onto requests which name no user.
fn forced(args: &ProxyArgs, wards: &Wards) -> Result<Option<Arc<Living<Logins>>>> {
    let is_asked = args.session.is_some() || wards.names_user();
    is_asked.then(|| wards.asked(args.session.as_ref())).transpose()
}

fn announce(
    wire: &Wire,
    args: &ProxyArgs,
    listener: &TcpListener,
    forced: Option<&Living<Logins>>,
) -> Result<()> {
    let address = listener.local_addr()?;
    let origins: Vec<_> = forced
        .iter()
        .flat_map(|living| living.scope().origins().map(ToString::to_string).collect::<Vec<_>>())
        .collect();
    match forced {
        Some(living) => wire.output.line(format_args!(
            "proxy on http://{address}, session `{}` goes to {}",
            living.name(),
            origins.join(", ")
        ))?,
        None => wire.output.line(format_args!(
            "proxy on http://{address}, for users who are named by proxy credentials, {} or their site",
            args.user_header
        ))?,
    }
    if forced.is_some_and(|living| !living.can_renew()) {
        wire.output
            .line("  note: the session cannot be renewed, since nothing tells where its password is")?;
    }
    wire.output
        .line("  for https, let the client trust the certificate that `handstamp ca` prints; Ctrl-C ends")?;
    wire.output.document(&json!({
        "schema": "handstamp.proxy/1", "event": "listening", "address": address.to_string(), "scope": origins,
    }))?;
    Ok(())
}
