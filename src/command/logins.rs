//! Makes sessions anew while they are used: by the application's own renewal, or by a new login.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use tokio::{sync::Semaphore, time::Instant};
use tracing::{debug, warn};
use url::Url;

use super::{
    account::Account,
    ask,
    attempt::{Attempt, Found, Way, walk},
    direct::without_browser,
    failure,
    prove::prove,
    scripted::Carrier,
    wire::Wire,
};
use crate::{
    browser::{Exchange, Traffic},
    cli::{Progress, Target},
    harvest,
    inject::{self, HttpAuth, Scripted},
    keep::{Fault, Login, Refused, Why},
    login::{Credentials, Refusal},
    session::{Recipe, State, Verdict},
    site::Scope,
};

/// Logs one user in, with a browser where it takes one.
#[derive(Debug)]
pub(super) struct Logins {
    wire: Wire,
    target: Target,
    account: Account,
    /// How many browsers log in side by side.
    permits: Arc<Semaphore>,
    /// How often the application did not renew the session by itself.
    vain: AtomicU32,
}

/// Why there is no new session.
#[derive(Debug)]
pub(super) enum Failed {
    /// The application refused it.
    Refused(Refused),
    /// It was not tried, or came to no end.
    Broken(anyhow::Error),
}

impl From<Refused> for Failed {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Self {
        Self::Broken(error)
    }
}

impl Logins {
    pub(super) fn new(wire: Wire, target: Target, account: Account, permits: Arc<Semaphore>) -> Self {
        Self { wire, target, account, permits, vain: AtomicU32::new(0) }
    }

    /// Opens a browser with the session and lets the application renew it, as many do a little before its end.
    async fn renewed(&self, old: &State) -> Result<Option<State>> {
        let launch = self.wire.launch(&self.target, false);
        let opened = self.wire.logged_in(launch, old).await?;
        let work = async {
            let browser = &opened.browser;
            let traffic = browser.control().record().await?;
            let page = old.recipe.as_ref().map(|recipe| recipe.login_url.clone());
            let Some(page) = page.or_else(|| old.check.as_ref().map(|check| check.url.clone())) else {
                return Ok(None);
            };
            let mark = traffic.mark();
            browser.page().goto(&page).await?;
            if !has_renewed(&traffic, mark, old).await {
                return Ok(None);
            }
            let found = harvest::read(browser, &traffic, mark, &[]).await?.state;
            Ok::<_, anyhow::Error>(Some(State {
                recipe: old.recipe.clone(),
                check: old.check.clone(),
                method: old.method.clone(),
                values: old.values.clone(),
                scope: old.scope.clone(),
                insight: old.insight.clone(),
                ..found
            }))
        };
        let outcome = work.await;
        opened.close().await;
        let Some(state) = outcome? else { return Ok(None) };
        let is_younger = state.expires().is_none_or(|end| old.expires().is_none_or(|before| end > before));
        self.proven(state).await.map(|state| state.filter(|_| is_younger))
    }

    /// The session with its verdict; nothing when its own check says that it is dead.
    async fn proven(&self, mut state: State) -> Result<Option<State>> {
        let verdict = ask::verdict(&self.wire, &self.account, &state).await?;
        let is_alive = !matches!(verdict, Verdict::Stale { .. });
        state.verdict = Some(verdict);
        Ok(is_alive.then_some(state))
    }

    /// Logs in for the first time, once one of the permits is free.
    pub(super) async fn first(&self) -> Result<State, Failed> {
        let _permit = self.permits.acquire().await;
        self.anew(&State::default()).await
    }

    /// Learns a check from what a login without a browser saw, and from the context's own addresses.
    async fn learned(&self, state: &mut State, traffic: &[Exchange], page: &Url) -> Result<()> {
        let seen = |url: &Url| Exchange {
            method: "GET".into(),
            url: url.to_string(),
            kind: "Document".into(),
            status: Some(200),
            ..Exchange::default()
        };
        let mut candidates = traffic.to_vec();
        candidates.extend(self.account.urls().iter().map(seen));
        let learned = ask::learn(&self.wire, &self.account, state, &candidates, page).await?;
        (state.check, state.verdict) = (learned.check, Some(learned.verdict));
        Ok(())
    }

    async fn anew(&self, old: &State) -> Result<State, Failed> {
        let credentials = self.account.credentials().await?;
        let recipe = self.account.recipe()?;
        let found = self.found(&recipe, &credentials).await?;
        let password = Some(credentials.password.expose());
        let method = self.account.method(old, &found.harvest.state, &found.traffic, password);
        let values = harvest::capture(&method, &found.traffic, password, |name| std::env::var(name).ok());
        let mut state = State {
            recipe: Some(recipe),
            check: self.account.check().or_else(|| old.check.clone()),
            method,
            values,
            ..found.harvest.state
        };
        state.insight = harvest::insight(&state, &found.traffic, &found.page);
        if let Some(script) = self.scripted(&state) {
            script?.learn(&mut state, &found.traffic, password).await?;
        }
        self.judged(state, &found.traffic, &found.page, &Progress::silent()).await
    }

