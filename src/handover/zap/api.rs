//! Calls ZAP's JSON API.

use std::time::Duration;

use http::{Request, header};
use serde_json::Value;
use tokio::time;
use url::{Url, form_urlencoded};

use super::Error;
use crate::{
    proxy::{self, Client, full},
    session::Secret,
};

/// The API of one ZAP.
///
/// Each call is a POST with a form, and the key goes in a header: no address ever holds a secret.
#[derive(Debug, Clone)]
pub struct Api {
    client: Client,
    base: Url,
    key: Option<Secret>,
    limit: Duration,
}

impl Api {
    /// The API that listens at `base`, each of whose answers may take as long as `limit`.
    #[must_use]
    pub fn new(client: Client, base: Url, key: Option<Secret>, limit: Duration) -> Self {
        Self { client, base, key, limit }
    }

    /// Where it listens, without a path.
    #[must_use]
    pub fn address(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// Makes a call, such as `context/action/newContext`.
    pub(super) async fn call(&self, call: &str, form: &[(&str, &str)]) -> Result<Value, Error> {
        let answer = time::timeout(self.limit, self.answer(call, form)).await;
        answer.map_err(|_| Error::Slow {
            url: self.address(),
            call: call.to_owned(),
            seconds: self.limit.as_secs(),
        })?
    }

    /// Makes a call, and gives nothing where it is refused with one of these codes.
    pub(super) async fn find(
        &self,
        call: &str,
        form: &[(&str, &str)],
        absent: &[&str],
    ) -> Result<Option<Value>, Error> {
        match self.call(call, form).await {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.code().is_some_and(|code| absent.contains(&code)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn answer(&self, call: &str, form: &[(&str, &str)]) -> Result<Value, Error> {
        let not_zap = || Error::NotZap { url: self.address() };
        let response =
            self.client.send(self.request(call, form)).await.map_err(|error| self.failed(error))?;
        let status = response.status();
        let body = proxy::read(response.into_body(), LONGEST)
            .await
            .map_err(|_| Error::Unanswered { url: self.address() })?;
        let value: Value = serde_json::from_slice(&body).map_err(|_| not_zap())?;
        match value["code"].as_str() {
            Some(code) if !status.is_success() => {
                Err(Error::Refused { call: call.to_owned(), code: plain(code) })
            }
            _ if status.is_success() => Ok(value),
            _ => Err(not_zap()),
        }
    }

    fn request(&self, call: &str, form: &[(&str, &str)]) -> Request<proxy::Body> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = Request::new(full(body));
        *request.method_mut() = http::Method::POST;
        let address = self.base.join(&format!("/JSON/{call}/")).unwrap_or_else(|_| self.base.clone());
        *request.uri_mut() = address.as_str().parse().unwrap_or_default();
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(FORM));
        // ZAP ends connections after an answer without saying so.
        headers.insert(header::CONNECTION, header::HeaderValue::from_static("close"));
        let key = self.key.as_ref().and_then(|key| header::HeaderValue::from_str(key.expose()).ok());
        if let Some(mut key) = key {
            key.set_sensitive(true);
            headers.insert("x-zap-api-key", key);
        }
        request
    }

    fn failed(&self, error: proxy::Error) -> Error {
        match error {
            proxy::Error::Broken { .. } => Error::Unanswered { url: self.address() },
            source => Error::Unreachable { url: self.address(), source },
        }
    }
}

/// The code as far as it is a word: what stands in messages must not be made up by whoever answers.
fn plain(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect()
}

/// ZAP compares the whole header.
const FORM: &str = "application/x-www-form-urlencoded";

/// No answer that is read here is longer, in bytes.
const LONGEST: usize = 8 << 20;
