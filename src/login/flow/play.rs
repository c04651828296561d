//! Plays a flow in a browser, from its first act to what comes of the login.

use std::time::Duration;

use tokio::time::{self, Instant};
use url::Url;

use super::{Act, Deed, Flow, Need, Typed, element::Found, windows::Windows};
use crate::{
    browser::{Exchange, Page, Traffic},
    login::{
        Error, Login, Outcome, Refusal, Settings, Step, Witness,
        look::Look,
        run::fill_in,
        scene::Scene,
        watch::{Before, Seen, answer, watch},
    },
};

/// Plays a flow: does one act after the other, each on the element that its selectors find, and waits for what comes of
/// the login. A flow that opens no address begins at that of the settings.
///
/// What is typed into a password field is the user's password, whatever was recorded; what was typed into the field
/// before it is the user name, where the user has one.
///
/// # Errors
/// When an address cannot be opened, a place has no value, or the browser is lost. An act that cannot be done and a
/// refusal are an [`Outcome`].
pub async fn play(
    page: &Page,
    traffic: &Traffic,
    flow: &Flow,
    settings: &Settings,
    witness: &impl Witness,
) -> Result<Login, Error> {
    let windows = Windows::default();
    let mark = traffic.mark();
    let mut player =
        Player { page, traffic, flow, settings, witness, windows, mark, before: None, auto: None };
    let outcome = player.play().await?;
    player.windows.go_home(page).await?;
    Ok(Login { outcome, mark: player.mark })
}

pub(super) struct Player<'a, W> {
    pub(super) page: &'a Page,
    pub(super) traffic: &'a Traffic,
    pub(super) flow: &'a Flow,
    pub(super) settings: &'a Settings,
    pub(super) witness: &'a W,
    pub(super) windows: Windows,
    /// The traffic's mark before the first credential was typed.
    mark: usize,
    /// What was there before the password was sent.
    pub(super) before: Option<Before>,
    /// How the form that was found by itself ended.
    pub(super) auto: Option<Outcome>,
}

/// What became of an act.
pub(super) enum Done {
    /// It was done; the words tell what.
    Yes(String),
    /// It could not be done, because of this.
    No(String),
}

