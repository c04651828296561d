//! One login through the form, in a browser of its own.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use url::Url;

use super::wire::Wire;
use crate::{
    browser::{Browser, Exchange, Launch, Traffic},
    cli::Progress,
    harvest::{self, Harvest},
    login::{self, Credentials, Flow, Outcome, Refusal, Settings, Step, Witness},
    report::Diary,
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
    let opened = wire.browser(attempt.launch.clone()).await?;
    let walked = through(&opened.browser, wire, attempt, progress).await;
    opened.close().await;
    walked
}

async fn through(browser: &Browser, wire: &Wire, attempt: &Attempt, progress: &Progress) -> Result<Walked> {
    let traffic = browser.control().record().await?;
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
    let harvest = harvest(browser, &traffic, login.mark, &attempt.credentials).await?;
    let page = browser.page().url().await?;
    Ok(Ok(Found { harvest, traffic: traffic.since(login.mark), page }))
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
