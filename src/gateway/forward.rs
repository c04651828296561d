//! A client's request as it goes on to a driver.

use http::{
    HeaderMap, Uri,
    header::{CONNECTION, EXPECT, ORIGIN, TRANSFER_ENCODING, UPGRADE},
    request,
};
use url::Url;

/// The address of a path below a driver's, byte for byte.
pub(super) fn below(base: &Url, path: &str) -> Option<Uri> {
    format!("{}{path}", base.as_str().trim_end_matches('/')).parse().ok()
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
