//! An endpoint that was read somewhere, and whether it turned out to exist.

use url::Url;

use super::{find::What, schema::Operation};
use crate::crawl::words::Intent;

/// An endpoint that mining found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mined {
    /// The method; nothing where none was to be seen.
    pub method: Option<String>,
    /// The whole address, with `{name}` for what is not known.
    pub template: String,
    /// The names of what is sent in the body, as far as they were seen.
    pub fields: Vec<String>,
    /// Where it was read: an address, and the line where there are lines.
    pub sources: Vec<String>,
    /// How sure the source was.
    pub surety: Surety,
    /// What became of it.
    pub verdict: Verdict,
    /// What a GraphQL endpoint offers.
    pub operations: Vec<Operation>,
}

/// How sure it is that an address is meant for requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Surety {
    /// It looks like a path.
    Guess,
    /// It was a call, a link, or an entry of a list.
    Told,
}

/// What became of an endpoint that was mined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A request was answered, and otherwise than addresses that do not exist.
    Confirmed,
    /// Nobody asked, for this reason.
    Unconfirmed(&'static str),
    /// It does not exist, or not so: the status.
    Refused(u16),
    /// It was answered like any address at all.
    CatchAll,
}

/// What is said of an endpoint before anybody asks for it.
pub(super) fn first_verdict(method: Option<&str>, what: What, url: &Url) -> Verdict {
    match method.unwrap_or("GET") {
        _ if what == What::Socket || matches!(url.scheme(), "ws" | "wss") => Verdict::Unconfirmed("a socket"),
        "GET" if is_harmful(url) => Verdict::Unconfirmed("left alone"),
        "GET" => Verdict::Unconfirmed(NOT_YET),
        _ => Verdict::Unconfirmed("it may write"),
    }
}

/// Whether the words of an address say that opening it does harm.
pub(super) fn is_harmful(url: &Url) -> bool {
    let words =
        format!("{} {} {}", url.path(), url.query().unwrap_or_default(), url.fragment().unwrap_or_default());
    let words = words.replace(['/', '?', '&', '=', '-', '_', '.'], " ");
    matches!(Intent::of(&words), Intent::Logout | Intent::CloseAccount | Intent::Stop | Intent::Destroy)
}

/// It waits for its turn.
pub(super) const NOT_YET: &str = "not asked yet";
