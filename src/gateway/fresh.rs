//! A browser that was opened and that nobody has yet.

use http::{Method, Request, header::CONTENT_LENGTH, header::HeaderMap, request, response};
use serde_json::{Map, Value, json};
use tokio_util::task::TaskTracker;
use url::Url;

use super::{
    error::Error,
    forward::{cleaned, send},
    house::delete,
};
use crate::{
    browser::Driver,
    proxy::{Client, below, full, read},
};

/// A real session. Dropped before its client has it, it is ended in the background.
#[derive(Debug)]
pub(super) struct Fresh {
    pub(super) id: String,
    pub(super) base: Url,
    /// The answer of the driver: its head, its body, and what that says.
    pub(super) head: response::Parts,
    pub(super) bytes: bytes::Bytes,
    pub(super) answer: Value,
    driver: Option<Driver>,
    end: Option<(Client, TaskTracker)>,
}

/// Opens browsers at one driver.
#[derive(Clone, Debug)]
pub(super) struct Opener {
    pub(super) client: Client,
    pub(super) tasks: TaskTracker,
    pub(super) base: Url,
}

/// What a driver said in the place of a browser.
#[derive(Debug)]
pub(super) struct Declined {
    pub(super) head: response::Parts,
    pub(super) bytes: bytes::Bytes,
}

impl Opener {
    /// Sends a new-session command, with what else the client's own said.
    pub(super) async fn open(
        self,
        client_head: request::Parts,
        candidates: Vec<Map<String, Value>>,
    ) -> Result<Result<Fresh, Declined>, Error> {
        let body = json!({ "capabilities": { "alwaysMatch": {}, "firstMatch": candidates } }).to_string();
        let mut head = cleaned(client_head);
        head.method = Method::POST;
        head.uri = below(&self.base, "/session").ok_or(Error::Protocol)?;
        head.headers.insert(CONTENT_LENGTH, body.len().into());
        let sent = send(&self.client, Request::from_parts(head, full(body))).await;
        let response = sent.map_err(|reason| Error::Unreachable { reason })?;
        let (head, body) = response.into_parts();
        let broken = |error: crate::proxy::BoxError| Error::Unreachable { reason: error.to_string() };
        let bytes = read(body, ANSWER_LIMIT).await.map_err(broken)?;
        if !head.status.is_success() {
            return Ok(Err(Declined { head, bytes }));
        }
        let answer: Value = serde_json::from_slice(&bytes).map_err(|_| Error::Protocol)?;
        let id = answer["value"]["sessionId"].as_str().ok_or(Error::Protocol)?.to_owned();
        let end = Some((self.client, self.tasks));
        Ok(Ok(Fresh { id, base: self.base, head, bytes, answer, driver: None, end }))
    }
}

impl Fresh {
    /// Lets the driver end with the browser, which then needs no other end.
    pub(super) fn with_driver(mut self, driver: Option<Driver>) -> Self {
        self.driver = driver;
        self
    }

    /// The capabilities that were granted.
    pub(super) fn capabilities(&self) -> &Value {
        &self.answer["value"]["capabilities"]
    }

    /// Somebody else ends it from now on.
    pub(super) fn keep(mut self) -> Option<Driver> {
        self.end = None;
        self.driver.take()
    }

    /// The head of the driver's answer, for a body of another length.
    pub(super) fn headers(&self) -> HeaderMap {
        self.head.headers.clone()
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let Some((client, tasks)) = self.end.take() else { return };
        if let Some(driver) = self.driver.take() {
            tasks.spawn_blocking(move || drop(driver));
        } else {
            let (base, id) = (self.base.clone(), std::mem::take(&mut self.id));
            tasks.spawn(async move { delete(&client, &base, &id).await });
        }
    }
}

impl Declined {
    /// The error code of the standard; nothing where the answer is none of its kind.
    pub(super) fn code(&self) -> Option<String> {
        let answer: Value = serde_json::from_slice(&self.bytes).ok()?;
        answer["value"]["error"].as_str().map(str::to_owned)
    }
}

/// Answers may hold whole extensions.
const ANSWER_LIMIT: usize = 64 * 1024 * 1024;
