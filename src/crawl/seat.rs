//! One browser at work: goes to where an action is, fires it, and tells what came of it.

use std::{fmt, sync::Arc, time::Duration};

use serde_json::Value;
use tokio::time;
use tracing::debug;
use url::Url;

use super::{
    action::{Action, Kind, Submission},
    agent::{Agent, Fired, Patience},
    event::Event,
    frontier::Task,
    here::Here,
    log::Pulse,
    record::Provenance,
    recorder::{Cause, Recorder},
    route::page_route,
    run::Team,
    source::Source,
    state::{StateId, Trail},
    values::is_telling,
    view::View,
    vigil::Place,
    watch::guard_source,
    words::leads_on,
};
use crate::browser::{Browser, Error};

/// A browser, and where it is.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) browser: Browser,
    pub(super) worker: usize,
    pub(super) recorder: Arc<Recorder>,
    limit: Duration,
    patience: Patience,
    pub(super) window: String,
    /// Whether it is in a window that an action opened.
    pub(super) is_away: bool,
    trail: Trail,
    /// How it came to where it is.
    pub(super) provenance: Provenance,
    /// The document whose router shows mined views, and the page that it was opened as.
    pub(super) router: (String, Url),
    pub(super) here: Here,
    /// Which making of the session the browser has.
    pub(super) epoch: u64,
}

/// What came of a task.
#[derive(Debug)]
pub(super) enum Step {
    /// It was fired.
    Fired {
        from: StateId,
        to: Box<Here>,
        is_novel: bool,
        /// How many tries with other values it is worth.
        tries: usize,
        /// What the application answered when it refused it.
        refusal: Option<String>,
        /// Whether it is still there, and leads on.
        leads_on: bool,
    },
    /// Its element could not be found again.
    Unreachable,
    /// It is disabled. So many tries with other values are worth it.
    Disabled { tries: usize },
}

/// What came of an attempt to fire something.
pub(super) enum Attempt<T> {
    Fired(T),
    /// It is not there.
    Missing,
    /// It is there, and disabled.
    Disabled,
}

/// Why a browser cannot go on.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is gone, or no longer answers.
    Lost(Error),
    /// It has lost its copy of the session, which lives on.
    Stripped(String),
    /// Its copy of the session is an older one, which is dead: the session lives on elsewhere.
    Outdated(String),
    /// It is logged out.
    LoggedOut(String),
    /// The session had ended before the action began that was to be done.
    Ended(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(error) => error.fmt(f),
            Self::Stripped(evidence)
            | Self::Outdated(evidence)
            | Self::LoggedOut(evidence)
            | Self::Ended(evidence) => write!(f, "logged out: {evidence}"),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Lost(error)
    }
}

impl Seat {
    pub(super) fn new(browser: Browser, worker: usize, recorder: Arc<Recorder>, limit: Duration) -> Self {
        let nowhere = Url::parse("about:blank").expect("it is a valid address");
        let provenance = Provenance::Interaction;
        let trail = Trail { entry: nowhere.clone(), steps: Vec::new(), tail: 0, provenance };
        let router = (String::new(), nowhere.clone());
        let (patience, window, here) = (Patience::default(), String::new(), Here::nowhere(nowhere));
        Self {
            browser,
            worker,
            recorder,
            limit,
            patience,
            window,
            is_away: false,
            trail,
            provenance,
            router,
            here,
            epoch: 0,
        }
    }

    /// Installs the agent and opens the start page.
    pub(super) async fn begin<S: Source, E: Fn(Event)>(
        &mut self,
        team: &Team<S, E>,
    ) -> Result<(View, Pulse), Error> {
        self.epoch = team.making();
        let state = team.crawl.source.state();
        let guard = guard_source(state.as_ref(), &team.crawl.settings.exclude_selectors);
        self.browser.control().add_preload(&guard).await?;
        Agent::install(&self.browser).await?;
        self.window = self.browser.page().window().await?;
        self.recorder.blame(Cause::default());
        let mark = team.log.mark();
        let start = team.crawl.start.clone();
        self.browser.page().goto(&start).await?;
        let view = self.agent().look().await?;
        self.enter(start);
        Ok((view, team.log.pulse(mark, self.worker)))
    }

    pub(super) async fn close(self) {
        self.browser.close().await;
    }

