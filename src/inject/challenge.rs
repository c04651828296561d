//! What a server asks for in `WWW-Authenticate`.

use http::{HeaderMap, HeaderValue, header::WWW_AUTHENTICATE};
use http_auth::{digest::DigestClient, parse_challenges};

/// One challenge. See 11.6.1 of RFC 9110.
pub(super) struct Asked {
    /// The scheme as it was written.
    pub(super) scheme: String,
    pub(super) realm: Option<String>,
    /// The challenge of a Digest that is spoken here.
    pub(super) digest: Option<DigestClient>,
}

/// Why a challenge is not answered. The text names no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unanswered {
    /// The server has seen the credentials and does not take them.
    #[error("the server refused the credentials\nhint: check the user name and the password")]
    Refused,
    /// It is a 401 without a challenge: the application has a login of its own.
    #[error("the server asks for no HTTP authentication")]
    NoChallenge,
    /// It asks for another realm.
    #[error("the server asks for credentials of another realm")]
    Realm,
    /// It asks for integrity protection, which digests the body.
    #[error(
        "the server asks for Digest with `qop=auth-int` alone, which is not supported\nhint: allow `qop=auth` at the server"
    )]
    Integrity,
    /// Its challenge cannot be read.
    #[error("the server's Digest challenge cannot be answered: its algorithm is unknown or it is incomplete")]
    Malformed,
    /// It asks for schemes that nobody here speaks.
    #[error(
        "the server asks for {schemes}, which is not supported\nhint: log in with a browser, or allow Basic, Digest or Bearer at the server"
    )]
    Unsupported {
        /// Their names.
        schemes: String,
    },
    /// It asks for another scheme than the session's.
    #[error("the server asks for {schemes}, not for {own}\nhint: choose it with {hint}")]
    OtherScheme {
        /// What it asks for.
        schemes: String,
        /// What the session has.
        own: &'static str,
        /// The option that fits.
        hint: String,
    },
    /// The scheme has no way to write these credentials.
    #[error("{scheme} authentication cannot carry these credentials\nhint: {hint}", hint = unfit(scheme))]
    Unfit {
        /// The scheme.
        scheme: &'static str,
    },
}

impl Unanswered {
    /// The server asks for something, but not for `own`.
    pub(super) fn other_scheme(own: &'static str, asked: &[Asked]) -> Self {
        let known = |one: &&Asked| KNOWN.iter().any(|known| one.scheme.eq_ignore_ascii_case(known));
        let spoken: Vec<_> = asked.iter().filter(known).collect();
        match (asked, spoken.first()) {
            ([], _) => Self::NoChallenge,
            (_, None) => Self::Unsupported { schemes: names(asked.iter()) },
            (_, Some(first)) => {
                let hint = format!("--method http-{}", first.scheme.to_ascii_lowercase());
                Self::OtherScheme { schemes: names(spoken.iter().copied()), own, hint }
            }
        }
    }
}

/// The challenges of an answer, in order.
pub(super) fn read(response: &HeaderMap) -> Vec<Asked> {
    let lines = response.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(read_line).collect()
}

/// What an answer asks for, where it is nothing that handstamp speaks: NTLM, Negotiate and the like.
#[must_use]
pub fn unsupported(response: &HeaderMap) -> Option<Unanswered> {
    let asked = read(response);
    match Unanswered::other_scheme("", &asked) {
        unsupported @ Unanswered::Unsupported { .. } => Some(unsupported),
        _ => None,
    }
}

fn read_line(line: &str) -> Vec<Asked> {
    let Ok(challenges) = parse_challenges(line) else {
        // NTLM and Negotiate go on with a message of their own after the name.
        let scheme = line.split([' ', ',']).next().unwrap_or_default();
        return vec![Asked { scheme: scheme.to_owned(), realm: None, digest: None }];
    };
    let asked = |challenge: &http_auth::ChallengeRef<'_>| {
        let realm = challenge.params.iter().find(|(name, _)| name.eq_ignore_ascii_case("realm"));
        Asked {
            scheme: challenge.scheme.to_owned(),
            realm: realm.map(|(_, value)| value.to_unescaped()),
            digest: DigestClient::try_from(challenge).ok(),
        }
    };
    challenges.iter().map(asked).collect()
}

fn names<'a>(asked: impl Iterator<Item = &'a Asked>) -> String {
    let mut names: Vec<_> = asked.map(|one| format!("`{}`", one.scheme)).collect();
    names.dedup();
    names.join(", ")
}

fn unfit(scheme: &str) -> &'static str {
    match scheme {
        "Basic" => "a user name holds no colon, and neither holds control characters",
        _ => "a bearer token holds letters, digits and `-._~+/`, and may end with `=`",
    }
}

/// A parameter of the `Authorization` that a request carried, without quotes.
pub(super) fn parameter<'a>(sent: &'a HeaderValue, name: &str) -> Option<&'a str> {
    let (scheme, rest) = sent.to_str().ok()?.split_once(' ')?;
    let pairs = rest.split(", ").filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim_matches('"'));
    found.next().filter(|_| scheme.eq_ignore_ascii_case("digest"))
}

/// The schemes that handstamp speaks.
const KNOWN: [&str; 3] = ["Basic", "Digest", "Bearer"];
