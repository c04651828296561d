//! Looks for the element of an act until it is there, the page has come to rest without it, or the time is up.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    Act, Target, Until, Window,
    element::{By, Found, Sight},
    play::Player,
};
use crate::{
    browser::Error,
    login::{Step, Witness},
};

impl<W: Witness> Player<'_, W> {
    /// The element of an act; nothing when it is not there in time.
    pub(super) async fn find(&mut self, act: &Act, target: &Target) -> Result<Option<Found>, Error> {
        let deadline = self.deadline(act);
        let mut calm = Calm::default();
        loop {
            if self.windows.go(self.page, &act.place).await? {
                let sight = Sight::of(self.page, target).await?;
                let for_how_long = calm.look(sight.is_ready && self.traffic.in_flight() == 0);
                if let Some(found) = sight.pick(for_how_long).filter(|found| !found.is_disabled) {
                    self.tell_healing(act, target, &found).await;
                    return Ok(Some(found));
                }
            } else {
                calm = Calm::default();
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            self.traffic.wait_change(POLL).await;
        }
    }

    /// Waits for a state of an element; tells whether it came.
    pub(super) async fn wait_for(&mut self, act: &Act, target: &Target, until: Until) -> Result<bool, Error> {
        let deadline = self.deadline(act);
        let mut calm = Calm::default();
        loop {
            let is_there = self.windows.go(self.page, &act.place).await?;
            let sight = if is_there { Sight::of(self.page, target).await? } else { Sight::default() };
            let is_gone_with_its_window = !is_there && act.place.window != Window::default();
            let for_how_long = calm.look(sight.is_ready && self.traffic.in_flight() == 0);
            let is_met = match until {
                Until::Visible => sight.shown > 0 || sight.pick(for_how_long).is_some(),
                Until::Present => sight.first > 0 || sight.pick(for_how_long).is_some(),
                Until::Gone => is_gone_with_its_window || (sight.is_ready && sight.visible == 0),
                Until::AtLeast(count) => sight.first >= count,
                Until::AtMost(count) => sight.is_ready && sight.first <= count,
                Until::Exactly(count) => sight.is_ready && sight.first == count,
            };
            if is_met {
                return Ok(true);
            }
            if Instant::now() >= deadline {
                return Ok(false);
            }
            self.traffic.wait_change(POLL).await;
        }
    }

    pub(super) fn deadline(&self, act: &Act) -> Instant {
        Instant::now() + act.limit.unwrap_or(self.settings.limit)
    }

    /// Tells by what an element was found that its first selector does not find any more.
    async fn tell_healing(&self, act: &Act, target: &Target, found: &Found) {
        let by = match &found.by {
            By::Selector(0) => return,
            By::Selector(at) => target.selectors.get(*at).map(|s| format!("`{s}`")).unwrap_or_default(),
            By::Features { feature, .. } => {
                let words = target.features.0.get(feature).map(String::as_str).unwrap_or_default();
                format!("its {feature} `{words}`")
            }
        };
        let gone = target.selectors.first().map(ToString::to_string);
        self.tell(Step::Healed { number: act.number, gone: gone.unwrap_or_default(), by }).await;
    }
}

/// Since when a page has been at rest.
#[derive(Debug, Default)]
struct Calm(Option<Instant>);

impl Calm {
    /// Notes whether it is at rest now; tells for how long it has been.
    fn look(&mut self, is_calm: bool) -> Duration {
        if !is_calm {
            self.0 = None;
            return Duration::ZERO;
        }
        self.0.get_or_insert_with(Instant::now).elapsed()
    }
}

const POLL: Duration = Duration::from_millis(100);
