//! Walks a login from the page to its outcome.

use std::time::Duration;

use tokio::time::Instant;
use tracing::debug;
use url::Url;

use super::{
    credentials::Credentials,
    error::Error,
    fill::fill,
    look::{Button, Look},
    outcome::{Outcome, Refusal},
    step::Step,
    watch::{Before, Seen, answer, watch},
    witness::Witness,
};
use crate::browser::{Page, Traffic};

/// How a login is walked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The page with the form, or one that leads to it.
    pub url: Url,
    /// Who logs in.
    pub credentials: Credentials,
    /// How long finding the form may take, and how long the answer may.
    pub limit: Duration,
}

/// A login that was walked.
#[derive(Debug)]
pub struct Login {
    /// How it ended.
    pub outcome: Outcome,
    /// The traffic's mark before the form was sent.
    pub mark: usize,
}

/// Opens the page, finds the form, fills and submits it, and waits for what comes of it.
///
/// # Errors
/// When the page cannot be opened or the browser is lost; a refusal is an [`Outcome`].
pub async fn run(
    page: &Page,
    traffic: &Traffic,
    settings: &Settings,
    witness: &impl Witness,
) -> Result<Login, Error> {
    page.goto(&settings.url).await?;
    let mut walk = Walk { page, traffic, settings, witness, mark: traffic.mark(), told: false };
    walk.tell(Step::Opened { url: plain(&settings.url) }).await;
    let outcome = walk.walk().await?;
    Ok(Login { outcome, mark: walk.mark })
}

struct Walk<'a, W> {
    page: &'a Page,
    traffic: &'a Traffic,
    settings: &'a Settings,
    witness: &'a W,
    mark: usize,
    told: bool,
}

