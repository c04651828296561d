//! Logins that lead to another host, such as an identity provider's, and what is said when that cannot be reached.

use std::time::Duration;

use url::Url;

use super::{
    error::Error,
    outcome::{Outcome, Refusal},
    scene::Scene,
    witness::Witness,
};
use crate::browser::{self, Exchange};

/// Opens the page of the login; gives an outcome where it leads to a host that cannot be reached.
///
/// # Errors
/// When the application itself cannot be opened.
pub(super) async fn open(scene: &Scene<'_, impl Witness>) -> Result<Option<Outcome>, Error> {
    let Err(error) = scene.page.goto(&scene.settings.url).await else { return Ok(None) };
    let is_prompted = scene.settings.challenges.as_ref().is_some_and(|all| all.last().is_some());
    if is_prompted && matches!(error, browser::Error::Navigation { .. }) {
        // An answer without a body: the browser shows its own page, and the challenge tells the rest.
        return Ok(None);
    }
    let is_slow = matches!(error, browser::Error::Timeout { .. }) || error.is_code("timeout");
    let found = match &error {
        // A driver that has waited long enough stops the page.
        _ if is_slow => far(scene, |_| true),
        browser::Error::Navigation { .. } => far(scene, |x| !is_aborted(x)),
        _ => None,
    };
    found.map_or_else(|| Err(error.into()), |exchange| Ok(Some(failed(scene, &exchange))))
}

/// The outcome in the place of another, where the last document of the page did not come.
pub(super) fn unreachable(scene: &Scene<'_, impl Witness>, outcome: &Outcome) -> Option<Outcome> {
    let is_open = matches!(
        outcome,
        Outcome::Through { .. } | Outcome::Failed { refusal: Refusal::NoForm | Refusal::Unanswered, .. }
    );
    is_open.then(|| far(scene, |x| !is_aborted(x))).flatten().map(|exchange| failed(scene, &exchange))
}

/// Goes back to where a login began that led to another host and ended there: the application may take up its session now.
///
/// Where it asks for a login again, there is none, whatever the other host says.
pub(super) async fn come_back(
    scene: &Scene<'_, impl Witness>,
    outcome: Outcome,
    asked_at: Option<&Url>,
) -> Result<Outcome, Error> {
    let began = &scene.settings.url;
    let Some(asked_at) = asked_at.filter(|url| url.origin() != began.origin()) else { return Ok(outcome) };
    let ended = scene.page.url().await?;
    if !matches!(outcome, Outcome::Through { .. }) || ended.origin() != asked_at.origin() {
        return Ok(outcome);
    }
    if let Err(error) = scene.page.goto(began).await {
        return if error.is_lost() { Err(error.into()) } else { Ok(outcome) };
    }
    let _ = scene.traffic.wait_quiet(QUIET, SETTLE).await;
    let look = scene.look().await?;
    if !look.has_form() && !look.is_first_step {
        return Ok(outcome);
    }
    let (there, here) = (ended.origin().ascii_serialization(), began.origin().ascii_serialization());
    let evidence = format!("the login ended at {there}{}, and {here} asks for it again", ended.path());
    Ok(Outcome::Failed { refusal: Refusal::Elsewhere, evidence })
}

/// The last document, where another host than the application's was to give it and did not.
fn far(scene: &Scene<'_, impl Witness>, counts: fn(&Exchange) -> bool) -> Option<Exchange> {
    let last = scene.traffic.since(0).into_iter().rfind(|x| x.is_document() && counts(x))?;
    let url = Url::parse(&last.url).ok()?;
    (last.status.is_none() && url.origin() != scene.settings.url.origin()).then_some(last)
}

/// A navigation that another took the place of.
fn is_aborted(exchange: &Exchange) -> bool {
    exchange.failure.as_deref().is_some_and(|reason| reason.contains("ABORT"))
}

fn failed(scene: &Scene<'_, impl Witness>, exchange: &Exchange) -> Outcome {
    let origin = Url::parse(&exchange.url).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let why = match exchange.failure.as_deref() {
        Some(reason) if !is_aborted(exchange) => plain(reason),
        _ => format!("no answer within {} s", scene.settings.limit.as_secs()),
    };
    Outcome::Failed {
        refusal: Refusal::ProviderUnreachable,
        evidence: format!("the login leads to {origin}: {why}"),
    }
}

/// The reason in words, where it is one of the usual ones; browsers have names for them.
fn plain(reason: &str) -> String {
    let known = [
        (&["CONNECTION_REFUSED"][..], "connection refused"),
        (&["NAME_NOT_RESOLVED", "UNKNOWN_HOST"], "the host name is not known"),
        (&["TIMED_OUT", "NET_TIMEOUT"], "no answer"),
        (
            &["CONNECTION_RESET", "NET_RESET", "CONNECTION_CLOSED", "EMPTY_RESPONSE", "NET_INTERRUPT"],
            "the connection was closed",
        ),
        (&["CERT", "SSL", "SEC_ERROR"], "its certificate is not trusted"),
    ];
    let found = known.iter().find(|(names, _)| names.iter().any(|name| reason.contains(name)));
    found.map_or_else(|| reason.to_owned(), |(_, words)| (*words).to_owned())
}

const QUIET: Duration = Duration::from_millis(250);
const SETTLE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_that_browsers_have_for_failures_are_put_into_words() {
        for (name, words) in [
            ("net::ERR_CONNECTION_REFUSED", "connection refused"),
            ("NS_ERROR_CONNECTION_REFUSED", "connection refused"),
            ("NS_ERROR_UNKNOWN_HOST", "the host name is not known"),
            ("net::ERR_CERT_AUTHORITY_INVALID", "its certificate is not trusted"),
            ("net::ERR_ODD", "net::ERR_ODD"),
        ] {
            assert_eq!(plain(name), words);
        }
    }
}
