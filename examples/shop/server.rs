//! Serves the page, its files and the API over HTTP/1.1.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, COOKIE};
use hyper::http::HeaderMap;
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::args::Options;
use crate::assets;
use crate::journal::{Entry, Journal};
use crate::reply::{Call, Reply};
use crate::shop::Shop;
use crate::table;

/// The shop behind a socket.
#[derive(Debug)]
pub(crate) struct Server {
    shop: Mutex<Shop>,
    journal: Journal,
    page: String,
    refresh: bool,
}

/// Accepts connections until `stop` resolves.
pub(crate) async fn run(listener: TcpListener, server: Arc<Server>, stop: impl Future<Output = ()>) {
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            Ok((stream, _)) = listener.accept() => {
                let server = Arc::clone(&server);
                let service = service_fn(move |request| {
                    let server = Arc::clone(&server);
                    async move { Ok::<_, Infallible>(server.answer(request).await) }
                });
                let http = hyper::server::conn::http1::Builder::new();
                connections.spawn(http.serve_connection(TokioIo::new(stream), service));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

impl Server {
    /// A shop with its journal; fails when that cannot be written.
    pub(crate) fn new(options: &Options) -> std::io::Result<Self> {
        Ok(Self {
            shop: Mutex::new(Shop::new(options.token_lifetime, options.refresh)),
            journal: Journal::open(options.log.as_deref())?,
            page: assets::page(options.refresh),
            refresh: options.refresh,
        })
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let body = match Limited::new(body, LARGEST_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => Bytes::new(),
        };
        let path = parts.uri.path();
        let mut entry = Entry::new(parts.method.as_str(), path);
        let response = match (parts.method.as_str(), self.file(path)) {
            ("GET" | "HEAD", Some((kind, text))) => {
                self.identify(&parts.headers, &mut entry);
                respond(StatusCode::OK, kind, Bytes::from(text))
            }
            _ => json(&self.call(&parts, &body, &mut entry)),
        };
        entry.status = response.status().as_u16();
        self.with_shop(|shop| self.journal.write(&entry, shop));
        response
    }

    /// A file that is served as it is, with its content type.
    fn file(&self, path: &str) -> Option<(&'static str, String)> {
        if path == "/" {
            return Some(("text/html; charset=utf-8", self.page.clone()));
        }
        assets::find(path).map(|(kind, text)| (kind, text.to_owned()))
    }

    /// Answers a call of the API.
    fn call(&self, parts: &Parts, body: &Bytes, entry: &mut Entry) -> Reply {
        let (token, cookie) = self.identify(&parts.headers, entry);
        let Some((route, parameters)) = table::find(parts.method.as_str(), parts.uri.path(), self.refresh)
        else {
            return Reply::error(404, "No such page.");
        };
        entry.template = Some(route.template);
        let parameters = parameters.iter().map(|parameter| decode(parameter)).collect();
        let query = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        // As in many a shop, only the answer to "who am I" goes by the cookie as well as by the header.
        let token = token.or_else(|| cookie.filter(|_| route.template == WHOAMI));
        self.with_shop(|shop| {
            let user = token.as_deref().and_then(|token| shop.user_of(token));
            entry.authenticated = user.as_ref().map(|user| user.email.clone());
            let call = Call {
                parameters,
                query: query.into_owned().collect(),
                body: serde_json::from_slice(body).unwrap_or(Value::Null),
                user,
                token,
            };
            route.answer(shop, &call)
        })
    }

    /// The tokens of header and cookie; notes in the journal what they are worth.
    fn identify(&self, headers: &HeaderMap, entry: &mut Entry) -> (Option<String>, Option<String>) {
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let bearer = header.and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned);
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let cookie = pairs.find(|(name, _)| *name == "token").map(|(_, value)| value.to_owned());
        self.with_shop(|shop| {
            entry.has_authorization = header.is_some();
            entry.header_token_valid = bearer.as_deref().is_some_and(|token| shop.user_of(token).is_some());
            entry.cookie_token_valid = cookie.as_deref().is_some_and(|token| shop.user_of(token).is_some());
        });
        (bearer, cookie)
    }

    fn with_shop<T>(&self, act: impl FnOnce(&mut Shop) -> T) -> T {
        act(&mut self.shop.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn json(reply: &Reply) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    respond(status, "application/json; charset=utf-8", Bytes::from(reply.body.to_string()))
}

fn respond(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, hyper::header::HeaderValue::from_static("no-store"));
    response
}

/// Undoes the percent-encoding of one path segment.
fn decode(segment: &str) -> String {
    let pair = format!("segment={}", segment.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes()).map(|(_, value)| value.into_owned()).collect()
}

/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 64 * 1024;
const WHOAMI: &str = "/rest/user/whoami";