    /// Goes to where the task's action is, fires it, and looks around.
    pub(super) async fn take<S: Source, E: Fn(Event)>(
        &mut self,
        team: &Team<S, E>,
        task: &Task,
    ) -> Result<Step, Fault> {
        let Some(action) = team.map.action(task.id) else { return Ok(Step::Unreachable) };
        let mark = team.log.mark();
        let (view, from) = match self.perform(team, task, &action).await? {
            Attempt::Fired(seen) => seen,
            Attempt::Missing => return Ok(Step::Unreachable),
            Attempt::Disabled => {
                let tries = if action.fields.is_empty() { 0 } else { MOST_REPAIRS };
                return Ok(Step::Disabled { tries });
            }
        };
        if task.strikes > 0 {
            // What it does to the session may come by a socket or a beacon, which no page waits for.
            time::sleep(SUSPENSE).await;
        }
        team.rescue.ledger.ran(task);
        // What a stranger is shown is no state of the application.
        let place = self.check(team, &view, team.log.pulse(mark, self.worker), task).await?;
        let depth = team.map.depth(from) + 1;
        let is_home = self.arrive(team, &view, depth);
        if is_home {
            self.picture(team).await?;
        }
        if self.here.is_first {
            self.survey(team).await?;
        }
        if !is_home {
            self.provenance = Provenance::Interaction;
            self.go(team, &team.crawl.start.clone()).await?;
        }
        if action.kind.is_in_place() && team.map.closes(&action, &self.here) {
            self.here.menu = Some(action.state);
        }
        let to = self.here.clone();
        if place == Place::Start {
            self.start_over(team).await?;
        }
        let pulse = team.log.pulse(mark, self.worker);
        let is_novel = pulse.new_endpoints > 0 || to.is_new_route;
        let is_refused =
            !action.fields.is_empty() && (pulse.rejected > 0 || (pulse.calls == 0 && from == to.state));
        if !action.fields.is_empty() {
            let submission = if is_refused { Submission::Refused } else { Submission::Accepted };
            team.map.submitted(action.id, submission);
        }
        for body in team.log.answers(mark, self.worker, is_telling) {
            team.values.learn(&body);
        }
        if pulse.calls > 0 || from != to.state {
            team.map.had_effect(action.id);
        }
        let choice = team.map.choice(action.id);
        let tries = if is_refused { MOST_REPAIRS } else { choice.map_or(0, |choice| choice.tries()) };
        let refusal = is_refused.then(|| team.log.refusal(mark, self.worker)).flatten();
        let leads_on = view.changed && to.visible.contains_key(&action.key) && leads_on(&action.name);
        Ok(Step::Fired { from, to: Box::new(to), is_novel, tries, refusal, leads_on })
    }

    async fn perform<S, E: Fn(Event)>(
        &mut self,
        team: &Team<S, E>,
        task: &Task,
        action: &Action,
    ) -> Result<Attempt<(View, StateId)>, Fault> {
        let restraint = team.conduct.restraint(action);
        let cause =
            |state, provenance| Cause { state: Some(state), action: Some(action.id), provenance, restraint };
        if let (Some(url), false) = (&action.href, self.here.visible.contains_key(&action.key)) {
            self.provenance = match action.kind {
                Kind::Route | Kind::SoftRoute => Provenance::Mined,
                _ => team.map.provenance(action.state),
            };
            self.recorder.blame(cause(action.state, self.provenance));
            if self.is_away {
                self.come_home().await?;
            }
            let view = match action.kind {
                Kind::SoftRoute => self.open_softly(team, action, url).await?,
                _ => self.agent().open(url).await?,
            };
            self.enter(url.clone());
            return Ok(Attempt::Fired((view, action.state)));
        }
        if self.is_away && !self.here.visible.contains_key(&action.key) {
            let view = self.return_home().await?;
            let depth = team.map.depth(self.here.state);
            self.arrive(team, &view, depth);
        }
        let is_visible = self.here.visible.contains_key(&action.key);
        if !is_visible && (team.map.is_lost(action.state) || !self.reach(team, action).await?) {
            team.map.missed(action.state, &self.here);
            debug!(worker = self.worker, key = action.key, state = %action.state, "unreachable");
            return Ok(Attempt::Missing);
        }
        let from = self.here.state;
        self.recorder.blame(cause(from, self.provenance));
        let mut hints = team.values.hints(&action.inputs(), task.refusal.as_deref());
        if let Some(choice) = team.map.choice(action.id) {
            hints["back"] = choice.way_back(task.variant).into();
        }
        Ok(match self.fire(team, action.kind, &action.key, task.variant, &hints).await? {
            Attempt::Fired(view) => Attempt::Fired((view, from)),
            Attempt::Missing => Attempt::Missing,
            Attempt::Disabled => Attempt::Disabled,
        })
    }

