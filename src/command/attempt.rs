//! One login through the form, in a browser of its own.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use url::Url;

use super::{manual, wire::Wire};
use crate::{
    browser::{Answer, Browser, Challenges, Exchange, Fate, Launch, Prompts, Protocol, Traffic, script},
    cli::Progress,
    harvest::{self, Harvest},
    login::{self, Credentials, Flow, Outcome, Refusal, Settings, Step, Witness},
    report::Diary,
    session::{HttpScheme, Method, State},
};

/// Where to log in, and as whom.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) url: Url,
    pub(super) credentials: Credentials,
    /// The recorded login; without one the form is found.
    pub(super) flow: Option<Flow>,
    pub(super) launch: Launch,
    /// Where the steps are written down, for a report.
    pub(super) diary: Option<Arc<Diary>>,
    /// How long a person at the browser may take for what nobody else can do.
    pub(super) person: Option<Duration>,
    pub(super) way: Way,
}

/// Who makes the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The form is found and filled in.
    Found,
    /// A person logs in.
    Manual,
}

/// Shows the steps, and writes them down where that is wanted.
struct Shown<'a> {
    progress: &'a Progress,
    diary: Option<&'a Diary>,
}

impl Witness for Shown<'_> {
    fn step(&self, step: &Step) {
        self.progress.step(step);
        if let Some(diary) = self.diary {
            diary.step(step);
        }
    }

    fn wants_pictures(&self) -> bool {
        self.diary.is_some()
    }

    fn picture(&self, png: Vec<u8>) {
        if let Some(diary) = self.diary {
            diary.picture(png);
        }
    }
}

/// What a login through the form left behind.
pub(super) struct Found {
    pub(super) harvest: Harvest,
    pub(super) traffic: Vec<Exchange>,
    pub(super) page: Url,
}

/// A login that went through, or why it did not.
pub(super) type Walked = std::result::Result<Found, (Refusal, String)>;

/// Logs in, and ends the browser.
pub(super) async fn walk(wire: &Wire, attempt: &Attempt, progress: &Progress) -> Result<Walked> {
    if attempt.way == Way::Manual {
        return manual::walk(wire, attempt, progress).await;
    }
    let mut launch = attempt.launch.clone();
    if attempt.credentials.username.is_some() && launch.protocol != Protocol::Driver {
        launch.prompts = Prompts::Answered;
    }
    let opened = wire.browser(launch).await?;
    let walked = through(&opened.browser, wire, attempt, progress).await;
    opened.close().await;
    walked
}

async fn through(browser: &Browser, wire: &Wire, attempt: &Attempt, progress: &Progress) -> Result<Walked> {
    let traffic = browser.control().record().await?;
    let challenges = challenges(browser, attempt).await;
    browser.control().add_preload(script("login-passkey")).await?;
    let mut credentials = attempt.credentials.clone();
    credentials.totp = match credentials.totp {
        Some(totp) => Some(totp.remembering(wire.store()?.codes())),
        None => None,
    };
    if let Err(error) = browser.control().add_preload(&login::preload()).await {
        tracing::debug!(%error, "closed shadow roots stay closed");
    }
    let settings = Settings {
        url: attempt.url.clone(),
        credentials,
        limit: wire.common.timeout.0,
        person: attempt.person,
        challenges: challenges.clone(),
    };
    let shown = Shown { progress, diary: attempt.diary.as_deref() };
    let login = match &attempt.flow {
        Some(flow) => login::play(browser.page(), &traffic, flow, &settings, &shown).await,
        None => login::run(browser.page(), &traffic, &settings, &shown).await,
    };
    if let Some(diary) = &attempt.diary {
        diary.keep(traffic.since(0));
    }
    let login = login?;
    if let Outcome::Failed { refusal, evidence } = login.outcome {
        return Ok(Err((refusal, evidence)));
    }
    progress.status("harvesting the session");
    let mut harvest = harvest(browser, &traffic, login.mark, &attempt.credentials).await?;
    if let Some(scheme) = challenges.as_ref().and_then(answered) {
        carried_by_credentials(&mut harvest.state, scheme);
    }
    let page = browser.page().url().await?;
    Ok(Ok(Found { harvest, traffic: traffic.since(login.mark), page }))
}

/// Answers the challenges of the application's own origin, where there is something to answer with.
async fn challenges(browser: &Browser, attempt: &Attempt) -> Option<Challenges> {
    let username = attempt.credentials.username.clone()?;
    let password = attempt.credentials.password.expose().to_owned();
    let answer = Answer { origin: attempt.url.origin(), username, password };
    let answering = browser.control().answer_challenges(answer).await;
    answering.inspect_err(|error| tracing::debug!(%error, "challenges are not answered")).ok()
}

/// The scheme that the application took the credentials by.
fn answered(challenges: &Challenges) -> Option<HttpScheme> {
    let last = challenges.last().filter(|last| last.fate == Fate::Answered)?;
    Some(if last.scheme == "digest" { HttpScheme::Digest } else { HttpScheme::Basic })
}

/// The credentials are put on anew each time: the header that the browser made of them is not kept.
fn carried_by_credentials(state: &mut State, scheme: HttpScheme) {
    state.headers.retain(|token| !token.name.eq_ignore_ascii_case("authorization"));
    state.method = Method::Http { scheme };
}

async fn harvest(
    browser: &Browser,
    traffic: &Traffic,
    mark: usize,
    credentials: &Credentials,
) -> Result<Harvest> {
    let mut words = vec![credentials.password.expose()];
    words.extend(credentials.username.as_deref());
    Ok(harvest::read(browser, traffic, mark, &words).await?)
}
