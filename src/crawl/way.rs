//! The ways of a browser through the application: back to where an action was found, and to views that were mined.

use std::time::{Duration, Instant};

use url::Url;

use super::{
    action::Action,
    event::Event,
    recorder::Cause,
    route::is_same_document,
    run::Team,
    seat::{Attempt, Fault, Seat},
    view::View,
};

impl Seat {
    /// Shows a mined view by the router of its page, which is opened first where the browser is not in it; else by its address.
    pub(super) async fn open_softly<S, E: Fn(Event)>(
        &mut self,
        team: &Team<S, E>,
        action: &Action,
        url: &Url,
    ) -> Result<View, Fault> {
        let home = team.map.ways(action.state).map_or_else(|| team.crawl.start.clone(), |(home, _)| home);
        let is_there = self.router.0 == self.here.document && self.router.1 == home;
        if is_same_document(&home, &self.here.url) {
            self.router = (self.here.document.clone(), home);
        } else if !is_there && url.fragment().is_none() {
            let view = self.agent().open(&home).await?;
            self.router = (view.document, home);
        }
        match self.agent().open_softly(url).await? {
            Some(view) => Ok(view),
            None => Ok(self.agent().open(url).await?),
        }
    }

    /// Goes to the state in which an action was found: by its address, else the way it was first reached.
    pub(super) async fn reach<S, E: Fn(Event)>(
        &mut self,
        team: &Team<S, E>,
        action: &Action,
    ) -> Result<bool, Fault> {
        let Some((url, trail)) = team.map.ways(action.state) else { return Ok(false) };
        self.provenance = trail.provenance;
        let provenance = self.provenance;
        self.recorder.blame(Cause { state: Some(self.here.state), provenance, ..Cause::default() });
        let began = Instant::now();
        // What a menu holds is one click away where its opener is to be seen.
        let near = trail.steps.iter().rposition(|step| self.here.visible.contains_key(step));
        if let Some(way) = near.map(|at| &trail.steps[at..]).filter(|way| way.len() <= SHORT_WAY)
            && self.replay(team, way, &action.key).await?
        {
            return Ok(true);
        }
        let route_entry = trail.steps.len().saturating_sub(trail.tail);
        let last_steps = trail.steps.get(route_entry..).unwrap_or_default();
        let before = self.here.document.clone();
        if self.here.url != url {
            self.go(team, &url).await?;
            if self.replay(team, last_steps, &action.key).await? {
                return Ok(true);
            }
        }
        if self.here.document == before && began.elapsed() < LONG_WAY {
            self.restart(team, &url).await?;
            if self.replay(team, last_steps, &action.key).await? {
                return Ok(true);
            }
        }
        let is_long = trail.steps.len() > LONG_REPLAY || began.elapsed() > LONG_WAY;
        if is_long || last_steps.len() == trail.steps.len() {
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
            let Some(action) = team.map.known(step) else { continue };
            let (state, provenance) = (Some(self.here.state), self.provenance);
            let restraint = team.conduct.restraint(&action);
            self.recorder.blame(Cause { state, action: Some(action.id), restraint, provenance });
            let hints = team.values.hints(&action.inputs(), None);
            let depth = team.map.depth(self.here.state) + 1;
            if let Attempt::Fired(view) = self.fire(team, action.kind, step, 0, &hints).await?
                && self.arrive(team, &view, depth)
            {
                self.picture(team).await?;
            }
        }
        Ok(self.here.visible.contains_key(key))
    }

    pub(super) async fn go<S, E: Fn(Event)>(&mut self, team: &Team<S, E>, url: &Url) -> Result<(), Fault> {
        if self.is_away {
            self.come_home().await?;
        }
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
}

/// So many steps are tried from where the browser is before it goes elsewhere.
const SHORT_WAY: usize = 2;
/// After so long a way back is given up between its attempts.
const LONG_WAY: Duration = Duration::from_secs(6);
/// Longer ways are not walked again.
const LONG_REPLAY: usize = 12;
