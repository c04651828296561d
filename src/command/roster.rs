//! The users and sessions that a proxy serves, opened when somebody first asks for them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{error, warn};
use url::Url;

use super::{account::Account, logins::Logins, wire::Wire};
use crate::{
    cli::Target,
    context::{Config, Context, User},
    keep::{GivenUp, Living, Roster},
    proxy::Client,
    session::{self, Reference, Shared, Sites, Store},
    site::Scope,
};

/// All living sessions of one process.
#[derive(Debug)]
pub(super) struct Wards {
    wire: Wire,
    target: Target,
    store: Store,
    client: Client,
    config: Option<Config>,
    /// The contexts that force a user onto their requests.
    scopes: Vec<(Scope, String)>,
    permits: Arc<Semaphore>,
    open: Mutex<HashMap<String, Arc<Living<Logins>>>>,
    active: Mutex<Active>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// The active session of each site, as the store had it a moment ago.
#[derive(Debug, Default)]
struct Active {
    read: Option<Instant>,
    of_site: Vec<(String, String)>,
}

impl Wards {
    pub(super) fn new(wire: &Wire, target: &Target) -> anyhow::Result<Self> {
        let config = wire.config()?;
        Ok(Self {
            wire: wire.clone(),
            target: target.clone(),
            store: wire.store()?,
            client: wire.client()?,
            scopes: config.iter().flat_map(forced_users).collect(),
            config,
            permits: Arc::new(Semaphore::new(LOGINS_MOST)),
            open: Mutex::default(),
            active: Mutex::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        })
    }

    /// The session of a user of the configuration.
    pub(super) fn user(&self, context: &Context, user: &User) -> Result<Arc<Living<Logins>>, GivenUp> {
        let name = format!("{}/{}", context.name, user.name);
        let reference = context.session(user).map_err(|e| unreadable(&name, &e))?;
        let account = Account::User(Box::new(context.clone()), Box::new(user.clone()));
        self.open(name, reference, account)
    }

    /// The session of a reference that was named on the command line, or of the user who was asked for.
    pub(super) fn asked(&self, named: Option<&Reference>) -> anyhow::Result<Arc<Living<Logins>>> {
        let reference = self.wire.reference(named)?;
        // What cannot be read is told in its own words.
        let state = self.store.load(&reference);
        if named.is_none()
            && matches!(state, Ok(_) | Err(session::Error::NotFound { .. }))
            && let Some((context, user)) = self.wire.user()?
        {
            return Ok(self.user(&context, &user)?);
        }
        let state = state?;
        Ok(self.open(reference.to_string(), reference, Account::Recipe(state.recipe))?)
    }

    /// The session of a user of the configuration, by the names that a client gave; nothing where there is no configuration.
    pub(super) fn named(
        &self,
        context: Option<&str>,
        user: Option<&str>,
    ) -> anyhow::Result<Option<Arc<Living<Logins>>>> {
        let Some(config) = &self.config else { return Ok(None) };
        let (context, user) = config.find(context, user)?;
        Ok(Some(self.user(context, user)?))
    }

    fn session(&self, reference: &Reference) -> Result<Arc<Living<Logins>>, GivenUp> {
        let name = reference.to_string();
        let state = self.store.load(reference).map_err(|e| unreadable(&name, &e))?;
        self.open(name, reference.clone(), Account::Recipe(state.recipe))
    }

    /// Whether a user was asked for by name.
    pub(super) fn names_user(&self) -> bool {
        self.wire.common.user.is_some()
    }

    /// The sessions that are open.
    pub(super) fn shared(&self) -> Vec<Shared> {
        self.lock().values().map(|living| living.shared().clone()).collect()
    }

    /// Ends the work in the background, and keeps what is not kept yet.
    pub(super) async fn settle(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        for living in self.lock().values() {
            if let Err(problem) = living.settle() {
                error!(session = living.name(), %problem, "the session could not be kept");
            }
        }
    }

    fn open(
        &self,
        name: String,
        reference: Reference,
        account: Account,
    ) -> Result<Arc<Living<Logins>>, GivenUp> {
        let mut open = self.lock();
        if let Some(living) = open.get(&name) {
            return Ok(Arc::clone(living));
        }
        let scope = match &account {
            Account::User(context, _) => Some(context.scope()),
            Account::Recipe(_) => None,
        };
        let (watch, limits) = (account.watch(), account.limits());
        let logins = Logins::new(self.wire.clone(), self.target.clone(), account, self.permits.clone());
        let place = (self.store.clone(), reference);
        let living = Living::open(place, scope, self.client.clone(), logins, watch, limits)
            .map_err(|e| unreadable(&name, &e))?;
        let living = Arc::new(living);
        let (tended, stop) = (Arc::clone(&living), self.stop.clone());
        self.tasks.spawn(async move {
            let _ = stop.run_until_cancelled(Box::pin(tended.tend())).await;
        });
        open.insert(name, Arc::clone(&living));
        Ok(living)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Living<Logins>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Roster for Wards {
    type Login = Logins;

    fn find(&self, name: &str) -> Result<Option<Arc<Living<Logins>>>, GivenUp> {
        if let Some(living) = self.lock().get(name) {
            return Ok(Some(Arc::clone(living)));
        }
        if let Some(config) = &self.config
            && let Ok((context, user)) = config.find(None, Some(name))
        {
            return self.user(context, user).map(Some);
        }
        let Ok(reference @ Reference::Name(_)) = name.parse::<Reference>() else { return Ok(None) };
        match self.store.generation(&reference) {
            Ok(Some(_)) => self.session(&reference).map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(unreadable(name, &error)),
        }
    }

    fn active(&self, url: &Url) -> Option<String> {
        self.forced_user(url).or_else(|| self.active_session(url))
    }
}

impl Wards {
    /// The forced user of the context that a URL belongs to.
    fn forced_user(&self, url: &Url) -> Option<String> {
        let context = self.scopes.iter().find(|(scope, _)| scope.contains(url));
        context.map(|(_, name)| name.clone())
    }

    fn active_session(&self, url: &Url) -> Option<String> {
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        if active.read.is_none_or(|at| at.elapsed() > FRESH) {
            let all = self.store.sites().all_active();
            active.of_site =
                all.inspect_err(|e| warn!(%e, "the active sessions cannot be read")).unwrap_or_default();
            active.read = Some(Instant::now());
        }
        if active.of_site.is_empty() {
            return None;
        }
        let site = Sites::site_of(url)?;
        active.of_site.iter().find(|(of, _)| *of == site).map(|(_, session)| session.clone())
    }
}

fn forced_users(config: &Config) -> Vec<(Scope, String)> {
    let forced = config.contexts.iter().filter_map(|context| Some((context, context.forced()?)));
    forced.map(|(context, user)| (context.scope(), format!("{}/{}", context.name, user.name))).collect()
}

fn unreadable(name: &str, error: &session::Error) -> GivenUp {
    GivenUp::Store { name: name.to_owned(), reason: error.to_string() }
}

/// How many browsers log in side by side.
pub(super) const LOGINS_MOST: usize = 2;
/// How long the list of active sessions is believed.
const FRESH: Duration = Duration::from_secs(1);
