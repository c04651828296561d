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
    carry::{Carry, carried, staged},
    error::Error,
    event::{Event, Reason},
    fresh::{Declined, Fresh, Opener},
    house::House,
    order::{Group, Order},
    seat::{Held, Seat},
    sockets::{Sockets, rewrite},
    users::Users,
    wish::Storage,
};
use crate::{
    browser::{AskedBidi, Control, Driver, Fit, Ground, Running},
    inject::{self, Stage},
    keep::{Living, Login, Why},
    proxy::{Body, full},
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
        let carry = carried(house, group, &living, &state).await?;
        let front = staged(house, group, carry.as_ref()).await?;
        let own = front.as_ref().map(|front| front.address().to_string());
        let proxy = own.as_deref().or_else(|| carry.as_ref().map(Carry::told));
        let ground = group.kind.map_or(Ground::Elsewhere, Ground::Here);
        let fit = Fit { ground, user_agent: state.user_agent.as_deref(), proxy };
        let (fresh, bidi) = self.real(house, group, fit, driver).await?;
        let running = running(house, &fresh);
        if let Some(carry) = &carry {
            carry.admit(&running, house.settings.deadline).await?;
        }
        let control = inject_into(house, group, (&running, front.as_ref()), &state).await?;
        let mut by: Vec<_> = control.iter().map(Control::name).collect();
        by.extend(carry.as_ref().map(|_| "proxy"));
        by.dedup();
        let browser = fresh.capabilities()["browserName"].as_str().unwrap_or("browser").to_owned();
        let (id, session) = (fresh.id.clone(), living.name());
        let response = self.answer(house, &fresh, bidi);
        let (base, sockets) = (fresh.base.clone(), Sockets::of(&running.capabilities));
        let Some(turn) = turn.take() else { return Err(Error::Stopping.into()) };
        let driver = fresh.keep();
        let held = Held { control, front, carry, driver, turn };
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
        for candidate in &mut candidates {
            candidate.remove("webSocketUrl");
        }
        bidi = AskedBidi::Left;
        let outcome = self.send(&opener, &candidates).await?;
        outcome.map(|fresh| (fresh.with_driver(driver), bidi)).map_err(Failed::Theirs)
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

fn fitted(group: &Group, fit: Fit<'_>) -> (Vec<Map<String, Value>>, AskedBidi) {
    let mut candidates = group.candidates.clone();
    let mut became = Vec::new();
    for candidate in &mut candidates {
        let (told, bidi) = fit.put(candidate);
        for what in told {
            info!("{what}");
        }
        became.push(bidi);
    }
    let order = [AskedBidi::Asked, AskedBidi::Added];
    let bidi = order.into_iter().find(|bidi| became.contains(bidi)).unwrap_or(AskedBidi::Left);
    (candidates, bidi)
}

fn running<U: Users>(house: &House<U>, fresh: &Fresh) -> Running {
    Running {
        webdriver: fresh.base.clone(),
        id: fresh.id.clone(),
        capabilities: house.seen(fresh.capabilities(), &fresh.base),
    }
}

/// Puts the session into the browser; the control that is given keeps it there.
async fn inject_into<U: Users>(
    house: &House<U>,
    group: &Group,
    (running, front): (&Running, Option<&Stage>),
    state: &State,
) -> Result<Option<Control>, Error> {
    if group.wish.storage == Storage::Left {
        return Ok(None);
    }
    let deadline = house.settings.deadline;
    let control = match front {
        Some(front) => running.behind(front.backstage().clone(), deadline).await?,
        None => running.control(house.settings.protocol, deadline).await?,
    };
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
