//! Opens browsers that are logged in for WebDriver clients.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{failure::Usage, guests::Guests, roster::Wards, wire::Wire};
use crate::{
    browser::{self, Kind},
    cli::{Exit, GatewayArgs},
    gateway::{Behind, Gateway, Guard, Settings},
};

pub(super) async fn run(wire: &Wire, args: &GatewayArgs, stop: CancellationToken) -> Result<Exit> {
    let settings = settings(wire, args)?;
    let wards = Wards::new(wire, &args.target)?;
    let is_named = args.session.is_some() || wards.names_user();
    let usual = is_named.then(|| wards.asked(args.session.as_ref())).transpose()?;
    let listener = TcpListener::bind(args.listen).await.with_context(|| {
        format!("cannot listen on {}\nhint: is the port taken? name another with --listen", args.listen)
    })?;
    let guests = Arc::new(Guests::new(wire, wards, usual));
    announce(wire, args, &listener, &guests)?;
    let gateway = Gateway::new(Arc::clone(&guests), settings, wire.client()?);
    gateway.run(listener, async move { stop.cancelled().await }).await;
    guests.settle().await;
    Ok(Exit::Done)
}

fn settings(wire: &Wire, args: &GatewayArgs) -> Result<Settings> {
    let behind = match &args.upstream {
        Some(url) if url.scheme() != "http" => {
            let message = format!("`{}` is not supported for drivers and grids", url.scheme());
            return Err(Usage::new(&message, "name an address that begins with `http://`").into());
        }
        Some(url) => Behind::Upstream(url.clone()),
        // Its session goes in by a proxy that has to be there before the browser is.
        None if args.target.browser == Kind::WebKit => {
            let what = "be opened by the gateway: it opens chromium and firefox".to_owned();
            return Err(browser::Error::Unsupported { what }.into());
        }
        None => Behind::Own(args.target.browser),
    };
    Ok(Settings {
        behind,
        max_sessions: args.max_sessions,
        queue_timeout: args.queue_timeout.0,
        idle_timeout: args.idle_timeout.0,
        relay_sockets: args.relay_sockets,
        proxy: args.proxy.then_some(true),
        base: String::new(),
        guard: Guard {
            hosts: args.allow_host.clone(),
            origins: args.allow_origin.clone(),
            ..Guard::default()
        },
        deadline: wire.common.timeout.0,
        protocol: args.target.protocol,
    })
}

fn announce(wire: &Wire, args: &GatewayArgs, listener: &TcpListener, guests: &Guests) -> Result<()> {
    let address = listener.local_addr()?;
    let session = guests.usual();
    match &session {
        Some(name) => {
            wire.output.line(format_args!("listening on http://{address}, browsers are logged in as `{name}`"))?;
        }
        None => wire.output.line(format_args!(
            "listening on http://{address}, for sessions and users that clients name: http://{address}/as/NAME"
        ))?,
    }
    if guests.is_mortal() {
        wire.output
            .line("  note: the session cannot be renewed, since nothing tells where its password is")?;
    }
    if let Some(upstream) = &args.upstream {
        wire.output
            .line(format_args!("  browsers are opened at {}", upstream.origin().ascii_serialization()))?;
    }
    if !args.listen.ip().is_loopback() {
        wire.output.line(
            "  warning: whoever reaches this address gets browsers that are logged in; let a firewall see to it",
        )?;
    }
    wire.output.line("  Ctrl-C ends it and all its browsers")?;
    wire.output.document(&json!({
        "schema": "handstamp.gateway/1", "event": "listening", "address": address.to_string(), "session": session,
    }))?;
    Ok(())
}
