//! An endpoint that was read somewhere, and whether it turned out to exist.

use super::schema::Operation;

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
