//! The proxy of one browser, which puts on what no browser can have.

use std::{sync::Arc, time::Duration};

use http::{Request, Response};
use serde_json::{Map, Value};
use tracing::{debug, info};

use super::{
    error::Error,
    house::House,
    order::Group,
    users::{Certificates, Users},
    wish::Storage,
};
use crate::{
    browser::Running,
    inject,
    keep::{Followed, Keeper, Living, Roster, Who},
    proxy::{Authority, Body, Client, Exchange, Handler, Next, Reach, Server, Serving, Tunnel, Upstream},
    session::{Method, State},
};

/// A running proxy; it ends with this value.
#[derive(Debug)]
pub(super) struct Carry {
    serving: Serving,
    /// The address as browsers are told it.
    told: String,
    /// What shows that a browser elsewhere is its own.
    knock: Option<String>,
}

/// What it does to requests.
#[expect(clippy::large_enum_variant, reason = "there is one for each browser, and it is never moved")]
enum Way<R: Roster> {
    /// The browser has the session: only what it lacks is put on.
    Follow(Followed),
    /// The browser has nothing, or a script carries the session: all of it is put on.
    Force(Keeper<R>),
}

impl Carry {
    /// Starts a proxy for a browser of this session.
    pub(super) async fn start<U: Users>(
        users: &Arc<U>,
        living: &Living<U::Login>,
        storage: Storage,
        (client, reach): (Client, &Reach),
    ) -> Result<Self, Error> {
        let is_scripted = living.shared().read(|state| matches!(state.method, Method::Script { .. }));
        let handler = if storage == Storage::Put && !is_scripted {
            Way::Follow(Followed::of(living, client.clone()))
        } else {
            let who = Who { forced: Some(living.name()), ..Who::default() };
            Way::Force(Keeper::new(Arc::clone(users), who, client.clone()))
        };
        Self::serve(handler, client, reach).await.map_err(|reason| Error::Proxy { reason })
    }

    async fn serve<R: Roster>(handler: Way<R>, client: Client, reach: &Reach) -> Result<Self, String> {
        let server = Server::new(Authority::ephemeral().map_err(|e| e.report())?, client);
        let door = reach.door(handler);
        let knock = door.knock();
        let serving = server.start(reach.listen(), Arc::new(door)).await.map_err(|e| e.to_string())?;
        Ok(Self { told: reach.told(serving.address()), knock, serving })
    }

    /// The address as browsers are told it.
    pub(super) fn told(&self) -> &str {
        &self.told
    }

    /// The proxy, as another one of ours goes through it.
    pub(super) fn upstream(&self) -> Result<Upstream, Error> {
        format!("http://{}", self.serving.address())
            .parse()
            .map_err(|e: crate::proxy::Error| Error::Proxy { reason: e.report() })
    }

    /// Lets a browser elsewhere show that it reaches this proxy, and is let in here.
    pub(super) async fn admit(&self, running: &Running, deadline: Duration) -> Result<(), Error> {
        let Some(knock) = &self.knock else { return Ok(()) };
        let shown = running.page(deadline).await?.evaluate(knock, &[]).await;
        shown.map(drop).map_err(|error| {
            debug!(%error, "a browser did not reach its proxy");
            Error::OutOfReach { told: Some(self.told.clone()) }
        })
    }
}

impl<R: Roster> Handler for Way<R> {
    async fn connect(&self, tunnel: &Tunnel) -> Option<Response<Body>> {
        match self {
            Self::Follow(handler) => handler.connect(tunnel).await,
            Self::Force(handler) => handler.connect(tunnel).await,
        }
    }

    async fn request(&self, exchange: &Exchange, request: Request<Body>) -> Next {
        match self {
            Self::Follow(handler) => handler.request(exchange, request).await,
            Self::Force(handler) => handler.request(exchange, request).await,
        }
    }

    async fn response(&self, exchange: &Exchange, response: Response<Body>) -> Response<Body> {
        match self {
            Self::Follow(handler) => handler.response(exchange, response).await,
            Self::Force(handler) => handler.response(exchange, response).await,
        }
    }

    fn end(&self, exchange: &Exchange, outcome: Result<(), String>) {
        match self {
            Self::Follow(handler) => handler.end(exchange, outcome),
            Self::Force(handler) => handler.end(exchange, outcome),
        }
    }
}

