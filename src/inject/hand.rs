//! What the proxy in front of a browser that has neither BiDi nor CDP does with each exchange.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use http::{
    HeaderMap, HeaderValue, Request, Response, StatusCode,
    header::{
        ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
        WWW_AUTHENTICATE,
    },
};
use url::Url;

use super::{document, prompter::Prompter};
use crate::{
    browser::{self, Asked, Backstage, MAX_BODY, header_texts, is_text},
    proxy::{Body, Client, Exchange, Handler, Next, empty, full, page, read, tee},
};

/// Answers, adds and records what a browser cannot do by itself.
pub(super) struct Hand {
    backstage: Backstage,
    prompter: Prompter,
    /// The exchanges under way that ask for a document.
    documents: Mutex<HashSet<u64>>,
}

impl Handler for Hand {
    async fn request(&self, exchange: &Exchange, mut request: Request<Body>) -> Next {
        match self.backstage.asked(&exchange.url) {
            Some(Asked::Page) => return Next::Answer(answer("text/html; charset=utf-8", EMPTY_PAGE.into())),
            Some(Asked::Scripts) => {
                return Next::Answer(answer("text/javascript; charset=utf-8", self.backstage.scripts()));
            }
            Some(asked) => {
                let text = read(request.into_body(), LIMIT).await.unwrap_or_default();
                self.backstage.reported(asked, String::from_utf8_lossy(&text).into_owned());
                return Next::Answer(answer("text/plain", String::new()));
            }
            None => {}
        }
        if let Some(challenges) = self.backstage.challenges() {
            request = self.prompter.put_on(&challenges, exchange, request);
        }
        let kind = kind(exchange, request.headers());
        if kind == DOCUMENT {
            self.documents().insert(exchange.id);
        }
        let Some(traffic) = self.backstage.traffic() else {
            return Next::Forward(plain(request, kind));
        };
        let id = exchange.id.to_string();
        traffic.begin(
            &id,
            browser::Exchange {
                method: exchange.method.to_string(),
                url: exchange.url.to_string(),
                kind: kind.to_owned(),
                request_headers: header_texts(request.headers()),
                ..browser::Exchange::default()
            },
        );
        if !exchange.upgrade {
            // Compressed bodies could not be read.
            request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            request = request.map(|body| {
                tee(body, LIMIT, move |copy| {
                    traffic.change(&id, |x| x.request_body = String::from_utf8(copy.bytes.to_vec()).ok());
                })
            });
        }
        Next::Forward(request)
    }

    async fn response(&self, exchange: &Exchange, mut response: Response<Body>) -> Response<Body> {
        if let Some(challenges) = self.backstage.challenges() {
            response = self.prompter.answered(&challenges, exchange, response).await;
        }
        if let Some(traffic) = self.backstage.traffic() {
            let (id, headers) = (exchange.id.to_string(), response.headers().clone());
            traffic.change(&id, |x| {
                x.status = Some(response.status().as_u16());
                x.response_headers = header_texts(&headers);
            });
            if is_text(&content_type(&headers)) && !exchange.upgrade {
                response = response.map(|body| {
                    tee(body, LIMIT, move |copy| {
                        traffic.change(&id, |x| {
                            x.response_body = Some(String::from_utf8_lossy(&copy.bytes).into_owned());
                        });
                    })
                });
            }
        }
        // The browser would put up a dialog, and the page would stand still.
        response.headers_mut().remove(WWW_AUTHENTICATE);
        let is_document = self.documents().contains(&exchange.id);
        let is_shown = is_document && content_type(response.headers()).contains("text/html");
        if !is_shown || exchange.upgrade {
            return response;
        }
        self.backstage.shown(&exchange.url);
        match self.backstage.tag() {
            Some(tag) => {
                let report = self.backstage.report_path().and_then(|path| exchange.url.join(&path).ok());
                tagged(response, &tag, (self.backstage.nonce(), report.as_ref())).await
            }
            None => response,
        }
    }

    fn end(&self, exchange: &Exchange, outcome: Result<(), String>) {
        self.documents().remove(&exchange.id);
        self.prompter.forget(exchange);
        if let Some(traffic) = self.backstage.traffic() {
            traffic.end(&exchange.id.to_string(), |x| x.failure = outcome.err());
        }
    }
}

impl Hand {
    pub(super) fn new(backstage: Backstage, client: Client) -> Self {
        Self { backstage, prompter: Prompter::new(client), documents: Mutex::default() }
    }

    fn documents(&self) -> std::sync::MutexGuard<'_, HashSet<u64>> {
        self.documents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A document that has to be added to must come as it is.
fn plain(mut request: Request<Body>, kind: &str) -> Request<Body> {
    if kind == DOCUMENT {
        request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
    request
}

/// Puts the tag at the beginning of a document, and lets its policy allow that.
async fn tagged(response: Response<Body>, tag: &str, allowed: (&str, Option<&Url>)) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    let Ok(text) = read(body, LIMIT).await else {
        return page(StatusCode::BAD_GATEWAY, "broken-off", "the document broke off, or is too large");
    };
    head.headers.remove(CONTENT_LENGTH);
    let policies: Vec<_> = head.headers.get_all(CONTENT_SECURITY_POLICY).iter().cloned().collect();
    head.headers.remove(CONTENT_SECURITY_POLICY);
    for policy in policies {
        let allowing = policy.to_str().ok().and_then(|p| document::allowing(p, allowed).parse().ok());
        head.headers.append(CONTENT_SECURITY_POLICY, allowing.unwrap_or(policy));
    }
    Response::from_parts(head, full(document::with_tag(&text, tag)))
}

fn answer(kind: &'static str, text: String) -> Response<Body> {
    let mut response = Response::new(if text.is_empty() { empty() } else { full(text) });
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn content_type(headers: &HeaderMap) -> String {
    headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_ascii_lowercase()
}

/// What asks for it, in CDP's words. Browsers tell only servers that they trust; the rest is told by what is accepted.
fn kind(exchange: &Exchange, headers: &HeaderMap) -> &'static str {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let is_script = [".js", ".mjs"].iter().any(|end| exchange.url.path().ends_with(end));
    match header("sec-fetch-dest") {
        _ if exchange.upgrade => "WebSocket",
        "document" | "iframe" | "frame" => DOCUMENT,
        "script" => "Script",
        "style" => "Stylesheet",
        "image" => "Image",
        "" if header(ACCEPT.as_str()).starts_with("text/html") => DOCUMENT,
        "" if header(ACCEPT.as_str()).contains("text/css") => "Stylesheet",
        "" if header(ACCEPT.as_str()).starts_with("image/") => "Image",
        "" if is_script => "Script",
        "empty" | "" => "Fetch",
        _ => "Other",
    }
}

const DOCUMENT: &str = "Document";
const EMPTY_PAGE: &str = "<!doctype html><html><head></head><body></body></html>";
#[expect(clippy::cast_possible_truncation, reason = "a few million fit")]
const LIMIT: usize = MAX_BODY as usize * 4;
