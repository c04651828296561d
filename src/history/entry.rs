//! One exchange of the history.

use std::{
    borrow::Cow,
    fmt,
    time::{Duration, SystemTime},
};

use super::decode::decode;

/// A request and its answer, as they were sent on.
#[derive(Clone)]
pub struct Entry {
    /// Counts up over the whole history, never used twice.
    pub id: i64,
    /// When the request came to the proxy, to the millisecond.
    pub started: SystemTime,
    /// Until the last byte of the answer; nothing when the exchange failed before there was one.
    pub duration: Option<Duration>,
    /// The method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The host of the URL.
    pub host: String,
    /// The status; nothing when there was no answer.
    pub status: Option<u16>,
    /// Which session it carried.
    pub session: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// The request.
    pub request: Message,
    /// The answer.
    pub response: Message,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({} {} {} {:?})", self.id, self.method, self.host, self.status)
    }
}

/// Headers and body of one direction.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// Names in lower case and values, in their order.
    pub headers: Vec<(String, String)>,
    /// What was kept of the body.
    pub body: Vec<u8>,
    /// How many bytes of body passed.
    pub size: u64,
    /// How much of it was kept.
    pub extent: Extent,
}

impl Message {
    /// The value of a header, the first one of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body without its content encoding, as far as that can be undone; as it is where it cannot.
    #[must_use]
    pub fn decoded(&self) -> Cow<'_, [u8]> {
        if self.extent == Extent::Masked {
            // It was decoded to be masked.
            return Cow::Borrowed(&self.body);
        }
        match self.header("content-encoding") {
            Some(encoding) => decode(&self.body, encoding, usize::MAX)
                .map_or(Cow::Borrowed(&self.body), |d| Cow::Owned(d.bytes)),
            None => Cow::Borrowed(&self.body),
        }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({} headers, {} bytes, {:?})", self.headers.len(), self.size, self.extent)
    }
}

/// How much of a body was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Extent {
    /// All of it, as it was sent.
    #[default]
    Whole,
    /// The beginning, as it was sent.
    Cut,
    /// What is left when content encoding and secrets are taken out; it may be the beginning only.
    Masked,
    /// Nothing: it is encoded in a way that hides whether there are secrets in it.
    Withheld,
}

impl Extent {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Whole => 0,
            Self::Cut => 1,
            Self::Masked => 2,
            Self::Withheld => 3,
        }
    }

    pub(super) fn of(number: i64) -> Self {
        match number {
            0 => Self::Whole,
            1 => Self::Cut,
            2 => Self::Masked,
            _ => Self::Withheld,
        }
    }
}