    /// Fires what is visible here under a key; looks again when it has been drawn anew meanwhile.
    pub(super) async fn fire<S, E: Fn(Event)>(
        &mut self,
        team: &Team<S, E>,
        kind: Kind,
        key: &str,
        variant: usize,
        hints: &Value,
    ) -> Result<Attempt<View>, Fault> {
        for _ in 0..TRIES {
            let Some(index) = self.here.visible.get(key).copied() else { return Ok(Attempt::Missing) };
            let fired = self.agent().fire(kind, index, self.here.generation, variant, hints).await;
            let fired = match fired {
                Err(error) if self.is_away && error.is_window_gone() => {
                    Fired::Rest(Box::new(self.return_home().await?))
                }
                fired => fired?,
            };
            match fired {
                Fired::Rest(view) => {
                    self.trail.steps.push(key.to_owned());
                    self.trail.tail += 1;
                    return self.follow(team, *view).await.map(Attempt::Fired);
                }
                Fired::Gone => {
                    let view = self.agent().look().await?;
                    let depth = team.map.depth(self.here.state);
                    self.arrive(team, &view, depth);
                }
                Fired::Disabled => {
                    debug!(worker = self.worker, key, variant, "disabled");
                    return Ok(Attempt::Disabled);
                }
            }
        }
        Ok(Attempt::Missing)
    }

    /// Goes on in the window that an action has opened, if it has.
    async fn follow<S, E: Fn(Event)>(&mut self, team: &Team<S, E>, view: View) -> Result<View, Fault> {
        if view.opened.is_empty() && !view.hidden {
            return Ok(view);
        }
        let depth = team.map.depth(self.here.state) + 1;
        self.arrive(team, &view, depth);
        Ok(self.enter_window(team).await?.unwrap_or(view))
    }

    /// Takes in where the browser is; tells whether that is in scope.
    pub(super) fn arrive<S, E: Fn(Event)>(&mut self, team: &Team<S, E>, view: &View, depth: usize) -> bool {
        let Some(url) = view.url().filter(|url| team.crawl.scope.contains(url)) else {
            self.here.visible.clear();
            self.here.actions.clear();
            return false;
        };
        if self.trail.steps.len() > LONG_TRAIL {
            self.enter(url.clone());
        }
        if page_route(&url) != page_route(&self.here.url) {
            self.trail.tail = 0;
        }
        self.trail.provenance = self.provenance;
        let menu = self.here.menu;
        self.here = Here { menu, ..team.map.see(view, &url, &self.trail, depth) };
        self.shorten(team);
        team.pit.looked(self.worker);
        // What interaction reached as well counts as reached by it, from there on.
        self.provenance = team.map.provenance(self.here.state);
        true
    }

    /// Forgets what led to a state that is known, and is reached in fewer steps.
    fn shorten<S, E>(&mut self, team: &Team<S, E>) {
        let known = team.map.ways(self.here.state).map(|(_, trail)| trail);
        if let Some(trail) = known.filter(|trail| trail.steps.len() < self.trail.steps.len()) {
            self.trail = trail;
        }
    }

    /// Takes a picture of a state that has none yet.
    pub(super) async fn picture<S, E>(&self, team: &Team<S, E>) -> Result<(), Error> {
        let state = self.here.state;
        if !team.album.wants(state) {
            return Ok(());
        }
        match self.browser.picture().await {
            Ok(picture) => team.album.keep(state, picture),
            Err(error) if error.is_lost() => return Err(error),
            Err(error) => debug!(%state, %error, "no picture"),
        }
        Ok(())
    }

    pub(super) fn enter(&mut self, entry: Url) {
        self.trail = Trail { entry, steps: Vec::new(), tail: 0, provenance: self.provenance };
    }

    /// Lets the page's router tell its views, for mining.
    async fn survey<S, E: Fn(Event)>(&self, team: &Team<S, E>) -> Result<(), Error> {
        let Some(pit) = team.pit() else { return Ok(()) };
        match self.agent().routes().await {
            Err(error) if error.is_lost() => Err(error),
            Ok(told) => {
                pit.router(&self.here.url, &told);
                Ok(())
            }
            // The page went elsewhere meanwhile: the next one tells.
            Err(_) => Ok(()),
        }
    }

    pub(super) fn agent(&self) -> Agent<'_> {
        Agent::new(self.browser.page(), self.recorder.flight(), &self.patience, self.limit)
    }
}

/// How long an action that is suspected of ending the session is watched.
const SUSPENSE: Duration = Duration::from_millis(500);
/// How often an element that is drawn anew is looked for.
const TRIES: usize = 2;
/// How often a form that is refused is mended and sent again.
const MOST_REPAIRS: usize = 3;
/// After so many steps a trail begins anew where it stands.
const LONG_TRAIL: usize = 25;
