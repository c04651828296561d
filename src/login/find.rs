//! Finds the form: gets out of the way what lies over it, and follows what leads to it.

use std::time::Duration;

use tokio::time::Instant;
use tracing::debug;

use super::{
    error::Error,
    look::{Button, Look},
    outcome::{Outcome, Refusal},
    scene::{Scene, plain},
    step::Step,
    witness::Witness,
};
use crate::browser::Element;

/// Looks until there is a form that can be filled in, or tells how the search for it ended.
pub(super) async fn find(scene: &Scene<'_, impl Witness>) -> Result<Result<Look, Outcome>, Error> {
    let mut search = Search {
        scene,
        began: Instant::now(),
        is_calm: false,
        last: None,
        covered: None,
        dismissed: Vec::new(),
        followed: Vec::new(),
    };
    loop {
        let look = scene.look().await?;
        if search.is_worth(&look) {
            if search.is_steady(&look) {
                return Ok(Ok(look));
            }
        } else if search.clear_away(&look).await? || search.go_on(&look).await? {
            continue;
        } else if search.began.elapsed() >= scene.settings.limit {
            return Ok(Err(missing(scene, look.has_captcha).await?));
        }
        search.wait(look).await?;
    }
}

struct Search<'s, 'a, W> {
    scene: &'s Scene<'a, W>,
    began: Instant,
    /// Whether the page has come to rest since something was last done to it.
    is_calm: bool,
    /// The fields that the last look saw.
    last: Option<[Option<Element>; 2]>,
    /// Since when something lies over the form.
    covered: Option<Instant>,
    dismissed: Vec<Element>,
    followed: Vec<String>,
}

impl<W: Witness> Search<'_, '_, W> {
    /// Whether the look shows something to fill in.
    fn is_worth(&mut self, look: &Look) -> bool {
        if !look.is_covered {
            self.covered = None;
            return look.has_form() || look.is_first_step;
        }
        let since = *self.covered.get_or_insert_with(Instant::now);
        // What cannot be got out of the way can often be typed and clicked through.
        (look.has_form() || look.is_first_step) && since.elapsed() > STUBBORN
    }

    /// Whether the form has stayed the same over two looks, and the page is not about to replace it.
    fn is_steady(&self, look: &Look) -> bool {
        let is_same = self.last.as_ref() == Some(&look.fields());
        let is_loaded = look.is_complete || self.scene.traffic.in_flight() == 0;
        is_same && is_loaded && (look.has_form() || self.is_calm)
    }

    /// Gets what lies over the form, or the page, out of the way; tells whether there was something.
    async fn clear_away(&mut self, look: &Look) -> Result<bool, Error> {
        let is_in_the_way = look.is_covered || (self.is_calm && !look.has_form());
        let is_new = |b: &&Button| self.dismissed.iter().filter(|d| **d == b.element).count() < 2;
        let button = look.dismissals.iter().find(is_new).filter(|_| self.dismissed.len() < MAX_DISMISSED);
        let Some(button) = button.filter(|_| is_in_the_way) else { return Ok(false) };
        debug!(label = %button.label, "dismiss");
        self.dismissed.push(button.element.clone());
        self.scene.press(button).await?;
        self.scene.tell(Step::Dismissed { label: button.label.clone() }).await;
        let _ = self.scene.traffic.wait_quiet(STEADY, LOOK_EVERY).await;
        Ok(true)
    }

    /// Follows what may lead to a login, once the page has come to rest; tells whether there was something.
    async fn go_on(&mut self, look: &Look) -> Result<bool, Error> {
        if !self.is_calm || !look.is_ready || look.has_form() || self.followed.len() >= MAX_FOLLOWED {
            return Ok(false);
        }
        // The same words may lead on from the next page.
        let key = |b: &Button| format!("{} {}", b.label, look.at);
        let Some(opener) = look.openers.iter().find(|b| !self.followed.contains(&key(b))) else {
            return Ok(false);
        };
        self.followed.push(key(opener));
        self.scene.note_windows().await?;
        self.scene.press(opener).await?;
        self.scene.tell(Step::Followed { label: opener.label.clone() }).await;
        (self.is_calm, self.last) = (false, None);
        let _ = self.scene.traffic.wait_quiet(STEADY, LOOK_EVERY).await;
        self.scene.enter_popup().await?;
        Ok(true)
    }

    /// Waits for the page to change or to come to rest, whichever is worth another look.
    async fn wait(&mut self, look: Look) -> Result<(), Error> {
        if !self.followed.is_empty() && !look.has_form() {
            self.scene.enter_popup().await?;
        }
        let traffic = self.scene.traffic;
        let quiet = if look.has_form() { STEADY } else { QUIET };
        if self.is_calm && self.last.is_none() {
            traffic.wait_change(LOOK_EVERY).await;
        } else {
            let is_quiet = traffic.wait_quiet(quiet, LOOK_EVERY).await.is_ok();
            self.is_calm = (is_quiet && quiet == QUIET) || self.began.elapsed() > LOAD_LIMIT;
        }
        self.last = (look.has_form() || look.is_first_step).then(|| look.fields());
        Ok(())
    }
}

async fn missing(scene: &Scene<'_, impl Witness>, has_captcha: bool) -> Result<Outcome, Error> {
    let title = scene.page.title().await?;
    let url = plain(&scene.page.url().await?);
    let refusal = if has_captcha { Refusal::Captcha } else { Refusal::NoForm };
    Ok(Outcome::Failed { refusal, evidence: format!("{url} (`{title}`) shows no password field") })
}

/// How long nothing may be under way before the page counts as come to rest.
const QUIET: Duration = Duration::from_millis(150);
/// How far two looks are apart, at least, that tell a steady form.
const STEADY: Duration = Duration::from_millis(60);
const LOAD_LIMIT: Duration = Duration::from_secs(8);
const LOOK_EVERY: Duration = Duration::from_millis(250);
const STUBBORN: Duration = Duration::from_millis(2500);
const MAX_DISMISSED: usize = 8;
const MAX_FOLLOWED: usize = 5;
