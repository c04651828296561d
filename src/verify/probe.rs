//! Asks the application, as the session's user or as a stranger.

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request,
    header::{LOCATION, USER_AGENT},
};

use super::{
    answer::{Answer, head_text, header_texts},
    error::Error,
};
use crate::{
    inject::{Mode, Stamp},
    proxy::{self, Client},
    session::{Check, Shared, State},
};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Stranger,
    User,
}

/// A plain HTTP client with a session at hand.
#[derive(Debug)]
pub struct Probe {
    client: Client,
    stamp: Stamp,
    agent: Option<String>,
}

impl Probe {
    /// A probe for a session; its requests go to the session's own origins only.
    #[must_use]
    pub fn new(client: Client, state: &State) -> Self {
        let stamp = Stamp::new(Shared::new(state.clone()), state.reach(), Mode::Force);
        Self { client, stamp, agent: state.user_agent.clone() }
    }

    pub(super) async fn ask(&self, check: &Check, who: Who) -> Result<Answer, Error> {
        let mut headers = HeaderMap::new();
        for (name, value) in &check.headers {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
                headers.insert(name, value);
            }
        }
        if let Some(agent) = self.agent.as_deref().and_then(|a| HeaderValue::from_str(a).ok()) {
            headers.insert(USER_AGENT, agent);
        }
        if who == Who::User {
            self.stamp.put_on(&Method::GET, &check.url, &mut headers);
        }
        self.send(check, headers).await
    }

    async fn send(&self, check: &Check, headers: HeaderMap) -> Result<Answer, Error> {
        let host = || check.url.host_str().unwrap_or_default().to_owned();
        let mut url = check.url.clone();
        url.set_fragment(None);
        let mut request = Request::builder().method(check.method.as_str()).uri(url.as_str());
        if let Some(all) = request.headers_mut() {
            all.extend(headers);
        }
        let body = check.body.as_ref().map_or_else(proxy::empty, |text| proxy::full(text.clone()));
        let request = request.body(body).map_err(|_| Error::Broken { host: host() })?;
        let response = self.client.send(request).await?;
        let location = response.headers().get(LOCATION).and_then(|l| l.to_str().ok());
        let location =
            location.and_then(|l| url.join(l).ok()).map(|l| l[..url::Position::AfterPath].to_owned());
        let status = response.status().as_u16();
        let head = head_text(status, &header_texts(response.headers()));
        let body =
            proxy::read(response.into_body(), MAX_BODY).await.map_err(|_| Error::Broken { host: host() })?;
        Ok(Answer { status, location, body: String::from_utf8_lossy(&body).into_owned(), head })
    }
}

/// The most of a body that is compared, in bytes.
const MAX_BODY: usize = 1 << 20;