    /// What the login leaves behind, in a browser or without one.
    async fn found(&self, recipe: &Recipe, credentials: &Credentials) -> Result<Found, Failed> {
        let outcome = if let Some(way) = self.account.direct() {
            without_browser(&self.wire, way, recipe, credentials).await?
        } else {
            if let Some(what) = self.account.passed_over() {
                warn!("{what} of the configuration is not used yet: the login form is looked for instead");
            }
            let launch = self.wire.launch(&self.target, false);
            let attempt = Attempt {
                url: recipe.login_url.clone(),
                credentials: credentials.clone(),
                flow: self.account.flow()?,
                launch,
                diary: None,
                person: None,
                way: Way::Found,
            };
            walk(&self.wire, &attempt, &Progress::silent()).await?
        };
        Ok(outcome.map_err(|(refusal, evidence)| refused(refusal, &evidence))?)
    }

    /// The script that carries the session, where one does.
    fn scripted(&self, state: &State) -> Option<Result<Carrier>> {
        Carrier::load(state, self.account.scope(state)).transpose()
    }

    /// Proves a new session by the check that is known, or learns one.
    async fn judged(
        &self,
        mut state: State,
        traffic: &[Exchange],
        page: &Url,
        progress: &Progress,
    ) -> Result<State, Failed> {
        if self.account.direct().is_some() && state.check.is_none() {
            self.learned(&mut state, traffic, page).await?;
        } else if state.check.is_some() {
            state.verdict = Some(ask::verdict(&self.wire, &self.account, &state).await?);
        } else {
            let launch = self.wire.launch(&self.target, false);
            prove(&self.wire, &self.account, &launch, &mut state, traffic, page, progress).await?;
        }
        match &state.verdict {
            Some(Verdict::Stale { evidence }) => Err(Failed::Refused(Refused {
                reason: format!("the form went through, and the session is dead: {evidence}"),
                fault: Fault::Refused,
            })),
            _ => Ok(state),
        }
    }
}

impl Login for Logins {
    fn is_able(&self) -> bool {
        self.account.has_credentials()
    }

    async fn log_in(&self, why: &Why, old: &State) -> Result<State, Refused> {
        let _permit = self.permits.acquire().await;
        // What took no browser to make is no application that renews itself in one.
        let renews_itself = *why == Why::Expiring && self.account.direct().is_none();
        if renews_itself && self.vain.load(Ordering::Relaxed) < VAIN_MOST {
            match self.renewed(old).await {
                Ok(Some(state)) => return Ok(state),
                Ok(None) => debug!("the application did not renew the session by itself"),
                Err(error) => debug!(%error, "the session could not be opened in a browser"),
            }
            self.vain.fetch_add(1, Ordering::Relaxed);
        }
        self.anew(old).await.map_err(|failed| match failed {
            Failed::Refused(refused) => refused,
            Failed::Broken(error) => Refused { reason: failure::words(&error).0, fault: Fault::Unavailable },
        })
    }

    fn renews_cheaply(&self, old: &State) -> bool {
        let refresh = old.insight.lifetime.as_ref().and_then(|lifetime| lifetime.refresh.as_ref());
        self.account.direct().is_some() || (refresh.is_some() && self.vain.load(Ordering::Relaxed) == 0)
    }

    fn http_auth(&self, state: &State) -> Option<Arc<HttpAuth>> {
        let made = self.account.http_auth(state);
        made.inspect_err(|error| warn!("no credentials for HTTP authentication: {error:#}"))
            .ok()?
            .map(Arc::new)
    }

    fn script(&self, state: &State, scope: &Scope) -> Result<Option<Arc<Scripted>>, inject::Error> {
        let carrier = Carrier::load(state, scope.clone())
            .map_err(|error| inject::Error::Unloaded { reason: failure::words(&error).0 })?;
        Ok(carrier.map(|carrier| carrier.scripted))
    }
}

/// Whether the application takes a token into use that it did not have before.
async fn has_renewed(traffic: &Traffic, mark: usize, old: &State) -> bool {
    let deadline = Instant::now() + RENEW_LIMIT;
    loop {
        let seen = traffic.since(mark);
        if seen.iter().any(|exchange| is_renewal(exchange, old)) {
            // What follows belongs to it, such as storing the token.
            let _ = traffic.wait_quiet(QUIET, QUIET_LIMIT).await;
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        traffic.wait_change(LOOK_EVERY).await;
    }
}

/// A request that carries another value of a header token, or one that is no reading and is answered with tokens.
fn is_renewal(exchange: &Exchange, old: &State) -> bool {
    let Ok(url) = exchange.url.parse() else { return false };
    let differs = old.headers_for(&url).any(|token| {
        exchange
            .request_header(&token.name)
            .is_some_and(|value| !value.is_empty() && value != token.value.expose())
    });
    let sets_cookie = exchange.method != "GET"
        && exchange.status.is_some_and(|status| status < 300)
        && exchange.response_header("set-cookie").is_some();
    differs || (old.headers.is_empty() && sets_cookie)
}

fn refused(refusal: Refusal, evidence: &str) -> Refused {
    let fault = match refusal {
        Refusal::Locked | Refusal::Captcha | Refusal::Passkey | Refusal::CodeNeeded => Fault::Final,
        Refusal::Refused | Refusal::CodeRefused => Fault::Refused,
        _ => Fault::Unavailable,
    };
    Refused { reason: format!("{}: {evidence}", refusal.message()), fault }
}

/// After so many times nobody asks the application to renew the session by itself.
const VAIN_MOST: u32 = 2;
const RENEW_LIMIT: Duration = Duration::from_secs(6);
const QUIET: Duration = Duration::from_millis(200);
const QUIET_LIMIT: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(250);
