//! Asks the application, as the session's user or as a stranger.

use std::sync::Arc;

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode,
    header::{AUTHORIZATION, LOCATION, USER_AGENT},
};
use url::{Position, Url};

use super::{
    answer::{Answer, head_text},
    error::Error,
};
use crate::{
    browser::header_texts,
    inject::{HttpAuth, Mode, Scripted, Stamp, Stamped},
    proxy::{self, Body, Client},
    script::Message,
    session::{Check, Indicator, Shared, State},
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
    auth: Option<Arc<HttpAuth>>,
    script: Option<Arc<Scripted>>,
    agent: Option<String>,
}

impl Probe {
    /// A probe for a session; its requests go to the session's own origins only.
    #[must_use]
    pub fn new(client: Client, state: &State) -> Self {
        let stamp = Stamp::new(Shared::new(state.clone()), state.reach(), Mode::Force);
        Self { client, stamp, auth: None, script: None, agent: state.user_agent.clone() }
    }

    /// Carries the session by these too, where it lives by HTTP authentication or a script.
    #[must_use]
    pub fn carried_by(self, auth: Option<Arc<HttpAuth>>, script: Option<Arc<Scripted>>) -> Self {
        Self { stamp: self.stamp.with_auth(auth.clone()), auth, script, ..self }
    }

    /// The same with another state of the session, such as one with a part left out.
    pub(super) fn with_state(&self, state: &State) -> Self {
        let stamp = Stamp::new(Shared::new(state.clone()), state.reach(), Mode::Force);
        Self {
            client: self.client.clone(),
            stamp: stamp.with_auth(self.auth.clone()),
            auth: self.auth.clone(),
            script: self.script.clone(),
            agent: self.agent.clone(),
        }
    }

    /// Sends a request as the session's user, and gives the status of the answer.
    pub async fn send_as_user(&self, request: &Check) -> Result<u16, Error> {
        Ok(self.ask(request, Who::User).await?.status)
    }

    /// How the user is denied at a URL, in words; nothing where the user is let in.
    ///
    /// # Errors
    /// When the application cannot be asked.
    pub async fn denial(&self, url: &Url) -> Result<Option<String>, Error> {
        let check = Check {
            method: "GET".into(),
            url: url.clone(),
            headers: Vec::new(),
            body: None,
            indicator: Indicator::Page,
            evidence: String::new(),
        };
        let status = self.send_as_user(&check).await?;
        Ok(matches!(status, 401 | 403).then(|| format!("GET {}: {status}", url.path())))
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
        let mut url = check.url.clone();
        url.set_fragment(None);
        if who == Who::Stranger {
            let response = self.send(check, &url, headers).await?;
            return answer(&url, response).await;
        }
        (url, headers) = self.put_on(check, url, headers).await?;
        let sent = headers.get(AUTHORIZATION).cloned();
        let response = self.send(check, &url, headers.clone()).await?;
        let challenged = (response.status() == StatusCode::UNAUTHORIZED).then_some(&response);
        let method = method(check);
        let asked = (&method, &url, &url[Position::BeforePath..Position::AfterQuery]);
        match challenged.and_then(|r| self.stamp.answer(asked, sent.as_ref(), r.headers())) {
            Some(Ok(value)) => {
                headers.insert(AUTHORIZATION, value);
                answer(&url, self.send(check, &url, headers).await?).await
            }
            _ => answer(&url, response).await,
        }
    }

    /// The check's request with the session on it.
    async fn put_on(
        &self,
        check: &Check,
        url: Url,
        mut headers: HeaderMap,
    ) -> Result<(Url, HeaderMap), Error> {
        let method = method(check);
        let stamped = self.stamp.put_on(&method, &url, &mut headers);
        let Some(script) = self.script.as_ref().filter(|_| stamped == Stamped::Script) else {
            return Ok((url, headers));
        };
        let mut message = Message::request(method, url);
        message.headers = headers;
        script.put_on(&mut message).await?;
        Ok((message.url, message.headers))
    }

    async fn send(&self, check: &Check, url: &Url, headers: HeaderMap) -> Result<Response<Body>, Error> {
        let mut request = Request::builder().method(check.method.as_str()).uri(url.as_str());
        if let Some(all) = request.headers_mut() {
            all.extend(headers);
        }
        let body = check.body.as_ref().map_or_else(proxy::empty, |text| proxy::full(text.clone()));
        let request = request.body(body).map_err(|_| broken(url))?;
        Ok(self.client.send(request).await?)
    }
}

fn method(check: &Check) -> Method {
    check.method.parse().unwrap_or(Method::GET)
}

fn broken(url: &Url) -> Error {
    Error::Broken { host: url.host_str().unwrap_or_default().to_owned() }
}

async fn answer(url: &Url, response: Response<Body>) -> Result<Answer, Error> {
    let location = response.headers().get(LOCATION).and_then(|l| l.to_str().ok());
    let location = location.and_then(|l| url.join(l).ok()).map(|l| l[..Position::AfterPath].to_owned());
    let status = response.status().as_u16();
    let head = head_text(status, &header_texts(response.headers()));
    let body = proxy::read(response.into_body(), MAX_BODY).await.map_err(|_| broken(url))?;
    Ok(Answer { status, location, body: String::from_utf8_lossy(&body).into_owned(), head })
}

/// The most of a body that is compared, in bytes.
const MAX_BODY: usize = 1 << 20;
