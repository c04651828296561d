//! Takes secrets out of what is kept.

use std::{borrow::Cow, fmt, sync::Arc};

use http::HeaderMap;

use super::{
    decode::decode,
    entry::{Extent, Message},
};
use crate::proxy::Captured;

/// Whether secrets are kept.
#[derive(Clone, Debug)]
pub enum Secrecy {
    /// They are taken out.
    Masked(Mask),
    /// They are kept: whoever reads the history can impersonate its users.
    Open,
}

impl Default for Secrecy {
    fn default() -> Self {
        Self::Masked(Mask::default())
    }
}

/// What is taken out: the values of headers that carry sessions, and what a hook finds in texts.
#[derive(Clone)]
pub struct Mask {
    names: Vec<String>,
    hook: Arc<dyn Fn(&str) -> String + Send + Sync>,
}

impl Mask {
    /// Takes out the values of these headers too, and lets `hook` take known secrets out of URLs, bodies and
    /// the values of other headers. It is called on the writer's thread.
    pub fn new(
        names: impl IntoIterator<Item = String>,
        hook: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Self {
        let own = SECRET_HEADERS.map(str::to_owned).into_iter();
        let names = own.chain(names.into_iter().map(|name| name.to_ascii_lowercase())).collect();
        Self { names, hook: Arc::new(hook) }
    }

    fn text(&self, text: &str) -> String {
        (self.hook)(text)
    }
}

impl Default for Mask {
    fn default() -> Self {
        Self::new([], str::to_owned)
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mask").field("names", &self.names).finish_non_exhaustive()
    }
}

impl Secrecy {
    /// A text as it may be kept.
    pub(super) fn text(&self, text: &str) -> String {
        match self {
            Self::Masked(mask) => mask.text(text),
            Self::Open => text.to_owned(),
        }
    }

    /// A message as it may be kept, at most `limit` bytes of its body.
    pub(super) fn message(&self, headers: &HeaderMap, body: Option<&Captured>, limit: usize) -> Message {
        let pairs = headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str().to_owned(), self.header(name.as_str(), &value))
        });
        let mut message = Message { headers: pairs.collect(), ..Message::default() };
        if let Some(body) = body {
            message.size = body.length;
            (message.body, message.extent) = self.body(headers, body, limit);
        }
        message
    }

    fn header(&self, name: &str, value: &str) -> String {
        match self {
            Self::Masked(mask) if mask.names.iter().any(|own| own == name) => STARS.to_owned(),
            _ => self.text(value),
        }
    }

    fn body(&self, headers: &HeaderMap, body: &Captured, limit: usize) -> (Vec<u8>, Extent) {
        let as_sent = || {
            let extent = if body.truncated || body.bytes.len() > limit { Extent::Cut } else { Extent::Whole };
            (body.bytes[..body.bytes.len().min(limit)].to_vec(), extent)
        };
        let Self::Masked(mask) = self else { return as_sent() };
        let Some(plain) = plain(headers, body, limit) else { return (Vec::new(), Extent::Withheld) };
        let text = String::from_utf8_lossy(&plain.0);
        let masked = mask.text(&text);
        if masked == text {
            return as_sent();
        }
        // A secret that the cut goes through is not known by its first half: what stands close to it is left out.
        let end = if plain.1 { masked.len().saturating_sub(SLACK) } else { masked.len() };
        let end = end.min(limit);
        let whole = (0..=end).rev().find(|at| masked.is_char_boundary(*at)).unwrap_or_default();
        (masked[..whole].into(), Extent::Masked)
    }
}

/// The body without its encodings and whether its end is missing; nothing when it cannot be had.
fn plain<'a>(headers: &HeaderMap, body: &'a Captured, limit: usize) -> Option<(Cow<'a, [u8]>, bool)> {
    let encodings: Vec<_> =
        headers.get_all(http::header::CONTENT_ENCODING).iter().filter_map(|v| v.to_str().ok()).collect();
    if encodings.is_empty() || body.bytes.is_empty() {
        return Some((Cow::Borrowed(&body.bytes), body.truncated));
    }
    let decoded = decode(&body.bytes, &encodings.join(","), limit + SLACK)?;
    Some((Cow::Owned(decoded.bytes), decoded.is_cut || body.truncated))
}

