//! Waits for what comes of a submitted form, by watching page and network.

use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::{
    credentials::Credentials,
    look::{Button, Look},
    outcome::{Outcome, Refusal},
    scene::Scene,
    witness::Witness,
    words::{speaks_of_lock, wait_asked},
};
use crate::browser::{Error, Exchange, Page};

/// What was there before the form was sent.
#[derive(Debug)]
pub(super) struct Before {
    /// The traffic's mark.
    pub(super) mark: usize,
    /// The messages that the page showed already.
    pub(super) says: Vec<String>,
    /// Whether a password was in it.
    pub(super) had_password: bool,
}

/// What came of it so far.
#[derive(Debug)]
pub(super) enum Seen {
    /// It is decided.
    Decided(Outcome),
    /// The page asks whether the login should last, or whether the application may know who it is; this button says yes.
    Asked(Button),
    /// The page asks for the next thing, for example the password after the user name.
    NextStep,
    /// The click had no effect at all.
    Nothing,
}

/// Watches until the form is gone and all is quiet, the application complains, or the limit has passed.
pub(super) async fn watch(
    scene: &Scene<'_, impl Witness>,
    before: &Before,
    deadline: Instant,
) -> Result<Seen, Error> {
    let (traffic, credentials) = (scene.traffic, &scene.settings.credentials);
    let sent = Instant::now();
    let mut quiet: Option<Instant> = None;
    loop {
        let _ = traffic.wait_quiet(QUIET, LOOK_EVERY).await;
        let look = scene.look().await?;
        let exchanges = traffic.since(before.mark);
        let is_quiet = traffic.in_flight() == 0;
        let is_gone = look.password.is_none() && !look.is_empty && look.is_ready;
        if !before.had_password && look.has_form() {
            return Ok(Seen::NextStep);
        }
        if is_gone
            && is_quiet
            && let Some(button) = asked(scene, &look).await?
        {
            return Ok(Seen::Asked(button));
        }
        if before.had_password && is_gone && is_quiet && !exchanges.is_empty() && is_still(scene).await? {
            return Ok(Seen::Decided(Outcome::Through { evidence: through(scene.page, &exchanges).await? }));
        }
        if look.has_captcha && look.password.is_some() && sent.elapsed() > SILENCE {
            return Ok(failed(Refusal::Captcha, "the page shows a CAPTCHA"));
        }
        quiet = is_quiet.then(|| quiet.unwrap_or_else(Instant::now));
        let rest = quiet.map(|since| since.elapsed()).unwrap_or_default();
        if let Some(refused) = refusal(&look, &exchanges, before, credentials, rest) {
            return Ok(Seen::Decided(refused));
        }
        if exchanges.is_empty() && sent.elapsed() > SILENCE {
            return Ok(Seen::Nothing);
        }
        if Instant::now() >= deadline {
            // What never comes to rest, such as a page with long polls, may have let the user in all the same.
            if before.had_password && is_gone && exchanges.iter().any(is_taken) {
                let evidence = through(scene.page, &exchanges).await?;
                return Ok(Seen::Decided(Outcome::Through { evidence }));
            }
            let evidence = answer(&exchanges).unwrap_or_else(|| "no request was sent".into());
            return Ok(failed(Refusal::Unanswered, &evidence));
        }
    }
}

/// How long a page may take to show its answer once the network is quiet.
///
/// A script whose call was answered well may have work to do, such as to store a token and to draw another page; a
/// document that came anew with its form has said what it has to say.
fn patience(exchanges: &[Exchange]) -> Duration {
    let submission = exchanges.iter().rev().find(|x| is_submission(x) && x.status.is_some());
    let is_taken_by_script = submission.is_some_and(|x| is_taken(x) && x.is_script_call());
    if is_taken_by_script && !exchanges.iter().any(Exchange::is_document) { SLOW_PATIENCE } else { PATIENCE }
}

/// The request that answered the form, as evidence: `POST /login: 200`.
pub(super) fn answer(exchanges: &[Exchange]) -> Option<String> {
    // The first that posts something; else the first that carries credentials of its own.
    let posts = |x: &&Exchange| matches!(x.method.as_str(), "POST" | "PUT" | "PATCH");
    let submitted = exchanges.iter().find(posts).or_else(|| exchanges.iter().find(|x| is_submission(x)));
    submitted.map(|x| {
        let path = x.url.parse::<Url>().map(|u| u.path().to_owned()).unwrap_or_default();
        let status = x.status.map_or_else(|| "no answer".to_owned(), |s| s.to_string());
        format!("{} {path}: {status}", x.method)
    })
}

/// The button that answers what is asked between a login and its end.
async fn asked(scene: &Scene<'_, impl Witness>, look: &Look) -> Result<Option<Button>, Error> {
    if look.stay.is_some() || look.consent.is_none() || look.is_authorizing {
        return Ok(look.stay.clone().or_else(|| look.consent.clone()));
    }
    // The application itself may have pages that speak of permissions.
    let is_elsewhere = scene.page.url().await?.origin() != scene.settings.url.origin();
    Ok(look.consent.clone().filter(|_| is_elsewhere))
}

