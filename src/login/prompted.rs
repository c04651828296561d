//! Logins by the prompt of the browser: HTTP authentication, which needs no form.

use std::time::Duration;

use http::{HeaderMap, header::WWW_AUTHENTICATE};

use super::{
    error::Error,
    look::Look,
    outcome::{Outcome, Refusal},
    scene::Scene,
    witness::Witness,
};
use crate::{
    browser::{Challenge, Challenges, Exchange, Fate},
    inject,
};

/// How the login ended where the server asked for credentials and the page has no login beside; nothing where it goes on.
pub(super) async fn prompted(scene: &Scene<'_, impl Witness>) -> Result<Option<Outcome>, Error> {
    let asks = |x: &Exchange| x.is_document() && x.response_header("www-authenticate").is_some();
    let last = scene.traffic.since(0).into_iter().rfind(asks);
    let challenge = scene.settings.challenges.as_ref().and_then(Challenges::last);
    if last.is_none() && challenge.is_none() {
        return Ok(None);
    }
    let _ = scene.traffic.wait_quiet(QUIET, LOAD_LIMIT).await;
    let look = Look::at(scene.page).await?;
    if look.has_form() || look.is_first_step {
        return Ok(None);
    }
    let challenge = scene.settings.challenges.as_ref().and_then(Challenges::last);
    Ok(match challenge {
        Some(challenge) if challenge.fate == Fate::Refused => {
            let evidence = format!("{}; it asks again after the credentials were given", told(&challenge));
            Some(Outcome::Failed { refusal: Refusal::Refused, evidence })
        }
        Some(challenge) if challenge.fate == Fate::Answered && !look.says_login => {
            let evidence = format!("{}; it took the credentials", told(&challenge));
            Some(Outcome::Through { evidence })
        }
        Some(challenge) if challenge.fate == Fate::Answered => None,
        _ => last.as_ref().and_then(foreign),
    })
}

/// The end of a login that asks for a scheme that nobody here speaks.
fn foreign(exchange: &Exchange) -> Option<Outcome> {
    let lines =
        exchange.response_headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"));
    let headers: HeaderMap =
        lines.filter_map(|(_, value)| Some((WWW_AUTHENTICATE, value.parse().ok()?))).collect();
    let told = inject::unsupported(&headers)?.to_string();
    let evidence = told.lines().next().unwrap_or_default().to_owned();
    Some(Outcome::Failed { refusal: Refusal::Refused, evidence })
}

fn told(challenge: &Challenge) -> String {
    let Challenge { url, scheme, realm, .. } = challenge;
    let realm = if realm.is_empty() { String::new() } else { format!(" in the realm `{realm}`") };
    format!("{} asks for HTTP authentication by {scheme}{realm}", url.path())
}

const QUIET: Duration = Duration::from_millis(150);
const LOAD_LIMIT: Duration = Duration::from_secs(8);
