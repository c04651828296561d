//! Puts a session onto all requests in scope that go through an intercepting proxy.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use serde_json::json;
use tokio::{net::TcpListener, time};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use super::wire::Wire;
use crate::{
    cli::{Exit, ProxyArgs},
    inject::{Mode, Stamp, Through},
    proxy::Server,
    session::{Reference, Shared},
};

pub(super) async fn run(wire: &Wire, args: &ProxyArgs, stop: CancellationToken) -> Result<Exit> {
    if !args.listen.ip().is_loopback() {
        let message =
            format!("`{}` is not on loopback, and whoever reaches the proxy is logged in", args.listen);
        return Err(super::failure::Usage::new(&message, "listen on 127.0.0.1").into());
    }
    let state = wire.load(&args.session)?;
    let scope = state.reach();
    let shared = Shared::new(state);
    let listener = TcpListener::bind(args.listen).await.with_context(|| {
        format!("cannot listen on {}\nhint: is the port taken? name another with --listen", args.listen)
    })?;
    let address = listener.local_addr()?;
    let origins: Vec<_> = scope.origins().map(ToString::to_string).collect();
    wire.output.line(format_args!(
        "proxy on http://{address}, session `{}` goes to {}",
        args.session,
        origins.join(", ")
    ))?;
    wire.output
        .line("  for https, let the client trust the certificate that `handstamp ca` prints; Ctrl-C ends")?;
    wire.output.document(&json!({
        "schema": "handstamp.proxy/1", "event": "listening", "address": address.to_string(), "scope": origins,
    }))?;
    let handler = Arc::new(Through::new(Stamp::new(shared.clone(), scope, Mode::Force)));
    let server = Server::new(wire.authority()?, wire.client()?);
    let done = stop.clone();
    tokio::select! {
        () = server.run(listener, handler, async move { done.cancelled().await }) => {}
        () = keep(wire, &args.session, &shared) => {}
    }
    save(wire, &args.session, &shared);
    Ok(Exit::Done)
}

/// Writes the session back whenever the application has renewed a part of it.
async fn keep(wire: &Wire, reference: &Reference, shared: &Shared) {
    let mut changes = shared.changes();
    while changes.changed().await.is_ok() {
        // Applications renew cookies with every answer: a burst of them is written once.
        time::sleep(BURST).await;
        changes.borrow_and_update();
        save(wire, reference, shared);
    }
}

fn save(wire: &Wire, reference: &Reference, shared: &Shared) {
    let saved = wire.store().and_then(|store| Ok(store.save(reference, &shared.snapshot())?));
    match saved {
        Ok(()) => info!(session = %reference, "kept what the application renewed"),
        Err(problem) => error!("cannot keep the renewed session: {problem:#}"),
    }
}

/// How long renewals are gathered before they are written.
const BURST: Duration = Duration::from_millis(500);
