//! Walks a login from the page to its outcome.

use std::time::Duration;

use url::Url;

use super::{
    beyond::{After, Beside, after},
    credentials::Credentials,
    elsewhere::{come_back, open},
    error::Error,
    find::find,
    look::{Field, Look},
    outcome::{Outcome, Refusal},
    prompted::prompted,
    scene::{Scene, plain},
    send::send,
    step::Step,
    watch::{Seen, answer},
    witness::Witness,
};
use crate::browser::{Challenges, Page, Traffic};

/// How a login is walked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The page with the form, or one that leads to it.
    pub url: Url,
    /// Who logs in.
    pub credentials: Credentials,
    /// How long finding the form may take, and how long the answer may.
    pub limit: Duration,
    /// How long a person at the browser may take for what nobody else can do; nothing where nobody is there.
    pub person: Option<Duration>,
    /// The browser's prompts for credentials, where they are answered.
    pub challenges: Option<Challenges>,
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
    let scene = Scene::new(page, traffic, settings, witness);
    if let Some(outcome) = open(&scene).await? {
        return Ok(Login { outcome, mark: 0 });
    }
    if let Some(outcome) = prompted(&scene).await? {
        return Ok(Login { outcome, mark: 0 });
    }
    scene.tell(Step::Opened { url: plain(&settings.url) }).await;
    let (login, asked_at) = go_on(&scene).await?;
    let outcome = come_back(&scene, login.outcome, asked_at.as_ref()).await?;
    Ok(Login { outcome, ..login })
}

/// As [`run`], from the page that is open.
pub(super) async fn fill_in(
    page: &Page,
    traffic: &Traffic,
    settings: &Settings,
    witness: &impl Witness,
) -> Result<Login, Error> {
    Ok(go_on(&Scene::new(page, traffic, settings, witness)).await?.0)
}

/// Walks from the page that is open to the outcome; tells the page that had the form, too.
async fn go_on<W: Witness>(scene: &Scene<'_, W>) -> Result<(Login, Option<Url>), Error> {
    let mut walk = Walk { scene, mark: scene.traffic.mark(), told: false, asked_at: None };
    let outcome = walk.walk().await?;
    scene.end().await?;
    Ok((Login { outcome, mark: walk.mark }, walk.asked_at))
}

struct Walk<'a, 'b, W> {
    scene: &'a Scene<'b, W>,
    mark: usize,
    told: bool,
    /// The document that had the form.
    asked_at: Option<Url>,
}

impl<W: Witness> Walk<'_, '_, W> {
    async fn walk(&mut self) -> Result<Outcome, Error> {
        for _ in 0..MAX_STEPS {
            let look = match find(self.scene).await? {
                Ok(look) => look,
                Err(outcome) => match after(self.scene, outcome, Beside::Absent).await? {
                    After::Ended(outcome) => return Ok(outcome),
                    After::Form => continue,
                },
            };
            self.found(&look).await;
            self.asked_at = look.at.parse().ok();
            let sent = send(self.scene, look).await?;
            self.mark = sent.mark;
            match sent.seen {
                Seen::Decided(outcome) => {
                    if let Some(what) = answer(&self.scene.traffic.since(self.mark)) {
                        self.scene.tell(Step::Answered { what }).await;
                    }
                    if let After::Ended(outcome) = after(self.scene, outcome, sent.beside).await? {
                        return Ok(outcome);
                    }
                }
                Seen::NextStep | Seen::Asked(_) | Seen::Nothing => {}
            }
        }
        let evidence = "the form was sent, and nothing happened".to_owned();
        Ok(Outcome::Failed { refusal: Refusal::Unanswered, evidence })
    }

    /// Tells of the form, once.
    async fn found(&mut self, look: &Look) {
        if !std::mem::replace(&mut self.told, true) {
            let name = |f: &Option<Field>| f.as_ref().map(|f| f.name.clone());
            let step = Step::Found { username: name(&look.username), password: name(&look.password) };
            self.scene.tell(step).await;
        }
    }
}

const MAX_STEPS: usize = 4;
