//! Opens a browser for a client, with the session in it before the client hears of it.

use std::{sync::Arc, time::Duration, time::Instant};

use http::{Response, header::CONTENT_LENGTH, request};
use serde_json::{Map, Value};
use tokio::{
    sync::{OwnedSemaphorePermit, oneshot},
    time::timeout,
};
use tracing::{debug, info, warn};

use super::{
    answer,
    carry::Carry,
    error::Error,
    event::{Event, Reason},
    fresh::{Declined, Fresh, Opener},
    house::House,
    order::{Group, Order},
    seat::{Held, Seat},
    sockets::{Sockets, rewrite, seen_from_here},
    users::{Certificates, Users},
    wish::Storage,
};
use crate::{
    browser::{AskedBidi, Control, Driver, Fit, Ground, Running},
    inject,
    keep::{Living, Login, Why},
    proxy::{Body, Upstream, full},
    session::{State, Verdict},
};

/// A new-session command.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) head: request::Parts,
    pub(super) order: Order,
    /// Where sockets of the gateway are for this client.
    pub(super) sockets: Option<String>,
}

/// Why there is no browser.
enum Failed {
    /// The gateway's own reason.
    Own(Error),
    /// What the driver said.
    Theirs(Declined),
}

impl<E: Into<Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Own(error.into())
    }
}

impl Opening {
    /// Answers the client. When it goes away meanwhile, the browser is ended.
    pub(super) async fn run<U: Users>(
        self,
        house: Arc<House<U>>,
        mut reply: oneshot::Sender<Response<Body>>,
    ) {
        let outcome = tokio::select! {
            outcome = self.opened(&house) => outcome,
            () = reply.closed() => {
                debug!("a client went away before it had a browser");
                return;
            }
            () = house.stop.cancelled() => Err(Failed::Own(Error::Stopping)),
        };
        let (response, id) = match outcome {
            Ok((response, id)) => (response, Some(id)),
            Err(failed) => (failed.told(&house), None),
        };
        if reply.send(response).is_err()
            && let Some(id) = id
        {
            house.end(&id, Reason::Vanished).await;
        }
    }

    async fn opened<U: Users>(&self, house: &Arc<House<U>>) -> Result<(Response<Body>, String), Failed> {
        let after = house.settings.queue_timeout;
        let turn = timeout(after, Arc::clone(&house.turns).acquire_owned()).await;
        let mut turn = turn.map_err(|_| Error::Queue { after })?.ok();
        let mut last = None;
        for group in &self.order.0 {
            match self.attempt(house, group, &mut turn).await {
                Err(failed) if failed.leaves_others() => last = Some(failed),
                outcome => return outcome,
            }
        }
        Err(last.unwrap_or(Failed::Own(Error::Stopping)))
    }

    async fn attempt<U: Users>(
        &self,
        house: &Arc<House<U>>,
        group: &Group,
        turn: &mut Option<OwnedSemaphorePermit>,
    ) -> Result<(Response<Body>, String), Failed> {
        let living = house.users.pick(&group.wish)?;
        let (state, driver) = tokio::try_join!(alive(&living), start(group.kind))?;
        let carry = carry(house, group, &living, &state).await?;
        let proxy = carry.as_ref().map(Carry::address);
        let ground = group.kind.map_or(Ground::Elsewhere, Ground::Here);
        let fit = Fit { ground, user_agent: state.user_agent.as_deref(), proxy };
        let (fresh, bidi) = self.real(house, group, fit, driver).await?;
        let control = inject_into(house, group, &fresh, &state).await?;
        let by = control.iter().map(Control::name).chain(carry.as_ref().map(|_| "proxy")).collect();
        let browser = fresh.capabilities()["browserName"].as_str().unwrap_or("browser").to_owned();
        let (id, session) = (fresh.id.clone(), living.name());
        let response = self.answer(house, &fresh, bidi);
        let (base, sockets) =
            (fresh.base.clone(), Sockets::of(&seen_from_here(fresh.capabilities(), &fresh.base)));
        let Some(turn) = turn.take() else { return Err(Error::Stopping.into()) };
        let driver = fresh.keep();
        let held = Held { control, carry, driver, turn };
        house.take_in(Seat::new(id.clone(), session.clone(), base, sockets, held))?;
        house.users.tell(&Event::Opened { id: id.clone(), session, browser, by });
        Ok((response, id))
    }

    /// Opens the real browser, once more without BiDi where that is what the driver does not know.
    async fn real<U: Users>(
        &self,
        house: &House<U>,
        group: &Group,
        fit: Fit<'_>,
        driver: Option<Driver>,
    ) -> Result<(Fresh, AskedBidi), Failed> {
        let base = match (&driver, house.upstream()) {
            (Some(driver), _) => driver.url().clone(),
            (None, Some(url)) => url.clone(),
            (None, None) => return Err(Error::Protocol.into()),
        };
        let opener = Opener { client: house.client.clone(), tasks: house.tasks.clone(), base };
        let (mut candidates, mut bidi) = fitted(group, fit);
        match self.send(&opener, &candidates).await? {
            Ok(fresh) => return Ok((fresh.with_driver(driver), bidi)),
            Err(declined)
                if bidi != AskedBidi::Added || declined.code().is_some_and(|c| c == NOT_CREATED) =>
            {
                return Err(Failed::Theirs(declined));
            }
            Err(declined) => debug!(status = declined.head.status.as_u16(), "once more without BiDi"),
        }
        candidates.iter_mut().for_each(|candidate| drop(candidate.remove("webSocketUrl")));
        bidi = AskedBidi::Left;
        let opened = self.send(&opener, &candidates).await?;
        opened.map(|fresh| (fresh.with_driver(driver), bidi)).map_err(Failed::Theirs)
    }

