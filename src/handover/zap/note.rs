//! What of a session ZAP does not carry as it is.

use serde::{Serialize, Serializer};

/// Something that is worth a word after a push; none names a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Note {
    /// Storage of browsers.
    #[error(
        "the storage of {origin} ({entries} entries) stays behind: ZAP has no place for it\nhint: let ZAP start its browsers through the stand-in drivers of `handstamp drivers install DIR`"
    )]
    Storage {
        /// Whose storage.
        origin: String,
        /// How many entries.
        entries: usize,
    },
    /// A header that this ZAP cannot set.
    #[error(
        "the header {name} for {origin} stays behind: this ZAP can set {what}\nhint: install the add-on `replacer`"
    )]
    Header {
        /// The header's name.
        name: String,
        /// Whose header.
        origin: String,
        /// What it can do instead.
        what: &'static str,
    },
    /// A header goes to more than its origin.
    #[error(
        "the header {name} goes to every port and scheme of hosts whose name contains `{host}`: without the add-on `replacer` ZAP cannot tell origins apart\nhint: install it, or keep ZAP within its context"
    )]
    Loose {
        /// The header's name.
        name: String,
        /// What hosts are told by.
        host: String,
    },
    /// Cookies of one name that differ by their path.
    #[error(
        "the cookie {name} of {site} is there for several paths: the one of the shortest path goes to the whole site"
    )]
    Paths {
        /// The cookie's name.
        name: String,
        /// Host and port.
        site: String,
    },
    /// A check that ZAP cannot make.
    #[error("ZAP cannot tell by itself whether the session is alive: {why}")]
    Unverified {
        /// Why not.
        why: &'static str,
    },
    /// A session that takes a script or an exchange of its own.
    #[error(
        "how the session is carried stays behind: {why}\nhint: send ZAP's traffic through `handstamp proxy`"
    )]
    Method {
        /// Why.
        why: &'static str,
    },
    /// A setting of a context that others made.
    #[error(
        "the context keeps its authentication `{method}`, since other users have credentials for it\nhint: ZAP may log the user in by itself then; use a context of its own"
    )]
    Authentication {
        /// ZAP's name for it.
        method: String,
    },
    /// A user whose credentials cannot name the session.
    #[error(
        "the user has no credentials: ZAP finds sessions of plain-http sites only; should it take the user for logged out, push again"
    )]
    Credentials,
    /// Cookies of a user that others made.
    #[error(
        "{count} cookies of the user are empty now: ZAP's API cannot remove them from a user who was there before"
    )]
    Emptied {
        /// How many.
        count: usize,
    },
    /// A context that others use by now.
    #[error("the context stays, for it has other users by now")]
    Context,
    /// An indicator that cannot be taken away.
    #[error("the context keeps an indicator for {what}: ZAP's API cannot remove it")]
    Indicator {
        /// Users who are logged in or out.
        what: &'static str,
    },
}

impl Serialize for Note {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
