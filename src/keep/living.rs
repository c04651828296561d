//! One session of one user, while it is used.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU64},
    time::{Duration, Instant},
};

use tokio::{sync::Mutex as AsyncMutex, sync::watch, time};
use tracing::info;

use super::{
    carriers::Carriers,
    confirm::Confirmed,
    door::Door,
    error::GivenUp,
    leased,
    limits::Limits,
    lives::Lives,
    login::{Login, Why},
    phase::{End, Health, Phase},
    watch::Watch,
};
use crate::{
    inject::{self, Mode, Scripted, Stamp},
    proxy::Client,
    session::{Lease, Reference, Shared, State, Store, now},
    site::Scope,
    verify::Probe,
};

/// A session that many requests use at once: it is renewed by one of them while the others wait.
///
/// The store is the authority: what another process has renewed is taken from there before anybody logs in.
#[derive(Debug)]
pub struct Living<L> {
    pub(super) reference: Reference,
    pub(super) store: Store,
    pub(super) client: Client,
    pub(super) login: L,
    pub(super) limits: Limits,
    pub(super) watch: Watch,
    pub(super) shared: Shared,
    pub(super) confirmed: AsyncMutex<Option<Confirmed>>,
    scope: Option<Scope>,
    phase: watch::Sender<Phase>,
    gate: AsyncMutex<()>,
    door: Door,
    /// The generation in the store that `shared` stands for.
    generation: Mutex<Option<u64>>,
    /// How long the last login took, or is likely to take.
    pub(super) took: Mutex<Duration>,
    carriers: Mutex<Carriers>,
    /// What living sessions get denied too.
    acquitted: Mutex<HashSet<String>>,
    /// How many requests it went onto.
    pub(super) uses: AtomicU64,
    /// How the last sessions ended.
    pub(super) lives: Mutex<Lives>,
    /// How often it was renewed ahead of its end.
    pub(super) ahead: AtomicU64,
}

impl<L: Login> Living<L> {
    /// Opens the session that the store has under this reference; where there is none, the first request logs in.
    ///
    /// The session goes to `scope`, or where none is given, to where it belongs by itself.
    ///
    /// # Errors
    /// When there is a session that cannot be read.
    pub fn open(
        (store, reference): (Store, Reference),
        scope: Option<Scope>,
        client: Client,
        login: L,
        watch: Watch,
        limits: Limits,
    ) -> Result<Self, crate::session::Error> {
        let generation = store.generation(&reference)?;
        let state = generation.map(|_| store.load(&reference)).transpose()?;
        let door = Door::new(store.accounts(), reference.clone(), limits.clone());
        let health = if state.is_some() { Health::Alive } else { Health::Absent };
        Ok(Self {
            reference,
            store,
            client,
            login,
            limits,
            watch,
            shared: Shared::new(state.unwrap_or_default()),
            confirmed: AsyncMutex::default(),
            scope,
            phase: watch::Sender::new(Phase { epoch: 0, health, since: None }),
            gate: AsyncMutex::default(),
            door,
            generation: Mutex::new(generation),
            took: Mutex::new(LOGIN_GUESS),
            carriers: Mutex::default(),
            acquitted: Mutex::default(),
            uses: AtomicU64::new(0),
            lives: Mutex::new(Lives::new(0)),
            ahead: AtomicU64::new(0),
        })
    }

    /// The newest state, for whoever reads along.
    #[must_use]
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// The name or path of the session.
    #[must_use]
    pub fn name(&self) -> String {
        self.reference.to_string()
    }

    /// What logs its user in.
    #[must_use]
    pub fn login(&self) -> &L {
        &self.login
    }

    /// Whether it can be made anew when it dies.
    #[must_use]
    pub fn can_renew(&self) -> bool {
        self.login.is_able()
    }