    /// Sends the command. It goes on when the client goes away: a grid opens the browser all the same, which must be ended then.
    async fn send(
        &self,
        opener: &Opener,
        candidates: &[Map<String, Value>],
    ) -> Result<Result<Fresh, Declined>, Error> {
        let opening = opener.clone().open(self.head.clone(), candidates.to_vec());
        let sent = opener.tasks.spawn(timeout(OPEN_LIMIT, opening));
        match sent.await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Error::Slow { after: OPEN_LIMIT }),
            Err(_) => Err(Error::Protocol),
        }
    }

    /// The driver's own answer, with nothing changed in it but what must be.
    fn answer<U: Users>(&self, house: &House<U>, fresh: &Fresh, bidi: AskedBidi) -> Response<Body> {
        let base = self.sockets.as_deref().filter(|_| house.relays_sockets(&fresh.base));
        let mut answer = fresh.answer.clone();
        let capabilities = answer.pointer_mut("/value/capabilities").and_then(Value::as_object_mut);
        let is_changed = capabilities.is_some_and(|c| rewrite(c, (&fresh.id, base, bidi)));
        let bytes = if is_changed { answer.to_string().into() } else { fresh.bytes.clone() };
        let mut response = Response::new(full(bytes.clone()));
        *response.status_mut() = fresh.head.status;
        *response.headers_mut() = fresh.headers();
        super::forward::strip(response.headers_mut());
        response.headers_mut().insert(CONTENT_LENGTH, bytes.len().into());
        response
    }
}

impl Failed {
    /// Whether another candidate may do.
    fn leaves_others(&self) -> bool {
        match self {
            Self::Own(error) => matches!(error, Error::Browser(_)),
            Self::Theirs(declined) => declined.code().is_some_and(|code| code == NOT_CREATED),
        }
    }

    /// The answer to the client, told to whoever runs the gateway too.
    fn told<U: Users>(self, house: &House<U>) -> Response<Body> {
        match self {
            Self::Own(error) => {
                house.users.tell(&Event::Refused { reason: error.to_string() });
                answer::refusal(&error)
            }
            Self::Theirs(Declined { mut head, bytes }) => {
                let reason = format!("the driver answered {}", head.status);
                house.users.tell(&Event::Refused { reason });
                super::forward::strip(&mut head.headers);
                head.headers.insert(CONTENT_LENGTH, bytes.len().into());
                Response::from_parts(head, full(bytes))
            }
        }
    }
}

/// The session as it is now, made anew where it is dead.
async fn alive<L: Login>(living: &Living<L>) -> Result<State, Error> {
    let since = Instant::now();
    let epoch = living.ready().await?;
    if let Verdict::Stale { evidence } = living.sign(since).await {
        living.renew(epoch, Why::Dead(evidence)).await?;
    }
    Ok(living.shared().snapshot())
}

async fn start(kind: Option<crate::browser::Kind>) -> Result<Option<Driver>, Error> {
    match kind {
        Some(kind) => Ok(Some(Driver::start(kind).await?)),
        None => Ok(None),
    }
}

/// The proxy, where one is wanted, or where the session cannot do without.
async fn carry<U: Users>(
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
    let wants_any = |c: &Map<String, Value>| c.get("acceptInsecureCerts") == Some(&Value::Bool(true));
    let certificates = match group.candidates.iter().any(wants_any) {
        true => Certificates::Any,
        false => Certificates::Trusted,
    };
    let client = house.users.client(certificates, proxy_of(group)?)?;
    Carry::start(&house.users, living, group.wish.storage, client).await.map(Some)
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

fn fitted(group: &Group, fit: Fit<'_>) -> (Vec<Map<String, Value>>, AskedBidi) {
    let mut candidates = group.candidates.clone();
    let mut became = Vec::new();
    for candidate in &mut candidates {
        let (told, bidi) = fit.put(candidate);
        told.iter().for_each(|what| info!("{what}"));
        became.push(bidi);
    }
    let order = [AskedBidi::Asked, AskedBidi::Added];
    let bidi = order.into_iter().find(|bidi| became.contains(bidi)).unwrap_or(AskedBidi::Left);
    (candidates, bidi)
}

/// Puts the session into the browser; the control that is given keeps it there.
async fn inject_into<U: Users>(
    house: &House<U>,
    group: &Group,
    fresh: &Fresh,
    state: &State,
) -> Result<Option<Control>, Error> {
    if group.wish.storage == Storage::Left {
        return Ok(None);
    }
    let running = Running {
        webdriver: fresh.base.clone(),
        id: fresh.id.clone(),
        capabilities: seen_from_here(fresh.capabilities(), &fresh.base),
    };
    let control = running.control(house.settings.protocol, house.settings.deadline).await?;
    if let Some(prompts) = house.users.prompts(state).await? {
        control.answer_challenges(prompts).await?;
    }
    for name in inject::into_browser(state, &control).await?.refused {
        warn!(%name, "the browser refused a part of the session");
    }
    Ok(Some(control))
}

/// The error code of browsers that cannot be opened as they were asked for.
const NOT_CREATED: &str = "session not created";
/// How long a driver or grid may take to open a browser: grids have queues of their own.
const OPEN_LIMIT: Duration = Duration::from_secs(330);

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
