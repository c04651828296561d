//! How much a crawl may change in the application.

use http::Method;
use url::Url;

use super::{
    action::{Action, Kind},
    harm,
    reason::Reason,
    record::Class,
    words::Intent,
};

/// What a crawl does about actions that do harm: that delete, pay, order, send something to people, or end the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// They are noted and not fired, forms are not sent, and no request that writes leaves the proxy.
    Observe,
    /// They are fired last of all, and what they would write is noted and never sent; the same for each `DELETE`, and for all
    /// that deletes, as its address or its name tells.
    #[default]
    Safe,
    /// They are fired last of all.
    All,
}

/// What the proxy does about requests that write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Restraint {
    /// They are sent.
    #[default]
    Free,
    /// They are answered here: the action that runs would do harm.
    Held,
    /// And so are pages: the link or the form is called so.
    Still,
}

impl Policy {
    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Safe => "safe",
            Self::All => "all",
        }
    }

    /// Why an action is not fired under this policy, if it is not.
    pub(super) fn avoids(self, intent: Intent, kind: Kind, has_fields: bool) -> Option<Reason> {
        match self {
            Self::Observe if intent.does_harm() => Some(Reason::DoesHarm),
            Self::Observe if has_fields || kind == Kind::Input => Some(Reason::SendsForm),
            _ => None,
        }
    }

    /// What is done about writing requests while an action runs.
    pub(super) fn restraint(self, action: &Action) -> Restraint {
        match self {
            Self::Safe if harm::is_called_so(&action.name) => Restraint::Still,
            Self::Safe if action.intent.does_harm() => Restraint::Held,
            _ => Restraint::Free,
        }
    }

    /// Whether a request is answered here instead of being sent.
    pub(super) fn holds(self, method: &Method, url: &Url, class: Class, restraint: Restraint) -> bool {
        let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        let is_told = class != Class::Asset && *method != Method::OPTIONS && harm::destroys(url);
        let destroys = *method == Method::DELETE || is_told;
        match (self, restraint) {
            (Self::All, _) => false,
            (Self::Safe, Restraint::Free) => destroys,
            (Self::Observe, _) | (Self::Safe, Restraint::Held) => destroys || !reads,
            (Self::Safe, Restraint::Still) => destroys || !reads || class == Class::Document,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(policy: Policy, method: &Method, path: &str, restraint: Restraint) -> bool {
        let url = Url::parse("http://a/").unwrap().join(path).unwrap();
        policy.holds(method, &url, Class::Document, restraint)
    }

    #[test]
    fn what_does_harm_is_held_by_policy() {
        let safe = |method: &Method, path, restraint| holds(Policy::Safe, method, path, restraint);
        assert!(safe(&Method::POST, "/x", Restraint::Held) && !safe(&Method::GET, "/x", Restraint::Held));
        assert!(safe(&Method::DELETE, "/x", Restraint::Free) && !safe(&Method::POST, "/x", Restraint::Free));
        assert!(safe(&Method::GET, "/x", Restraint::Still), "a link that is called like deleting");
        assert!(safe(&Method::GET, "/x/5/delete", Restraint::Free));
        assert!(safe(&Method::POST, "/x/5/delete", Restraint::Free), "whatever its button is called");
        assert!(!safe(&Method::OPTIONS, "/x/5/delete", Restraint::Free), "a question of the browser's own");
        assert!(holds(Policy::Observe, &Method::PUT, "/x", Restraint::Free));
        assert!(holds(Policy::Observe, &Method::GET, "/x?action=delete", Restraint::Free));
        assert!(!holds(Policy::Observe, &Method::GET, "/x", Restraint::Free));
        assert!(!holds(Policy::All, &Method::DELETE, "/x/delete", Restraint::Free));
    }

    #[test]
    fn an_observer_fires_nothing_that_does_harm_and_sends_no_form() {
        let avoids = |intent, fields| Policy::Observe.avoids(intent, Kind::Click, fields);
        assert_eq!(avoids(Intent::Destroy, false), Some(Reason::DoesHarm));
        assert_eq!(avoids(Intent::Plain, true), Some(Reason::SendsForm));
        assert_eq!(avoids(Intent::Plain, false), None);
        assert_eq!(Policy::Safe.avoids(Intent::Destroy, Kind::Click, true), None);
    }
}
