//! A client's request as it goes on to a driver.

use http::{
    HeaderMap, Request, Response,
    header::{CONNECTION, EXPECT, ORIGIN, TRANSFER_ENCODING, UPGRADE},
    request,
};

use crate::proxy::{Body, Client, ERROR_HEADER, Error, read};

/// Sends a request to a driver. What a way to it says itself is an error, as if there were nothing in between.
///
/// Fails with what happened, for the client.
pub(super) async fn send(client: &Client, request: Request<Body>) -> Result<Response<Body>, String> {
    let response = client.send(request).await.map_err(|error| error.report())?;
    let Some(word) = response.headers().get(ERROR_HEADER) else { return Ok(response) };
    let more = if word == Error::UNTRUSTED { "; its authority can be named with --upstream-ca" } else { "" };
    let text = read(response.into_body(), WORDS_LIMIT).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let text = text.trim().trim_start_matches("handstamp: ");
    // What it hints at is meant for targets.
    Err(format!("{}{more}", text.split("\nhint: ").next().unwrap_or_default()))
}

/// The head of a request without what concerns only the connection that it came by.
pub(super) fn cleaned(mut head: request::Parts) -> request::Parts {
    strip(&mut head.headers);
    head.headers.remove(EXPECT);
    // It was looked at here; drivers refuse pages that they were not told of.
    head.headers.remove(ORIGIN);
    head
}

/// Takes off what concerns one connection; the framing of a body is the connection's own.
pub(super) fn strip(headers: &mut HeaderMap) {
    if !headers.contains_key(UPGRADE) {
        headers.remove(CONNECTION);
    }
    headers.remove("keep-alive");
    headers.remove("proxy-connection");
    headers.remove(TRANSFER_ENCODING);
}

const WORDS_LIMIT: usize = 64 * 1024;
