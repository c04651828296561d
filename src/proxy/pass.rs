//! Passes one exchange through: handler, server, handler, client.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, EXPECT, HOST, HeaderValue, PROXY_AUTHORIZATION};
use hyper::http::response;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode, Version};
use tracing::{Instrument as _, debug, debug_span};

use super::address::{Address, Unfit};
use super::answer::{failure, page};
use super::body::{Body, boxed, empty, fit_length};
use super::ending::Ending;
use super::exchange::{Exchange, Quiet};
use super::expectation::Expectation;
use super::extended::{from_handshake, is_extended, to_handshake, unknown};
use super::handler::{Handler, Next};
use super::headers::{join_cookies, put_upgrade, smuggling, strip_hop, wanted_upgrade};
use super::line::{Core, Line};
use super::upgrade;

/// Answers one request that opens no tunnel.
pub(super) async fn answer<H: Handler>(
    core: &Arc<Core<H>>,
    line: &Line,
    mut request: Request<Incoming>,
) -> Response<Body> {
    if !is_extended(&request) {
        let protocol = wanted_upgrade(request.headers());
        return answer_as(core, line, request, protocol).await;
    }
    match to_handshake(&mut request) {
        Some(protocol) => from_handshake(answer_as(core, line, request, Some(protocol)).await),
        None => unknown(),
    }
}

async fn answer_as<H: Handler>(
    core: &Arc<Core<H>>,
    line: &Line,
    mut request: Request<Incoming>,
    protocol: Option<HeaderValue>,
) -> Response<Body> {
    if let Some(reason) = smuggling(request.headers()) {
        return refusal(reason);
    }
    let address = match Address::of(line, &request) {
        Ok(address) => address,
        Err(Unfit::LeadsOut) => return refusal(LEADS_OUT),
        Err(Unfit::NamesNone) => return page(StatusCode::BAD_REQUEST, "not-proxied", PROXY_ITSELF),
    };
    let client = protocol.is_some().then(|| hyper::upgrade::on(&mut request));
    let exchange = Arc::new(exchange(core, line, &request, &address, protocol.is_some()));
    let span =
        debug_span!("exchange", id = exchange.id, method = %exchange.method, url = %Quiet(&exchange.url));
    let request = cleaned(request, address, protocol);
    through(core, exchange, request, client).instrument(span).await
}

/// Says why a request is not passed on, and leaves the connection, on which more of the kind may wait.
fn refusal(reason: &str) -> Response<Body> {
    let mut response =
        page(StatusCode::BAD_REQUEST, "smuggling", &format!("the request is refused: {reason}"));
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

fn exchange<H>(
    core: &Core<H>,
    line: &Line,
    request: &Request<Incoming>,
    address: &Address,
    upgrade: bool,
) -> Exchange {
    let of_tunnel = || line.tunnel.as_ref().and_then(|inside| inside.tunnel.credentials.clone());
    let mut credentials = request.headers().get(PROXY_AUTHORIZATION).cloned().or_else(of_tunnel);
    if let Some(value) = &mut credentials {
        value.set_sensitive(true);
    }
    let (method, url) = (request.method().clone(), address.url.clone());
    Exchange { id: core.next_id(), method, url, client: line.client, upgrade, credentials }
}

fn cleaned(request: Request<Incoming>, address: Address, protocol: Option<HeaderValue>) -> Request<Body> {
    let (mut head, body) = request.into_parts();
    strip_hop(&mut head.headers);
    join_cookies(&mut head.headers);
    let expectation = Expectation::of(&head);
    if expectation.is_none() {
        head.headers.remove(EXPECT);
    }
    if let Some(protocol) = protocol {
        put_upgrade(&mut head.headers, protocol);
    }
    let host = address.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
    if let Some(host) = host {
        head.headers.insert(HOST, host);
    }
    head.uri = address.uri;
    head.version = Version::HTTP_11;
    let Some(expectation) = expectation else { return Request::from_parts(head, boxed(body)) };
    let mut request = Request::from_parts(head, expectation.hold(boxed(body)));
    expectation.listen(&mut request);
    request
}

async fn through<H: Handler>(
    core: &Arc<Core<H>>,
    exchange: Arc<Exchange>,
    request: Request<Body>,
    client: Option<OnUpgrade>,
) -> Response<Body> {
    let ending = Ending::new(Arc::clone(&core.handler), Arc::clone(&exchange));
    let request = match core.handler.request(&exchange, request).await {
        Next::Forward(request) => fitted(request),
        Next::Answer(response) => return deliver(&exchange, ending, response),
    };
    let expectation = request.extensions().get::<Expectation>().cloned();
    let mut response = match core.client.send(request).await {
        Ok(response) => response,
        Err(error) => {
            debug!(word = error.word(), "exchange failed");
            ending.finish(Err(error.report()));
            return failure(&error);
        }
    };
    debug!(status = response.status().as_u16(), "answered");
    let server =
        (response.status() == StatusCode::SWITCHING_PROTOCOLS).then(|| upgrade::Server::of(&mut response));
    strip_hop(response.headers_mut());
    if let Some(expectation) = expectation {
        response = expectation.answered(response);
    }
    let response = core.handler.response(&exchange, response).await;
    match (client, server) {
        _ if response.status() != StatusCode::SWITCHING_PROTOCOLS => deliver(&exchange, ending, response),
        (Some(client), Some(server)) => upgrade::accept(&core.crew, client, server, response, ending),
        _ => {
            ending.finish(Err(UNASKED.to_owned()));
            page(StatusCode::BAD_GATEWAY, "broken-off", UNASKED)
        }
    }
}

fn fitted(request: Request<Body>) -> Request<Body> {
    let (mut head, body) = request.into_parts();
    fit_length(&mut head.headers, &body);
    if head.extensions.get::<Expectation>().is_none() {
        // A handler's own body does not wait.
        head.headers.remove(EXPECT);
    }
    Request::from_parts(head, body)
}

fn deliver<H: Handler>(exchange: &Exchange, ending: Ending<H>, response: Response<Body>) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    if has_no_body(exchange, &head) {
        drop(body);
        ending.finish(Ok(()));
        return Response::from_parts(head, empty());
    }
    fit_length(&mut head.headers, &body);
    Response::from_parts(head, ending.watch(body))
}

/// See RFC 9110, 6.4.1.
fn has_no_body(exchange: &Exchange, head: &response::Parts) -> bool {
    exchange.method == Method::HEAD
        || head.status.is_informational()
        || matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

const PROXY_ITSELF: &str = "this is a proxy\nhint: set it as the HTTP and HTTPS proxy of a browser or a tool";
const LEADS_OUT: &str = "its whole URL names another place than the tunnel that it came through";
const UNASKED: &str = "a change of protocol was answered that nobody had asked for";