/// The proxy, where one is wanted, or where the session cannot do without.
pub(super) async fn carried<U: Users>(
    house: &House<U>,
    group: &Group,
    living: &Living<U::Login>,
    state: &State,
) -> Result<Option<Carry>, Error> {
    let asked = group.wish.proxy.or(house.settings.proxy);
    let is_needed = || {
        let is_needed = inject::rides_on_requests(state);
        if is_needed {
            info!(
                session = living.name(),
                "browsers cannot have all of the session: it goes through a proxy"
            );
        }
        is_needed
    };
    if !asked.unwrap_or_else(is_needed) {
        return Ok(None);
    }
    let Some(reach) = &house.settings.reach else { return Err(Error::OutOfReach { told: None }) };
    let client = house.users.client(certificates(group), proxy_of(group)?)?;
    Carry::start(&house.users, living, group.wish.storage, (client, reach)).await.map(Some)
}

/// The proxy in front of a browser that has neither `BiDi` nor CDP, which puts in what these would.
///
/// It listens on loopback: browsers of that kind on other machines get nothing put in.
pub(super) async fn staged<U: Users>(
    house: &House<U>,
    group: &Group,
    carry: Option<&Carry>,
) -> Result<Option<inject::Stage>, Error> {
    if group.wish.storage == Storage::Left || !group.is_bare() || house.settings.reach != Some(Reach::Here) {
        return Ok(None);
    }
    let client = match carry {
        // It checks certificates in its turn, and signs with its own.
        Some(carry) => house.users.client(Certificates::Any, Some(carry.upstream()?))?,
        None => house.users.client(certificates(group), proxy_of(group)?)?,
    };
    let stage = inject::Stage::start(client).await;
    stage.map(Some).map_err(|error| Error::Proxy { reason: error.to_string() })
}

fn certificates(group: &Group) -> Certificates {
    let wants_any = |c: &Map<String, Value>| c.get("acceptInsecureCerts") == Some(&Value::Bool(true));
    if group.candidates.iter().any(wants_any) { Certificates::Any } else { Certificates::Trusted }
}

/// The proxy that the client wanted for its browser: ours goes through it.
fn proxy_of(group: &Group) -> Result<Option<Upstream>, Error> {
    let Some(proxy) = group.candidates.iter().find_map(|c| c.get("proxy")) else { return Ok(None) };
    let invalid = |what: &str| Error::Invalid {
        reason: format!(
            "{what}\nhint: name an HTTP proxy, or say `\"proxy\": false` in `handstamp:options` to go without the gateway's"
        ),
    };
    let host = ["httpProxy", "sslProxy"].iter().find_map(|name| proxy[*name].as_str());
    match (proxy["proxyType"].as_str(), host) {
        (Some("manual") | None, Some(host)) => {
            let host = host.trim_start_matches("http://");
            format!("http://{host}")
                .parse()
                .map(Some)
                .map_err(|_| invalid("the proxy's address cannot be used"))
        }
        (Some("direct" | "system" | "autodetect"), _) => Ok(None),
        (None, None) if proxy.as_object().is_none_or(Map::is_empty) => Ok(None),
        _ => Err(invalid("the gateway's proxy cannot go through a proxy of that kind")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::gateway::wish::Wish;

    fn proxied(proxy: Value) -> Result<Option<String>, String> {
        let candidates = vec![Map::from_iter([("proxy".to_owned(), proxy)])];
        let group = Group { kind: None, wish: Wish::default(), candidates };
        proxy_of(&group).map(|found| found.map(|p| p.to_string())).map_err(|e| e.to_string())
    }

    #[test]
    fn the_gateway_s_proxy_goes_through_the_one_that_the_client_wanted() {
        let manual = |host: &str| json!({ "proxyType": "manual", "httpProxy": host, "sslProxy": host });
        assert_eq!(proxied(manual("127.0.0.1:8090")), Ok(Some("127.0.0.1:8090".into())));
        assert_eq!(proxied(json!({ "proxyType": "system" })), Ok(None));
        assert_eq!(proxied(json!({})), Ok(None));
        for other in [json!({ "proxyType": "pac" }), json!({ "proxyType": "manual", "socksProxy": "h:1" })] {
            assert!(proxied(other).unwrap_err().contains("hint: "));
        }
    }
}
