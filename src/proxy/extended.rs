//! WebSockets that a client opens inside HTTP/2, as browsers do where they may. See RFC 8441.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::ext::Protocol;
use hyper::header::{
    CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::{Method, Request, Response, StatusCode};

use super::answer::page;
use super::body::{Body, empty};

/// Whether a request is an extended CONNECT, which asks for a protocol inside its stream.
pub(super) fn is_extended<B>(request: &Request<B>) -> bool {
    request.method() == Method::CONNECT && request.extensions().get::<Protocol>().is_some()
}

/// Turns it into the handshake that HTTP/1.1 knows, which is what servers are asked with, and returns the
/// protocol that it asks for.
pub(super) fn to_handshake<B>(request: &mut Request<B>) -> Option<HeaderValue> {
    let protocol = request.extensions_mut().remove::<Protocol>()?;
    if protocol.as_str() != "websocket" {
        return None;
    }
    *request.method_mut() = Method::GET;
    let key = STANDARD.encode(rand::random::<[u8; 16]>());
    let headers = request.headers_mut();
    headers.insert(SEC_WEBSOCKET_KEY, HeaderValue::from_str(&key).ok()?);
    headers.entry(SEC_WEBSOCKET_VERSION).or_insert(HeaderValue::from_static("13"));
    Some(HeaderValue::from_static("websocket"))
}

/// Turns the answer to such a handshake into one for the client.
pub(super) fn from_handshake(response: Response<Body>) -> Response<Body> {
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let (mut head, _) = response.into_parts();
        head.status = StatusCode::OK;
        for name in [CONNECTION, UPGRADE, SEC_WEBSOCKET_ACCEPT] {
            head.headers.remove(name);
        }
        return Response::from_parts(head, empty());
    }
    // In HTTP/2 any success would grant the wish.
    if response.status().is_success() {
        return page(StatusCode::BAD_GATEWAY, "broken-off", NOT_GRANTED);
    }
    response
}

/// The answer to a protocol that cannot be spoken with servers.
pub(super) fn unknown() -> Response<Body> {
    page(StatusCode::NOT_IMPLEMENTED, "bad-connect", "only WebSockets are spoken inside HTTP/2")
}

const NOT_GRANTED: &str = "the server answered the handshake of a WebSocket with a page";
