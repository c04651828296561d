//! One browser at work: goes to where an action is, fires it, and tells what came of it.

use std::{fmt, sync::Arc, time::Duration};

use tracing::debug;
use url::Url;

use super::{
    action::{Action, Kind},
    agent::{Agent, Fired},
    event::Event,
    frontier::Task,
    here::Here,
    log::Pulse,
    recorder::{Cause, Recorder},
    route::{is_same_document, page_route},
    run::Team,
    state::{StateId, Trail},
    view::View,
};
use crate::browser::{Browser, Error};

/// A browser, and where it is.
#[derive(Debug)]
pub(super) struct Seat {
    browser: Browser,
    worker: usize,
    recorder: Arc<Recorder>,
    limit: Duration,
    window: String,
    trail: Trail,
    pub(super) here: Here,
}

/// What came of a task.
#[derive(Debug)]
pub(super) enum Step {
    /// It was fired.
    Fired {
        from: StateId,
        to: Box<Here>,
        is_novel: bool,
        /// Whether it is worth another try with other values.
        again: bool,
    },
    /// Its element could not be found again.
    Unreachable,
}

/// Why a browser cannot go on.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is gone, or no longer answers.
    Lost(Error),
    /// It is logged out.
    LoggedOut(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(error) => error.fmt(f),
            Self::LoggedOut(evidence) => write!(f, "logged out: {evidence}"),
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
        let trail = Trail { entry: nowhere.clone(), steps: Vec::new(), tail: 0 };
        Self { browser, worker, recorder, limit, window: String::new(), trail, here: Here::nowhere(nowhere) }
    }

    /// Installs the agent and opens the start page.
    pub(super) async fn begin<S, E: Fn(Event)>(&mut self, team: &Team<S, E>) -> Result<Pulse, Error> {
        Agent::install(&self.browser).await?;
        self.window = self.browser.page().window().await?;
        self.recorder.blame(Cause::default());
        let mark = team.log.mark();
        let start = team.crawl.start.clone();
        self.browser.page().goto(&start).await?;
        let view = self.agent().look().await?;
        self.enter(start);
        self.arrive(team, &view, 0);
        self.picture(team).await?;
        Ok(team.log.pulse(mark, self.worker))
    }

    pub(super) async fn close(self) {
        self.browser.close().await;
    }

    /// Goes to where the task's action is, fires it, and looks around.
    pub(super) async fn take<S, E: Fn(Event)>(
        &mut self,
        team: &Team<S, E>,
        task: &Task,
    ) -> Result<Step, Fault> {
        let Some(action) = team.map.action(task.id) else { return Ok(Step::Unreachable) };
        let mark = team.log.mark();
        let Some((view, from)) = self.perform(team, task, &action).await? else {
            return Ok(Step::Unreachable);
        };
        let depth = team.map.depth(from) + 1;
        let is_home = self.arrive(team, &view, depth);
        if is_home {
            self.picture(team).await?;
        }
        if !view.opened.is_empty() {
            self.close_windows().await?;
        }
        if !is_home {
            self.go(team, &team.crawl.start.clone()).await?;
        }
        let pulse = team.log.pulse(mark, self.worker);
        self.check(team, pulse).await?;
        let is_novel = pulse.new_endpoints > 0 || self.here.is_new_route;
        let is_refused = !action.fields.is_empty()
            && (pulse.rejected > 0 || (pulse.calls == 0 && from == self.here.state));
        let again = action.kind == Kind::Select || is_refused;
        Ok(Step::Fired { from, to: Box::new(self.here.clone()), is_novel, again })
    }

    async fn perform<S, E: Fn(Event)>(
        &mut self,
        team: &Team<S, E>,
        task: &Task,
        action: &Action,
    ) -> Result<Option<(View, StateId)>, Fault> {
        let from = self.here.state;
        let cause = |state| Cause { state: Some(state), action: Some(action.id) };
        if let (Some(url), false) = (&action.href, self.here.visible.contains_key(&action.key)) {
            self.recorder.blame(cause(action.state));
            let view = self.agent().open(url).await?;
            self.enter(url.clone());
            return Ok(Some((view, action.state)));
        }
        let is_visible = self.here.visible.contains_key(&action.key);
        if !is_visible && (team.map.is_lost(action.state) || !self.reach(team, action).await?) {
            team.map.missed(action.state);
            debug!(worker = self.worker, key = action.key, state = %action.state, "unreachable");
            return Ok(None);
        }
        let from = if self.here.state == from { from } else { self.here.state };
        self.recorder.blame(cause(from));
        match self.fire(team, action.kind, &action.key, task.variant).await? {
            Some(view) => Ok(Some((view, from))),
            None => Ok(None),
        }
    }

    /// Fires what is visible here under a key; looks again when it has been drawn anew meanwhile.
    async fn fire<S, E: Fn(Event)>(
        &mut self,
        team: &Team<S, E>,
        kind: Kind,
        key: &str,
        variant: usize,
    ) -> Result<Option<View>, Fault> {
        for _ in 0..TRIES {
            let Some(index) = self.here.visible.get(key).copied() else { return Ok(None) };
            match self.agent().fire(kind, index, self.here.generation, variant).await? {
                Fired::Rest(view) => {
                    self.trail.steps.push(key.to_owned());
                    self.trail.tail += 1;
                    return Ok(Some(*view));
                }
                Fired::Gone => {
                    let view = self.agent().look().await?;
                    let depth = team.map.depth(self.here.state);
                    self.arrive(team, &view, depth);
                }
                Fired::Disabled => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Goes to the state in which an action was found: by its address, else the way it was first reached.
    async fn reach<S, E: Fn(Event)>(&mut self, team: &Team<S, E>, action: &Action) -> Result<bool, Fault> {
        let Some((url, trail)) = team.map.ways(action.state) else { return Ok(false) };
        self.recorder.blame(Cause { state: Some(self.here.state), action: None });
        let route_entry = trail.steps.len().saturating_sub(trail.tail);
        let last_steps = trail.steps.get(route_entry..).unwrap_or_default();
        let before = self.here.document.clone();
        if self.here.url != url {
            self.go(team, &url).await?;
            if self.replay(team, last_steps, &action.key).await? {
                return Ok(true);
            }
        }
        if self.here.document == before {
            self.restart(team, &url).await?;
            if self.replay(team, last_steps, &action.key).await? {
                return Ok(true);
            }
        }
        if trail.steps.len() > LONG_REPLAY || last_steps.len() == trail.steps.len() {
            return Ok(false);
        }
        self.restart(team, &trail.entry).await?;
        self.replay(team, &trail.steps, &action.key).await
    }

    /// Repeats the steps of a trail until a key is visible.
    async fn replay<S, E: Fn(Event)>(
        &mut self,
        team: &Team<S, E>,
        steps: &[String],
        key: &str,
    ) -> Result<bool, Fault> {
        for step in steps {
            if self.here.visible.contains_key(key) {
                return Ok(true);
            }
            // A step that is gone may have been needless: the next one decides.
            let Some((id, kind)) = team.map.known(step) else { continue };
            self.recorder.blame(Cause { state: Some(self.here.state), action: Some(id) });
            let depth = team.map.depth(self.here.state) + 1;
            if let Some(view) = self.fire(team, kind, step, 0).await?
                && self.arrive(team, &view, depth)
            {
                self.picture(team).await?;
            }
        }
        Ok(self.here.visible.contains_key(key))
    }

    async fn go<S, E: Fn(Event)>(&mut self, team: &Team<S, E>, url: &Url) -> Result<(), Fault> {
        let view = self.agent().open(url).await?;
        self.enter(url.clone());
        let depth = team.map.depth(self.here.state) + 1;
        if self.arrive(team, &view, depth) {
            self.picture(team).await?;
        }
        Ok(())
    }

    /// Opens an address in a fresh document.
    async fn restart<S, E: Fn(Event)>(&mut self, team: &Team<S, E>, url: &Url) -> Result<(), Fault> {
        let (before, from) = (self.here.document.clone(), self.here.url.clone());
        self.go(team, url).await?;
        if self.here.document == before && is_same_document(&from, url) {
            let view = self.agent().reload().await?;
            let depth = team.map.depth(self.here.state);
            self.arrive(team, &view, depth);
        }
        Ok(())
    }

    /// Confirms at the start page what looks like the loss of the session.
    async fn check<S, E: Fn(Event)>(&mut self, team: &Team<S, E>, pulse: Pulse) -> Result<(), Fault> {
        let Some(evidence) = team.health.suspicion(&self.here, pulse) else { return Ok(()) };
        let (place, mark) = (self.here.clone(), team.log.mark());
        self.recorder.blame(Cause::default());
        self.restart(team, &team.crawl.start.clone()).await?;
        if let Some(proof) = team.health.confirm(&self.here, team.log.pulse(mark, self.worker)) {
            return Err(Fault::LoggedOut(format!("{evidence}; {proof}")));
        }
        team.health.acquit(&place, &evidence);
        Ok(())
    }

    /// Takes in where the browser is; tells whether that is in scope.
    fn arrive<S, E: Fn(Event)>(&mut self, team: &Team<S, E>, view: &View, depth: usize) -> bool {
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
        self.here = team.map.see(view, &url, &self.trail, depth);
        true
    }

    /// Takes a picture of a state that has none yet.
    async fn picture<S, E>(&self, team: &Team<S, E>) -> Result<(), Error> {
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

    fn enter(&mut self, entry: Url) {
        self.trail = Trail { entry, steps: Vec::new(), tail: 0 };
    }

    /// Closes windows that were opened; their addresses are noted already.
    async fn close_windows(&self) -> Result<(), Fault> {
        let page = self.browser.page();
        for window in page.windows().await? {
            if window != self.window && page.switch_to(&window).await.is_ok() {
                let _ = page.close_window().await;
            }
        }
        page.switch_to(&self.window).await?;
        Ok(())
    }

    fn agent(&self) -> Agent<'_> {
        Agent::new(self.browser.page(), self.recorder.flight(), self.limit)
    }
}

/// How often an element that is drawn anew is looked for.
const TRIES: usize = 2;
/// Longer ways are not walked again.
const LONG_REPLAY: usize = 12;
/// After so many steps a trail begins anew where it stands.
const LONG_TRAIL: usize = 25;