    /// Where the session may go.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope.clone().unwrap_or_else(|| self.shared.read(State::reach))
    }

    /// Whether it is known where the session may go: that was said, or it has been made once.
    #[must_use]
    pub fn knows_scope(&self) -> bool {
        self.scope.is_some() || self.shared.read(|state| state.created != 0)
    }

    /// What puts the session onto requests.
    #[must_use]
    pub fn stamp(&self, mode: Mode) -> Arc<Stamp> {
        Arc::clone(&self.carriers().stamps[&mode])
    }

    /// The script that carries the session, where one does.
    ///
    /// Fails where it cannot be loaded.
    pub(super) fn script(&self) -> Result<Option<Arc<Scripted>>, inject::Error> {
        self.carriers().script()
    }

    /// What asks the application as the session's user does.
    pub(super) fn probe(&self) -> Probe {
        let state = self.shared.snapshot();
        let carriers = self.carriers();
        Probe::new(self.client.clone(), &state)
            .carried_by(carriers.auth.clone(), carriers.script().ok().flatten())
    }

    /// What carries the current session beside its own parts, made when it is first needed.
    fn carriers(&self) -> MutexGuard<'_, Carriers> {
        let mut carriers = self.carriers.lock().unwrap_or_else(PoisonError::into_inner);
        let epoch = self.epoch();
        if !carriers.are_of(epoch) {
            *carriers = Carriers::new(epoch, &self.login, &self.shared, &self.scope());
        }
        carriers
    }

    /// Waits until the session is alive as far as is known, and returns its number. Logs in where there is none yet.
    pub async fn ready(&self) -> Result<u64, GivenUp> {
        let mut renewed = None;
        loop {
            let Phase { epoch, health, .. } = self.phase.borrow().clone();
            // One that is over as soon as it is made is better than a login for ever.
            let is_current = || renewed == Some(epoch) || !self.has_ended() || !self.login.is_able();
            let why = match health {
                Health::Alive if is_current() => return Ok(epoch),
                Health::Alive => Why::Dead("it has come to its end".to_owned()),
                Health::Absent => Why::Absent,
                Health::Dead(evidence) => Why::Dead(evidence),
                Health::GivenUp(reason, until) => {
                    if until.is_none_or(|until| Instant::now() < until) {
                        return Err(reason);
                    }
                    Why::Dead("the last login failed".to_owned())
                }
            };
            renewed = Some(self.renew(epoch, why).await?);
        }
    }

    /// Makes the session anew unless that was done since `seen`, the number that the caller had; one caller works and all
    /// others wait for it. Returns the number of the new session.
    pub async fn renew(&self, seen: u64, why: Why) -> Result<u64, GivenUp> {
        if let (Why::Dead(evidence), false) = (&why, self.login.is_able()) {
            return Err(GivenUp::Unable { name: self.name(), reason: evidence.clone() });
        }
        if let Why::Dead(evidence) = &why {
            // From now on nobody sends requests with it.
            let has_died = self.phase.send_if_modified(|phase| {
                let is_news = phase.epoch == seen && matches!(phase.health, Health::Alive);
                if is_news {
                    phase.health = Health::Dead(evidence.clone());
                }
                is_news
            });
            // Of one that was there before nobody knows how much it was used.
            if has_died && self.phase.borrow().since.is_some() {
                self.note_end();
            }
        }
        let _one_at_a_time = self.gate.lock().await;
        let phase = self.phase.borrow().clone();
        match phase.health {
            Health::Alive if phase.epoch != seen => return Ok(phase.epoch),
            Health::GivenUp(reason, until) if until.is_none_or(|until| Instant::now() < until) => {
                return Err(reason);
            }
            _ => {}
        }
        let made = self.make(&why, (phase.epoch, phase.since)).await;
        match made {
            Ok(epoch) => Ok(epoch),
            Err(reason) => {
                let until = match &reason {
                    GivenUp::Waiting { wait, .. } => Some(Instant::now() + *wait),
                    GivenUp::Store { .. } => Some(Instant::now() + self.limits.backoff),
                    // Somebody may lift the mark.
                    GivenUp::Marked { .. } => Some(Instant::now() + LOOK_EVERY),
                    _ => None,
                };
                // A session that is still alive goes on to be used until its end.
                if why != Why::Expiring {
                    let health = Health::GivenUp(reason.clone(), until);
                    // The session that died at once has been counted.
                    self.phase.send_modify(|phase| *phase = Phase { health, since: None, ..*phase });
                }
                Err(reason)
            }
        }
    }

    async fn make(&self, why: &Why, (seen, since): (u64, Option<Instant>)) -> Result<u64, GivenUp> {
        let Some(lease) = self.lease_or_session(seen).await? else {
            info!(session = %self.reference, "somebody else has renewed the session");
            return Ok(self.phase.borrow().epoch);
        };
        self.door.admitted(why, since)?;
        info!(session = %self.reference, ?why, "logging in");
        let began = Instant::now();
        let old = self.shared.snapshot();
        let outcome = leased::extended(&lease, Box::pin(self.login.log_in(why, &old))).await;
        *self.took.lock().unwrap_or_else(PoisonError::into_inner) = began.elapsed();
        match outcome {
            Ok(state) => {
                self.door.worked()?;
                self.store.save(&self.reference, &state).map_err(|e| self.door.store_failed(&e))?;
                info!(session = %self.reference, took = ?began.elapsed(), "logged in");
                Ok(self.adopt(state))
            }
            Err(refused) => Err(self.door.failed(&refused)),
        }
    }

    /// The right to log in; nothing when a session that somebody else has made is there now, in the place of `seen`.
    async fn lease_or_session(&self, seen: u64) -> Result<Option<Lease>, GivenUp> {
        let mut every = time::interval(LOOK_EVERY);
        loop {
            every.tick().await;
            let failed = |e| self.door.store_failed(&e);
            let lease = self.store.lease(&self.reference, leased::LEASE).map_err(failed)?;
            // It may have been taken from the store in the background meanwhile.
            if self.take_newer().map_err(failed)? || self.epoch() != seen {
                return Ok(None);
            }
            if lease.is_some() {
                return Ok(lease);
            }
        }
    }

    /// Takes the session from the store when somebody else has put a newer one there, and returns whether that was so.
    pub(super) fn take_newer(&self) -> Result<bool, crate::session::Error> {
        let generation = self.store.generation(&self.reference)?;
        if generation.is_none() || generation == *self.seen() {
            return Ok(false);
        }
        let state = self.store.load(&self.reference)?;
        let is_newer = self.shared.read(|own| state.created > own.created || own.created == 0);
        if is_newer {
            self.adopt(state);
        } else {
            *self.seen() = generation;
        }
        Ok(is_newer)
    }

    /// Makes a state the current one.
    fn adopt(&self, state: State) -> u64 {
        let generation = self.store.generation(&self.reference).ok().flatten();
        self.shared.update(|own| *own = state);
        self.note_beginning();
        *self.seen() = generation;
        self.phase.send_modify(|phase| {
            *phase = Phase { epoch: phase.epoch + 1, health: Health::Alive, since: Some(Instant::now()) };
        });
        self.phase.borrow().epoch
    }

    /// Keeps what the application has renewed, unless somebody else has put a newer session into the store.
    pub(super) fn save(&self) -> Result<(), crate::session::Error> {
        if matches!(self.phase.borrow().health, Health::Alive) && !self.take_newer()? {
            self.store.save(&self.reference, &self.shared.snapshot())?;
            *self.seen() = self.store.generation(&self.reference)?;
        }
        Ok(())
    }

    /// The number of the current session, which counts how often it was made.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.phase.borrow().epoch
    }

    /// Whether somebody could use the session now.
    pub(super) fn is_alive(&self) -> bool {
        matches!(self.phase.borrow().health, Health::Alive)
    }

    pub(super) fn phases(&self) -> impl Future<Output = ()> + Send + use<L> {
        let mut receiver = self.phase.subscribe();
        receiver.mark_unchanged();
        async move {
            // The sender lives as long as the session.
            let _ = receiver.changed().await;
        }
    }

    pub(super) fn is_acquitted(&self, key: &str) -> bool {
        self.acquitted.lock().unwrap_or_else(PoisonError::into_inner).contains(key)
    }

    /// This answer is no sign of a dead session any more.
    pub(super) fn acquit(&self, key: String) {
        let mut acquitted = self.acquitted.lock().unwrap_or_else(PoisonError::into_inner);
        if acquitted.len() < MOST_ACQUITTED {
            acquitted.insert(key);
        }
    }

    /// Whether a request that goes out now might arrive after the end.
    fn has_ended(&self) -> bool {
        let End(end) = *self.shared.derived(|state, _| End::of(state));
        end.is_some_and(|end| end <= now())
    }

    fn seen(&self) -> MutexGuard<'_, Option<u64>> {
        self.generation.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Until a login was made here: a browser takes some seconds to open and to show a page.
const LOGIN_GUESS: Duration = Duration::from_secs(5);
const MOST_ACQUITTED: usize = 10_000;
/// How often to look whether another process has finished its login.
const LOOK_EVERY: Duration = Duration::from_millis(200);
