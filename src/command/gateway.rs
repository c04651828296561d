//! Opens browsers that are logged in for WebDriver clients.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use super::{guests::Guests, passage::passage, reach::reach, roster::Wards, wire::Wire};
use crate::{
    cli::{Exit, GatewayArgs},
    gateway::{Behind, Gateway, Guard, Passage, Settings, Told},
    proxy::{Reach, Remote, is_loopback},
};

pub(super) async fn run(wire: &Wire, args: &GatewayArgs, stop: CancellationToken) -> Result<Exit> {
    let passage = match &args.upstream {
        Some(upstream) => passage(upstream, args.upstream_ca.as_deref(), Told::AsItIs).await?,
        None => None,
    };
    let settings = settings(wire, args, passage).await?;
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

async fn settings(wire: &Wire, args: &GatewayArgs, passage: Option<Passage>) -> Result<Settings> {
    let behind = match &args.upstream {
        Some(remote) => Behind::Upstream { at: remote.url().clone(), passage },
        None => Behind::Own(args.target.browser),
    };
    Ok(Settings {
        behind,
        max_sessions: args.max_sessions,
        queue_timeout: args.queue_timeout.0,
        idle_timeout: args.idle_timeout.0,
        relay_sockets: args.relay_sockets,
        proxy: args.proxy.then_some(true),
        reach: proxies(args.upstream.as_ref(), args.advertise.as_deref()).await?,
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

/// Where the proxies of the browsers are; nothing where the way to those is not known, which matters only once a session
/// needs a proxy.
async fn proxies(upstream: Option<&Remote>, advertised: Option<&str>) -> Result<Option<Reach>> {
    let far = upstream.map(Remote::url).filter(|url| advertised.is_some() || !is_loopback(url));
    let reach = match Box::pin(reach(far, advertised)).await {
        Err(error) if advertised.is_none() => {
            debug!(%error, "the way to the browsers is not known");
            return Ok(None);
        }
        reach => reach?,
    };
    if let Reach::Elsewhere { told, .. } = &reach {
        info!("browsers are told that their proxies are at `{told}`");
    }
    Ok(Some(reach))
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
        wire.output.line(format_args!(
            "  browsers are opened at {}",
            upstream.url().origin().ascii_serialization()
        ))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    async fn of(upstream: Option<&str>, advertised: Option<&str>) -> Option<(String, String)> {
        let remote = upstream.map(|url| url.parse().unwrap());
        match proxies(remote.as_ref(), advertised).await.unwrap()? {
            Reach::Here => Some(("here".into(), String::new())),
            Reach::Elsewhere { listen, told } => Some((listen.to_string(), told)),
        }
    }

    #[tokio::test]
    async fn proxies_are_where_the_browsers_of_the_upstream_reach_them() {
        let here = Some(("here".to_owned(), String::new()));
        for upstream in [None, Some("http://127.0.0.1:4444"), Some("https://u:p@localhost/wd/hub")] {
            assert_eq!(of(upstream, None).await, here, "{upstream:?}");
        }
        // An address that leads here, and that is not loopback.
        let ours = Some(("127.0.0.1".to_owned(), "127.0.0.1".to_owned()));
        assert_eq!(of(Some("http://0.0.0.0:4444"), None).await, ours);
        assert_eq!(of(Some("http://127.0.0.1:4444"), Some("127.0.0.1")).await, ours);
        let between = Some(("0.0.0.0".to_owned(), "outside.invalid".to_owned()));
        assert_eq!(of(Some("http://127.0.0.1:4444"), Some("outside.invalid")).await, between);
        assert_eq!(of(Some("https://grid.invalid"), None).await, None, "not before somebody needs it");
    }

    #[tokio::test]
    async fn a_name_for_this_machine_does_not_help_where_the_grid_has_none() {
        let grid = "https://grid.invalid".parse().unwrap();
        assert!(proxies(Some(&grid), Some("outside.invalid")).await.is_err());
    }
}
