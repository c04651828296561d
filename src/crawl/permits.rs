//! What the origins of a crawl let it open, where it was told to obey their `robots.txt`.

use std::{collections::HashMap, time::Duration};

use futures_util::future::join_all;
use http::{
    HeaderValue, Request, StatusCode,
    header::{LOCATION, USER_AGENT},
};
use tokio::time;
use url::Url;

use super::{
    conduct::Conduct,
    robots::{FILE, Rules},
};
use crate::{
    proxy::{Client, empty, read},
    site::Origin,
};

/// The rules of each origin; an origin without any lets everything be opened.
#[derive(Debug, Default)]
pub(super) struct Permits(HashMap<Origin, Rules>);

impl Permits {
    /// Asks each origin for its rules. One that does not answer, or with an error of its own, lets nothing be opened.
    pub(super) async fn ask(
        client: &Client,
        conduct: &Conduct,
        origins: impl Iterator<Item = &Origin>,
    ) -> Self {
        let asked = origins.map(|origin| async move {
            let answer = time::timeout(PATIENCE, fetch(client, conduct, origin)).await.unwrap_or_default();
            (origin.clone(), answer.unwrap_or_else(Rules::closed))
        });
        Self(join_all(asked).await.into_iter().collect())
    }

    /// Whether an address may be opened.
    pub(super) fn allows(&self, url: &Url) -> bool {
        Origin::of(url).and_then(|origin| self.0.get(&origin)).is_none_or(|rules| rules.allows(url))
    }

    /// How long to wait between two pages.
    pub(super) fn delay(&self) -> Option<Duration> {
        self.0.values().filter_map(|rules| rules.delay).max()
    }
}

/// The rules of an origin; nothing where it cannot tell them.
async fn fetch(client: &Client, conduct: &Conduct, origin: &Origin) -> Option<Rules> {
    let mut url = origin.url().join(FILE).ok()?;
    for _ in 0..=MOST_REDIRECTS {
        let mut request = Request::new(empty());
        *request.uri_mut() = url.as_str().parse().ok()?;
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static(WHO));
        conduct.sign(request.headers_mut());
        let response = client.send(request).await.ok()?;
        let next = response.headers().get(LOCATION).and_then(|to| url.join(to.to_str().ok()?).ok());
        match (response.status(), next) {
            (status, Some(next)) if status.is_redirection() => url = next,
            (StatusCode::OK, _) => {
                let body = read(response.into_body(), LONGEST).await.ok()?;
                return Some(Rules::read(&String::from_utf8_lossy(&body)));
            }
            (status, _) if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                return None;
            }
            _ => return Some(Rules::default()),
        }
    }
    Some(Rules::default())
}

const WHO: &str = concat!("handstamp/", env!("CARGO_PKG_VERSION"));
const PATIENCE: Duration = Duration::from_secs(15);
/// As many as the standard wants to be followed at least.
const MOST_REDIRECTS: usize = 5;
/// Longer files are none, in bytes: the standard wants 500 KiB to be read at least.
const LONGEST: usize = 1 << 20;
