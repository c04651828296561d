//! Logs in without a browser, for contexts that say how.

use anyhow::Result;
use tokio::task::spawn_blocking;

use super::{
    account::Way,
    attempt::{Found, Walked},
    wire::Wire,
};
use crate::{
    harvest::{self, Harvest},
    login::{self, Credentials, DirectSettings, Outcome},
    session::Recipe,
};

/// Sends the login that a context describes, or makes the session of the credentials alone.
pub(super) async fn without_browser(
    wire: &Wire,
    way: Way,
    recipe: &Recipe,
    credentials: &Credentials,
) -> Result<Walked> {
    let (request, encoding, more) = match way {
        Way::Request(request, encoding, more) => (request, encoding, more),
        Way::Credentials(scheme) => {
            let state = harvest::from_credentials(&recipe.login_url, scheme);
            let harvest = Harvest { state, lost: Vec::new() };
            return Ok(Ok(Found { harvest, traffic: Vec::new(), page: recipe.login_url.clone() }));
        }
    };
    let more = spawn_blocking(move || {
        more.into_iter().map(|(name, source)| Ok((name, source.resolve()?))).collect::<Result<_>>()
    });
    let settings = DirectSettings {
        request,
        encoding,
        credentials: credentials.clone(),
        more: more.await??,
        // A server may tie the session to it; it goes along with each request from then on.
        user_agent: Some(USER_AGENT.to_owned()),
        limit: wire.common.timeout.0,
    };
    let login = login::direct(&wire.client()?, &settings).await?;
    if let Outcome::Failed { refusal, evidence } = login.outcome {
        return Ok(Err((refusal, evidence)));
    }
    let mut words = vec![credentials.password.expose()];
    words.extend(credentials.username.as_deref());
    let state = harvest::from_exchanges(&login.traffic, login.mark, &words);
    let harvest = Harvest { state, lost: Vec::new() };
    Ok(Ok(Found { harvest, traffic: login.traffic[login.mark..].to_vec(), page: login.page }))
}

/// Some servers turn away what does not look like a browser.
const USER_AGENT: &str = concat!("Mozilla/5.0 (compatible; handstamp/", env!("CARGO_PKG_VERSION"), ")");