/// After the form has gone, a page may still be on its way to another: look twice.
async fn is_still(scene: &Scene<'_, impl Witness>) -> Result<bool, Error> {
    let mark = scene.traffic.mark();
    let quiet = scene.traffic.wait_quiet(STILL, PATIENCE).await;
    let look = scene.look().await?;
    let is_busy = quiet.is_err() && scene.traffic.mark() == mark;
    let is_asked = asked(scene, &look).await?.is_some();
    Ok(look.password.is_none() && !is_asked && !look.is_empty && !is_busy)
}

async fn through(page: &Page, exchanges: &[Exchange]) -> Result<String, Error> {
    let path = page.url().await.map(|u| u.path().to_owned())?;
    let answer = answer(exchanges).map(|a| format!("{a}; ")).unwrap_or_default();
    Ok(format!("{answer}the form went away, the page is at {path}"))
}

/// Whether the application said no: by status, by a new message, or by showing the form again.
fn refusal(
    look: &Look,
    exchanges: &[Exchange],
    before: &Before,
    credentials: &Credentials,
    rest: Duration,
) -> Option<Outcome> {
    look.password.as_ref()?;
    let denied = denied(exchanges);
    let complaint = look.says.iter().find(|s| !before.says.contains(s)).map(|s| credentials.redact(s));
    let is_settled = rest > if complaint.is_some() { PATIENCE } else { patience(exchanges) };
    if denied.is_none() && (!is_settled || exchanges.is_empty()) {
        return None;
    }
    if denied.is_none() && complaint.is_none() && is_unanswered(exchanges) {
        return None;
    }
    if denied.is_some() && complaint.is_none() && !is_settled {
        return None;
    }
    let no = No { exchanges, denied, complaint, refusal: Refusal::Refused };
    Some(no.told("the form is still there"))
}

/// The submission that the application denied.
pub(super) fn denied(exchanges: &[Exchange]) -> Option<&Exchange> {
    exchanges.iter().find(|x| is_submission(x) && x.status.is_some_and(|s| (400..500).contains(&s)))
}

/// A no of the application.
pub(super) struct No<'a> {
    pub(super) exchanges: &'a [Exchange],
    pub(super) denied: Option<&'a Exchange>,
    /// What the page says, without secrets.
    pub(super) complaint: Option<String>,
    /// What it is where nothing speaks of a lock.
    pub(super) refusal: Refusal,
}

impl No<'_> {
    /// The outcome, with what is still asked for in its evidence.
    pub(super) fn told(self, still: &str) -> Outcome {
        let answered = answer(self.exchanges).unwrap_or_else(|| "the page answered without a request".into());
        let wait = self.denied.and_then(wait_asked).unwrap_or_default();
        let said = self.complaint.as_deref().map(|c| format!("; the page says `{c}`")).unwrap_or_default();
        let is_locked = self.denied.is_some_and(|x| matches!(x.status, Some(423 | 429)))
            || self.complaint.as_deref().is_some_and(speaks_of_lock);
        let refusal = if is_locked { Refusal::Locked } else { self.refusal };
        Outcome::Failed { refusal, evidence: format!("{answered}{wait}; {still}{said}") }
    }
}

/// Whether the form went off, and nothing has come back so far.
fn is_unanswered(exchanges: &[Exchange]) -> bool {
    let mut sent = exchanges.iter().filter(|x| is_submission(x)).peekable();
    sent.peek().is_some() && sent.all(|x| x.status.is_none())
}

fn failed(refusal: Refusal, evidence: &str) -> Seen {
    Seen::Decided(Outcome::Failed { refusal, evidence: evidence.to_owned() })
}

/// A request that may have carried the form.
pub(super) fn is_submission(exchange: &Exchange) -> bool {
    matches!(exchange.method.as_str(), "POST" | "PUT" | "PATCH")
        || exchange.request_header("authorization").is_some()
}

/// A submission that the application did not refuse.
fn is_taken(exchange: &Exchange) -> bool {
    is_submission(exchange) && exchange.status.is_some_and(|status| status < 400)
}

const QUIET: Duration = Duration::from_millis(120);
const LOOK_EVERY: Duration = Duration::from_millis(600);
/// How long nothing may move before the page counts as come to rest.
const STILL: Duration = Duration::from_millis(250);
const PATIENCE: Duration = Duration::from_millis(1500);
const SLOW_PATIENCE: Duration = Duration::from_secs(6);
/// How long a click may be without any effect.
const SILENCE: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;

    fn post(status: u16) -> Exchange {
        Exchange {
            method: "POST".into(),
            url: "http://a.test/login?x=1".into(),
            status: Some(status),
            ..Exchange::default()
        }
    }

    #[test]
    fn a_script_that_was_answered_well_gets_more_time_than_a_form_that_came_back() {
        let call = Exchange { kind: "Fetch".into(), ..post(200) };
        let page = Exchange { kind: "Document".into(), ..post(200) };
        assert_eq!(patience(std::slice::from_ref(&call)), SLOW_PATIENCE);
        assert_eq!(patience(std::slice::from_ref(&page)), PATIENCE);
        assert_eq!(patience(&[call, page]), PATIENCE);
        assert_eq!(patience(&[Exchange { kind: "XHR".into(), ..post(401) }]), PATIENCE);
    }

    #[test]
    fn the_answer_names_method_path_and_status() {
        assert_eq!(answer(&[post(401)]).as_deref(), Some("POST /login: 401"));
        assert_eq!(answer(&[]), None);
    }
}
