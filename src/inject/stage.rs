//! The proxy in front of a browser that has neither BiDi nor CDP: it answers, adds and records in their place.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use http::{
    HeaderMap, HeaderValue, Request, Response, StatusCode,
    header::{
        ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
        WWW_AUTHENTICATE,
    },
};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::{CancellationToken, DropGuard};

use url::{Host, Url};

use super::{document::with_tag, error::Error};
use crate::{
    browser::{self, Asked, Backstage, Browser, Kind, Launch, MAX_BODY, header_texts, is_text},
    proxy::{
        Authority, Body, Client, ClientSettings, Exchange, Handler, Next, Server, Trust, empty, full, page,
        read, tee,
    },
};

/// A running proxy in front of one browser; it ends with this value.
#[derive(Debug)]
struct Stage {
    address: SocketAddr,
    _stop: DropGuard,
    _task: JoinSet<()>,
}

/// Opens a browser; one that lacks BiDi and CDP gets a proxy of its own, which does what it can in their place.
///
/// `client` reaches servers where the launch names no proxy.
///
/// # Errors
/// When the browser does not open, or no port is left for its proxy.
pub async fn open(launch: &Launch, client: Option<Client>) -> Result<Browser, Error> {
    if launch.kind != Kind::WebKit {
        return Browser::launch(launch).await.map_err(|source| Error::Closed { source });
    }
    if launch.webdriver.as_ref().is_some_and(|driver| !is_here(driver)) {
        let reason = "its driver is on another machine, and the proxy listens on loopback".into();
        return Err(Error::NoStage { reason });
    }
    let backstage = Backstage::default();
    let stage = Stage::start(backstage.clone(), reaching(launch, client)?).await?;
    // The browser trusts the proxy whatever it signs; the proxy checks the target's certificate.
    let launch = Launch {
        proxy: Some(stage.address),
        proxy_host: None,
        insecure: true,
        backstage: Some(backstage),
        ..launch.clone()
    };
    let mut browser = Browser::launch(&launch).await.map_err(|source| Error::Closed { source })?;
    browser.keep(stage);
    Ok(browser)
}

fn is_here(driver: &Url) -> bool {
    match driver.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// What the proxy reaches servers with: through the next proxy where there is one, which then checks their certificates.
fn reaching(launch: &Launch, client: Option<Client>) -> Result<Client, Error> {
    let client = match (launch.proxy, client) {
        (Some(next), _) => Client::with(ClientSettings {
            trust: Trust::Anything,
            upstream: Some(
                format!("http://{next}").parse().map_err(|_| Error::NoStage { reason: "no proxy".into() })?,
            ),
            ..ClientSettings::default()
        }),
        (None, Some(client)) => return Ok(client),
        (None, None) => Client::new(if launch.insecure { &Trust::Anything } else { &Trust::System }),
    };
    client.map_err(|e| Error::NoStage { reason: e.to_string() })
}

impl Stage {
    async fn start(backstage: Backstage, client: Client) -> Result<Self, Error> {
        let no_stage = |e: std::io::Error| Error::NoStage { reason: e.to_string() };
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(no_stage)?;
        let address = listener.local_addr().map_err(no_stage)?;
        let authority = Authority::ephemeral().map_err(|e| Error::NoStage { reason: e.to_string() })?;
        let (server, stop) = (Server::new(authority, client), CancellationToken::new());
        let hand = Arc::new(Hand { backstage, documents: Mutex::default() });
        let stopped = stop.clone().cancelled_owned();
        let mut task = JoinSet::new();
        task.spawn(async move { server.run(listener, hand, stopped).await });
        Ok(Self { address, _stop: stop.drop_guard(), _task: task })
    }
}

/// What the proxy does with each exchange.
struct Hand {
    backstage: Backstage,
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
            None => {}
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
            Some(tag) => tagged(response, &tag, self.backstage.nonce()).await,
            None => response,
        }
    }

    fn end(&self, exchange: &Exchange, outcome: Result<(), String>) {
        self.documents().remove(&exchange.id);
        if let Some(traffic) = self.backstage.traffic() {
            traffic.end(&exchange.id.to_string(), |x| x.failure = outcome.err());
        }
    }
}

impl Hand {
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
async fn tagged(response: Response<Body>, tag: &str, nonce: &str) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    let Ok(text) = read(body, LIMIT).await else {
        return page(StatusCode::BAD_GATEWAY, "broken-off", "the document broke off, or is too large");
    };
    head.headers.remove(CONTENT_LENGTH);
    let policies: Vec<_> = head.headers.get_all(CONTENT_SECURITY_POLICY).iter().cloned().collect();
    head.headers.remove(CONTENT_SECURITY_POLICY);
    for policy in policies {
        let allowing = policy.to_str().ok().and_then(|p| super::document::allowing(p, nonce).parse().ok());
        head.headers.append(CONTENT_SECURITY_POLICY, allowing.unwrap_or(policy));
    }
    Response::from_parts(head, full(with_tag(&text, tag)))
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
