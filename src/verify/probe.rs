//! Asks the application, as the session's user or as a stranger.

use std::sync::Arc;

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode,
    header::{AUTHORIZATION, LOCATION, USER_AGENT},
};
use url::{Position, Url};

use super::{
    answer::{Answer, head_text, header_texts},
    error::Error,
};
use crate::{
    inject::{HttpAuth, Mode, Scripted, Stamp, Stamped},
    proxy::{self, Body, Client},
    script::Message,
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
    script: Option<Arc<Scripted>>,
    agent: Option<String>,
}

impl Probe {
    /// A probe for a session; its requests go to the session's own origins only.
    #[must_use]
    pub fn new(client: Client, state: &State) -> Self {
        let stamp = Stamp::new(Shared::new(state.clone()), state.reach(), Mode::Force);
        Self { client, stamp, script: None, agent: state.user_agent.clone() }
    }

    /// Gives the credentials that a session of HTTP authentication needs.
    #[must_use]
    pub fn with_auth(mut self, auth: Option<Arc<HttpAuth>>) -> Self {
        self.stamp = self.stamp.with_auth(auth);
        self
    }

    /// Gives the script that a session needs which is carried by one.
    #[must_use]
    pub fn with_script(mut self, script: Option<Arc<Scripted>>) -> Self {
        self.script = script;
        self
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
            indicator: crate::session::Indicator::Page,
            evidence: String::new(),
        };
        let answer = self.ask(&check, Who::User).await?;
        let is_denied = matches!(answer.status, 401 | 403);
        Ok(is_denied.then(|| format!("GET {}: {}", url.path(), answer.status)))
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
            let stamped = self.stamp.put_on(&method_of(check), &check.url, &mut headers);
            if let (Stamped::Script, Some(script)) = (stamped, &self.script) {
                let mut message = Message::request(method_of(check), check.url.clone());
                message.headers = headers;
                script.put_on(&mut message).await?;
                headers = message.headers;
            }
        }
        let mut response = self.send(check, headers.clone()).await?;
        let again = match response.status() {
            StatusCode::UNAUTHORIZED if who == Who::User => {
                self.authorization(check, &headers, response.headers())
            }
            _ => None,
        };
        if let Some(value) = again {
            headers.insert(AUTHORIZATION, value);
            response = self.send(check, headers).await?;
        }
        answer_of(check, response).await
    }

    /// What a server asks to be sent again with.
    fn authorization(&self, check: &Check, sent: &HeaderMap, response: &HeaderMap) -> Option<HeaderValue> {
        let method = method_of(check);
        let target = &check.url[Position::BeforePath..Position::AfterQuery];
        let answer = self.stamp.answer((&method, &check.url, target), sent.get(AUTHORIZATION), response)?;
        answer.inspect_err(|why| tracing::warn!("{why}")).ok()
    }

    async fn send(&self, check: &Check, headers: HeaderMap) -> Result<Response<Body>, Error> {
        let mut url = check.url.clone();
        url.set_fragment(None);
        let mut request = Request::builder().method(check.method.as_str()).uri(url.as_str());
        if let Some(all) = request.headers_mut() {
            all.extend(headers);
        }
        let body = check.body.as_ref().map_or_else(proxy::empty, |text| proxy::full(text.clone()));
        let request = request.body(body).map_err(|_| broken(check))?;
        Ok(self.client.send(request).await?)
    }
}

async fn answer_of(check: &Check, response: Response<Body>) -> Result<Answer, Error> {
    let url = &check.url;
    let location = response.headers().get(LOCATION).and_then(|l| l.to_str().ok());
    let location = location.and_then(|l| url.join(l).ok()).map(|l| l[..Position::AfterPath].to_owned());
    let status = response.status().as_u16();
    let head = head_text(status, &header_texts(response.headers()));
    let body = proxy::read(response.into_body(), MAX_BODY).await.map_err(|_| broken(check))?;
    Ok(Answer { status, location, body: String::from_utf8_lossy(&body).into_owned(), head })
}

fn method_of(check: &Check) -> Method {
    Method::from_bytes(check.method.as_bytes()).unwrap_or_default()
}

fn broken(check: &Check) -> Error {
    Error::Broken { host: check.url.host_str().unwrap_or_default().to_owned() }
}

/// The most of a body that is compared, in bytes.
const MAX_BODY: usize = 1 << 20;
