//! The prompts for a user name and password that servers make browsers show, and what answers them.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use url::{Origin, Url};

/// What becomes of a server's challenge (11.6.1 of RFC 9110) in a browser that nobody sits at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prompts {
    /// The browser takes them for pages like others: no prompt stops it.
    #[default]
    Ignored,
    /// They are answered, or cancelled where there is nothing to answer with; see [`super::Control::answer_challenges`].
    Answered,
}

/// The credentials for one origin's challenges. Other origins never get them, and neither does a proxy.
#[derive(Clone)]
pub struct Answer {
    /// Whose challenges are answered.
    pub origin: Origin,
    /// The user name.
    pub username: String,
    /// The password.
    pub password: String,
}

/// The challenges of a browser, and what became of them; clones share the record.
#[derive(Clone)]
pub struct Challenges(Arc<Inner>);

struct Inner {
    answer: Answer,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// How often each request was answered, by the browser's own id.
    answers: HashMap<String, u32>,
    last: Option<Challenge>,
}

/// A challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The address that it came for.
    pub url: Url,
    /// The scheme in small letters, for example `basic`.
    pub scheme: String,
    /// The realm.
    pub realm: String,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The credentials were given, and nobody asked again.
    Answered,
    /// The credentials were given, and the server asked again.
    Refused,
    /// Nobody has credentials for it.
    Cancelled,
}

/// A challenge as a browser tells it.
pub(super) struct Asked<'a> {
    pub(super) request: &'a str,
    pub(super) url: &'a str,
    pub(super) is_proxy: bool,
    pub(super) scheme: &'a str,
    pub(super) realm: &'a str,
}

impl Challenges {
    pub(super) fn new(answer: Answer) -> Self {
        Self(Arc::new(Inner { answer, seen: Mutex::default() }))
    }

    /// The last challenge of the origin that is answered.
    #[must_use]
    pub fn last(&self) -> Option<Challenge> {
        self.seen().last.clone()
    }

    /// Whether challenges of this address are answered at all.
    #[must_use]
    pub fn are_of(&self, url: &Url) -> bool {
        url.origin() == self.0.answer.origin
    }

    /// What answers a challenge that the proxy in front of a browser has met, if anything; `request` is its number there.
    #[must_use]
    pub fn met(&self, request: u64, url: &Url, scheme: &str, realm: &str) -> Option<&Answer> {
        let request = request.to_string();
        self.decide(&Asked { request: &request, url: url.as_str(), is_proxy: false, scheme, realm })
    }

    /// Whether to answer: once for each request, and to the one origin.
    pub(super) fn decide(&self, asked: &Asked<'_>) -> Option<&Answer> {
        let Ok(url) = Url::parse(asked.url) else { return None };
        if asked.is_proxy || url.origin() != self.0.answer.origin {
            return None;
        }
        let mut seen = self.seen();
        let is_refused = seen.last.as_ref().is_some_and(|last| last.fate == Fate::Refused);
        let count = seen.answers.entry(asked.request.to_owned()).or_default();
        *count += 1;
        let fate = match (is_spoken(asked.scheme), *count > 1 || is_refused) {
            (false, _) => Fate::Cancelled,
            (true, true) => Fate::Refused,
            (true, false) => Fate::Answered,
        };
        let (scheme, realm) = (asked.scheme.to_ascii_lowercase(), asked.realm.to_owned());
        seen.last = Some(Challenge { url, scheme, realm, fate });
        (fate == Fate::Answered).then_some(&self.0.answer)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// NTLM and Negotiate would tell the password to whoever listens, or the name of this machine's user.
fn is_spoken(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("basic") || scheme.eq_ignore_ascii_case("digest")
}

impl fmt::Debug for Challenges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Challenges({:?})", self.last())
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({})", self.origin.ascii_serialization())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenges() -> Challenges {
        let origin = Url::parse("http://app.test/").unwrap().origin();
        Challenges::new(Answer { origin, username: "anna".into(), password: "planted".into() })
    }

    fn asked<'a>(request: &'a str, url: &'a str) -> Asked<'a> {
        Asked { request, url, is_proxy: false, scheme: "Basic", realm: "r" }
    }

    #[test]
    fn a_request_is_answered_once_and_a_second_challenge_ends_it() {
        let challenges = challenges();
        assert!(challenges.decide(&asked("1", "http://app.test/a")).is_some());
        assert!(challenges.decide(&asked("2", "http://app.test/b")).is_some());
        assert_eq!(challenges.last().unwrap().fate, Fate::Answered);
        assert!(challenges.decide(&asked("1", "http://app.test/a")).is_none());
        assert!(challenges.decide(&asked("3", "http://app.test/c")).is_none());
        assert_eq!(challenges.last().unwrap().fate, Fate::Refused);
    }

    #[test]
    fn nobody_else_gets_the_credentials() {
        let challenges = challenges();
        for url in ["http://app.test:81/", "https://app.test/", "http://evil.test/", "nonsense"] {
            assert!(challenges.decide(&asked("1", url)).is_none(), "{url}");
        }
        assert!(challenges.decide(&Asked { is_proxy: true, ..asked("1", "http://app.test/") }).is_none());
        assert_eq!(challenges.last(), None);
        assert!(challenges.decide(&Asked { scheme: "NTLM", ..asked("1", "http://app.test/") }).is_none());
        assert!(!format!("{challenges:?}").contains("planted"));
    }
}