impl<W: Witness> Walk<'_, W> {
    async fn walk(&mut self) -> Result<Outcome, Error> {
        for _ in 0..MAX_STEPS {
            let look = match self.find().await? {
                Ok(look) => look,
                Err(outcome) => return Ok(outcome),
            };
            match self.submit(look).await? {
                Seen::Decided(outcome) => {
                    if let Some(what) = answer(&self.traffic.since(self.mark)) {
                        self.tell(Step::Answered { what }).await;
                    }
                    return Ok(outcome);
                }
                Seen::NextStep | Seen::Nothing => {}
            }
        }
        let evidence = "the form was sent, and nothing happened".to_owned();
        Ok(Outcome::Failed { refusal: Refusal::Unanswered, evidence })
    }

    /// Finds the form: gets out of the way what lies over it, and follows links that lead to it.
    async fn find(&mut self) -> Result<Result<Look, Outcome>, Error> {
        let deadline = Instant::now() + self.settings.limit;
        let (mut dismissed, mut followed) = (0, Vec::new());
        let _ = self.traffic.wait_quiet(QUIET, LOAD_LIMIT).await;
        loop {
            let mut look = Look::at(self.page).await?;
            let is_quiet = self.traffic.in_flight() == 0;
            if look.has_form() && !look.is_covered {
                return Ok(Ok(look));
            }
            let is_in_the_way = look.is_covered || (is_quiet && !look.has_form());
            if is_in_the_way && dismissed < MAX_DISMISSED && !look.dismissals.is_empty() {
                dismissed += 1;
                self.dismiss(look.dismissals.remove(0)).await?;
                continue;
            }
            if is_quiet && !look.has_form() && look.is_ready {
                if look.is_first_step {
                    return Ok(Ok(look));
                }
                let next = look.openers.into_iter().find(|b| !followed.contains(&b.label));
                if let Some(opener) = next.filter(|_| followed.len() < MAX_FOLLOWED) {
                    followed.push(opener.label.clone());
                    self.follow(opener).await?;
                    continue;
                }
            } else if look.has_form() && dismissed >= MAX_DISMISSED {
                return Ok(Ok(look));
            }
            if Instant::now() >= deadline {
                return Ok(Err(self.missing(look.has_captcha).await?));
            }
            self.traffic.wait_change(LOOK_EVERY).await;
        }
    }

    async fn submit(&mut self, look: Look) -> Result<Seen, Error> {
        let credentials = &self.settings.credentials;
        if !std::mem::replace(&mut self.told, true) {
            let name = |f: &Option<super::look::Field>| f.as_ref().map(|f| f.name.clone());
            self.tell(Step::Found { username: name(&look.username), password: name(&look.password) }).await;
        }
        if let (Some(field), Some(username)) = (&look.username, &credentials.username) {
            fill(self.page, field, username).await?;
        }
        if let Some(field) = &look.password {
            fill(self.page, field, credentials.password.expose()).await?;
        }
        let had_password = look.password.is_some();
        let before = Before { mark: self.traffic.mark(), says: look.says };
        self.mark = before.mark;
        let mut seen = Seen::Nothing;
        for way in [Way::Button, Way::Enter] {
            let Some(by) = self.send(way).await? else { continue };
            self.tell(Step::Submitted { by }).await;
            let deadline = Instant::now() + self.settings.limit;
            seen = watch(self.page, self.traffic, &before, credentials, had_password, deadline).await?;
            if !matches!(seen, Seen::Nothing) {
                break;
            }
        }
        Ok(seen)
    }

    /// Sends the form off in one way; tells how, or nothing when that way is not open.
    async fn send(&self, way: Way) -> Result<Option<String>, Error> {
        let look = self.enabled().await?;
        match way {
            Way::Button => {
                let Some(button) = look.submit.filter(|b| !b.is_disabled) else { return Ok(None) };
                if self.page.click(&button.element).await.is_err() {
                    return Ok(None);
                }
                Ok(Some(format!("`{}`", button.label)))
            }
            Way::Enter => {
                let Some(field) = look.password.or(look.username) else { return Ok(None) };
                self.page.type_text(&field.element, ENTER).await?;
                Ok(Some("Enter".into()))
            }
        }
    }

    /// The form once its button can be clicked: many enable it only when the fields are filled.
    async fn enabled(&self) -> Result<Look, Error> {
        let deadline = Instant::now() + ENABLE_LIMIT;
        loop {
            let look = Look::at(self.page).await?;
            if look.submit.as_ref().is_none_or(|b| !b.is_disabled) || Instant::now() >= deadline {
                return Ok(look);
            }
            self.traffic.wait_change(POLL).await;
        }
    }

    async fn dismiss(&self, button: Button) -> Result<(), Error> {
        debug!(label = %button.label, "dismiss");
        self.press(&button).await?;
        self.tell(Step::Dismissed { label: button.label }).await;
        Ok(())
    }

    async fn follow(&self, button: Button) -> Result<(), Error> {
        self.press(&button).await?;
        self.tell(Step::Followed { label: button.label }).await;
        let _ = self.traffic.wait_quiet(QUIET, LOAD_LIMIT).await;
        Ok(())
    }

    /// Clicks as a person would, or by script where something lies over it.
    async fn press(&self, button: &Button) -> Result<(), Error> {
        match self.page.click(&button.element).await {
            Ok(()) => Ok(()),
            Err(error) if error.is_lost() => Err(error.into()),
            Err(_) => {
                let clicked = self.page.evaluate("arguments[0].click()", &[button.element.to_value()]).await;
                if let Err(error) = clicked
                    && error.is_lost()
                {
                    return Err(error.into());
                }
                Ok(())
            }
        }
    }

    /// Tells a step, with a picture where one is wanted; a page that gives none is no failure of the login.
    async fn tell(&self, step: Step) {
        self.witness.step(&step);
        if self.witness.wants_pictures() {
            match self.page.screenshot().await {
                Ok(png) => self.witness.picture(png),
                Err(error) => debug!(%error, "no picture of the page"),
            }
        }
    }

    async fn missing(&self, has_captcha: bool) -> Result<Outcome, Error> {
        let title = self.page.title().await?;
        let url = plain(&self.page.url().await?);
        let refusal = if has_captcha { Refusal::Captcha } else { Refusal::NoForm };
        Ok(Outcome::Failed { refusal, evidence: format!("{url} (`{title}`) shows no password field") })
    }
}

#[derive(Clone, Copy)]
enum Way {
    Button,
    Enter,
}

fn plain(url: &Url) -> String {
    url[..url::Position::AfterPath].to_owned()
}

/// U+E007, Enter (see 15.4.2 Keyboard Actions of the WebDriver standard).
const ENTER: &str = "\u{E007}";
const QUIET: Duration = Duration::from_millis(150);
const LOAD_LIMIT: Duration = Duration::from_secs(8);
const LOOK_EVERY: Duration = Duration::from_millis(250);
const ENABLE_LIMIT: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(50);
const MAX_DISMISSED: usize = 6;
const MAX_FOLLOWED: usize = 3;
const MAX_STEPS: usize = 3;