/// How much more than the limit is taken of a body, so that a secret that the limit cuts through is found.
pub(super) const SLACK: usize = 8 * 1024;

const SECRET_HEADERS: [&str; 4] = ["cookie", "set-cookie", "authorization", "proxy-authorization"];
const STARS: &str = "***";

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use bytes::Bytes;
    use http::{HeaderName, HeaderValue};

    use super::*;

    const SECRET: &str = "planted-secret";

    fn secrecy() -> Secrecy {
        Secrecy::Masked(Mask::new(["X-Token".to_owned()], |text| text.replace(SECRET, STARS)))
    }

    fn captured(bytes: impl Into<Bytes>, truncated: bool) -> Captured {
        let bytes = bytes.into();
        Captured { length: bytes.len() as u64, bytes, truncated }
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn headers_that_carry_sessions_and_those_that_were_named_lose_their_values() {
        let all = headers(&[
            ("cookie", "a=1"),
            ("set-cookie", "a=1"),
            ("authorization", "Bearer x"),
            ("proxy-authorization", "Basic x"),
            ("x-token", "x"),
            ("location", "/?t=planted-secret"),
            ("accept", "*/*"),
        ]);
        let message = secrecy().message(&all, None, 10);
        let values: Vec<_> = message.headers.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["***", "***", "***", "***", "***", "/?t=***", "*/*"]);
        let open = Secrecy::Open.message(&all, None, 10);
        assert_eq!(open.header("Cookie"), Some("a=1"));
    }

    #[test]
    fn a_body_is_kept_as_it_is_unless_there_is_a_secret_in_it() {
        let none = headers(&[]);
        let kept = secrecy().message(&none, Some(&captured("harmless", false)), 100);
        assert_eq!((kept.body.as_slice(), kept.extent, kept.size), (&b"harmless"[..], Extent::Whole, 8));
        let masked = secrecy().message(&none, Some(&captured(format!("a {SECRET} b"), false)), 100);
        assert_eq!((masked.body.as_slice(), masked.extent), (&b"a *** b"[..], Extent::Masked));
        let binary = captured([&[0xff, 0xfe][..], SECRET.as_bytes()].concat(), false);
        let masked = secrecy().message(&none, Some(&binary), 100);
        assert!(!String::from_utf8_lossy(&masked.body).contains(SECRET));
        assert_eq!(Secrecy::Open.message(&none, Some(&binary), 100).body, binary.bytes);
    }

    #[test]
    fn a_secret_in_an_encoded_body_is_found_and_what_cannot_be_decoded_is_withheld() {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        out.write_all(SECRET.as_bytes()).unwrap();
        let body = captured(out.finish().unwrap(), false);
        let gzip = headers(&[("content-encoding", "gzip")]);
        assert_eq!(secrecy().message(&gzip, Some(&body), 100).body, b"***");
        let odd = headers(&[("content-encoding", "dcb")]);
        let withheld = secrecy().message(&odd, Some(&body), 100);
        assert_eq!((withheld.body.len(), withheld.extent), (0, Extent::Withheld));
        assert_eq!(Secrecy::Open.message(&gzip, Some(&body), 100).decoded().as_ref(), SECRET.as_bytes());
    }

    #[test]
    fn a_secret_that_the_limit_cuts_through_leaves_no_first_half() {
        let text = format!("{SECRET}{}{SECRET}{}", "x".repeat(90), "y".repeat(SLACK));
        let body = captured(text[..100 + SLACK].to_owned(), true);
        let kept = secrecy().message(&headers(&[]), Some(&body), 100);
        assert!(kept.body.len() <= 100 && !String::from_utf8_lossy(&kept.body).contains("planted"));
    }
}
