//! Why something cannot be put into ZAP.

use std::{path::PathBuf, sync::Arc};

use crate::proxy;

/// An error of this room. None repeats a key, a token, or what ZAP says beside its code.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing of HTTP came back.
    #[error(
        "ZAP cannot be reached at `{url}`\nhint: check that it runs, and that its proxy and API listen there"
    )]
    Unreachable {
        /// Where it was looked for.
        url: String,
        /// What the connection said.
        source: proxy::Error,
    },
    /// The connection was closed without an answer, which is how ZAP refuses a key and an address.
    #[error(
        "ZAP at `{url}` closed the connection without an answer, as it does when it refuses the key\nhint: compare the key with the one of `-config api.key=…` or of its options for the API, and see whether the API is on and your address is permitted there"
    )]
    Unanswered {
        /// Where it listens.
        url: String,
    },
    /// There was no answer in time.
    #[error(
        "ZAP at `{url}` did not answer `{call}` within {seconds} s\nhint: it may be busy; give it longer with --timeout"
    )]
    Slow {
        /// Where it listens.
        url: String,
        /// What was asked.
        call: String,
        /// The limit.
        seconds: u64,
    },
    /// Something else than ZAP's API answered.
    #[error(
        "what answers at `{url}` is not ZAP's API\nhint: give the address of its proxy, such as `http://127.0.0.1:8090`"
    )]
    NotZap {
        /// What was asked.
        url: String,
    },
    /// ZAP refused a call.
    #[error("ZAP refused `{call}`: {code}\nhint: {}", hint(code))]
    Refused {
        /// The component, the kind and the name of the call.
        call: String,
        /// ZAP's word for why.
        code: String,
    },
    /// The session would go nowhere.
    #[error(
        "the session belongs to no origin that is known\nhint: log in again with `handstamp login`, or give a configuration with the context's `urls`"
    )]
    Nowhere,
    /// The note of what was pushed cannot be read or written.
    #[error("`{}`, which tells what was pushed, cannot be used\nhint: check who owns it and whether there is room", path.display())]
    Receipt {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// ZAP's word for why it refused the call, where it did.
    pub(super) fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }

    /// Whether another try may go better, since nothing was refused.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Unanswered { .. } | Self::Slow { .. })
    }
}

fn hint(code: &str) -> &'static str {
    match code {
        "bad_api_key" => "the key is another one; see ZAP's options for the API",
        "disabled" => "turn the API on in ZAP's options",
        "no_implementor" => "this ZAP lacks an add-on that it takes, or is an old one",
        "bad_action" | "bad_view" => "this ZAP is older than the call; 2.14 and later are known to work",
        "already_exists" => "somebody else has made it meanwhile; run the command again",
        "context_not_found" | "user_not_found" | "does_not_exist" => {
            "somebody else has removed it meanwhile; run the command again"
        }
        _ => "ZAP's log file tells more",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_hint_and_only_lost_connections_may_pass() {
        for code in ["bad_api_key", "no_implementor", "does_not_exist", "anything"] {
            let error = Error::Refused { call: "core/view/version".into(), code: code.into() };
            assert!(error.to_string().contains("\nhint: ") && !error.is_passing(), "{error}");
        }
        assert!(Error::Unanswered { url: "http://127.0.0.1:1".into() }.is_passing());
    }
}