impl<W: Witness> Player<'_, W> {
    async fn play(&mut self) -> Result<Outcome, Error> {
        if !matches!(self.flow.acts.first().map(|act| &act.deed), Some(Deed::Open(_))) {
            self.open(self.settings.url.as_str()).await?;
        }
        for (at, act) in self.flow.acts.iter().enumerate() {
            if at > 0 && !self.flow.delay.is_zero() {
                // The configuration asks for this time.
                time::sleep(self.flow.delay).await;
            }
            match self.act(at, act).await? {
                Done::Yes(what) if what.is_empty() => {}
                Done::Yes(what) => self.tell(Step::Acted { number: act.number, what }).await,
                Done::No(why) if act.need == Need::Optional => {
                    self.tell(Step::Skipped { number: act.number, why }).await;
                }
                Done::No(why) => return self.failed(act, &why).await,
            }
            if let Some(failed @ Outcome::Failed { .. }) = &self.auto {
                return Ok(failed.clone());
            }
        }
        self.judge().await
    }

    pub(super) async fn open(&mut self, address: &str) -> Result<(), Error> {
        let url = match Url::parse(address) {
            Ok(url) => url,
            Err(_) => self.settings.url.join(address).map_err(|_| Error::NoWebAddress)?,
        };
        self.page.goto(&url).await?;
        self.tell(Step::Opened { url: url[..url::Position::AfterPath].to_owned() }).await;
        Ok(())
    }

    fn scene(&self) -> Scene<'_, W> {
        Scene::new(self.page, self.traffic, self.settings, self.witness)
    }

    /// Finds and fills the form as if there was no flow.
    pub(super) async fn auto_steps(&mut self) -> Result<(), Error> {
        let login = fill_in(self.page, self.traffic, self.settings, self.witness).await?;
        self.mark = self.mark.min(login.mark);
        self.auto = Some(login.outcome);
        Ok(())
    }

    /// What is typed into a field, once it is seen what field it is.
    pub(super) async fn typed(&mut self, at: usize, typed: &Typed, found: &Found) -> Result<Typed, Error> {
        if typed.is_literal() && found.is_password {
            return Ok(Typed(vec![super::Part::Password]));
        }
        let mut typed = typed.clone();
        if typed.is_literal()
            && self.settings.credentials.username.is_some()
            && self.leads_to_password(at).await?
        {
            typed.become_username();
        }
        Ok(typed)
    }

    /// Whether the next field that is typed into is a password field of this page.
    async fn leads_to_password(&mut self, at: usize) -> Result<bool, Error> {
        let own = self.flow.acts[at].deed.target();
        let next = self.flow.acts[at + 1..].iter().find_map(|act| match &act.deed {
            Deed::Type(target, _) if Some(target) != own => Some((act, target)),
            _ => None,
        });
        let Some((act, target)) = next else { return Ok(false) };
        if !self.windows.go(self.page, &act.place).await? {
            return Ok(false);
        }
        let sight = super::element::Sight::of(self.page, target).await?;
        let is_password = sight.pick(Duration::MAX).is_some_and(|found| found.is_password);
        // Frames are left for the look: back to where the typing goes on.
        self.windows.go(self.page, &self.flow.acts[at].place).await?;
        Ok(is_password)
    }

    /// Notes what was there before a password goes off.
    pub(super) async fn note(&mut self) -> Result<(), Error> {
        let mark = self.traffic.mark();
        if self.before.is_none() {
            self.mark = mark;
        }
        self.windows.go_home(self.page).await?;
        let says = Look::at(self.page).await?.says;
        self.before = Some(Before { mark, says, had_password: true });
        Ok(())
    }

    /// What came of it all.
    async fn judge(&mut self) -> Result<Outcome, Error> {
        self.windows.go_home(self.page).await?;
        let _ = self.traffic.wait_quiet(QUIET, self.settings.limit).await;
        // What the flow waits for at its end says that it is in, unless the form is still there.
        let is_awaited = self.flow.acts.last().is_some_and(|act| act.deed.is_wait())
            && self.scene().look().await?.password.is_none();
        if let Some(before) = self.before.as_ref().filter(|_| !is_awaited) {
            let deadline = Instant::now() + self.settings.limit;
            let scene = self.scene();
            let seen = watch(&scene, before, deadline).await?;
            scene.end().await?;
            return Ok(match seen {
                Seen::Decided(outcome) => outcome,
                Seen::Asked(_) => {
                    Outcome::Through { evidence: "the page asks whether to stay logged in".into() }
                }
                Seen::NextStep | Seen::Nothing => Outcome::Failed {
                    refusal: Refusal::Unanswered,
                    evidence: "all steps were made, and nothing was sent to the application".into(),
                },
            });
        }
        if let Some(outcome) = self.auto.take() {
            return Ok(outcome);
        }
        let path = self.page.url().await.map(|url| url.path().to_owned())?;
        let steps = self.flow.acts.len();
        Ok(Outcome::Through { evidence: format!("all {steps} steps were made, the page is at {path}") })
    }

    /// Why the flow did not come to its end: the application's own refusal where it shows one.
    async fn failed(&mut self, act: &Act, why: &str) -> Result<Outcome, Error> {
        let step = format!("step {}: {why}", act.number);
        if let Some(before) = &self.before {
            self.windows.go_home(self.page).await?;
            let deadline = Instant::now() + PATIENCE;
            let seen = watch(&self.scene(), before, deadline).await?;
            if let Seen::Decided(Outcome::Failed { refusal, evidence }) = seen
                && !matches!(refusal, Refusal::Unanswered)
            {
                return Ok(Outcome::Failed { refusal, evidence: format!("{evidence}; {step}") });
            }
            if let Some(evidence) = self.denial(before).await? {
                let evidence = format!("{evidence}; {step}");
                return Ok(Outcome::Failed { refusal: Refusal::Refused, evidence });
            }
        }
        Ok(Outcome::Failed { refusal: Refusal::Step, evidence: step })
    }

    /// What the application said no with, where the form is not there to be seen again.
    async fn denial(&self, before: &Before) -> Result<Option<String>, Error> {
        let exchanges = self.traffic.since(before.mark);
        let is_denied = |x: &Exchange| x.method != "GET" && matches!(x.status, Some(400 | 401 | 403 | 422));
        let Some(answered) = exchanges.iter().any(is_denied).then(|| answer(&exchanges)).flatten() else {
            return Ok(None);
        };
        let look = self.scene().look().await?;
        let said = look.says.iter().find(|text| !before.says.contains(text));
        let said = said.map(|text| format!("; the page says `{}`", self.settings.credentials.redact(text)));
        Ok(Some(format!("{answered}{}", said.unwrap_or_default())))
    }

    /// Tells a step, with a picture where one is wanted.
    pub(super) async fn tell(&self, step: Step) {
        self.scene().tell(step).await;
    }
}

const QUIET: Duration = Duration::from_millis(200);
/// How long a page may take to tell that it refuses.
const PATIENCE: Duration = Duration::from_secs(3);
