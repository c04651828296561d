//! How much a crawl may change in the application.

use http::Method;

use super::{action::Kind, reason::Reason, words::Intent};

/// What a crawl does about actions that do harm: that delete, pay, order, send something to people, or end the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// They are noted and not fired, forms are not sent, and no request that writes leaves the proxy.
    Observe,
    /// They are fired last of all, and what they would write is noted and never sent; the same for each `DELETE`.
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

    /// What is done about writing requests while an action of this intent runs.
    pub(super) fn restraint(self, intent: Intent) -> Restraint {
        if self == Self::Safe && intent.does_harm() { Restraint::Held } else { Restraint::Free }
    }

    /// Whether a request is answered here instead of being sent.
    pub(super) fn holds(self, method: &Method, restraint: Restraint) -> bool {
        let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        match self {
            Self::All => false,
            Self::Safe => *method == Method::DELETE || (restraint == Restraint::Held && !reads),
            Self::Observe => !reads,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_harm_is_held_or_left_by_policy() {
        let held = Policy::Safe.restraint(Intent::Destroy);
        assert_eq!(held, Restraint::Held);
        assert_eq!(Policy::Safe.restraint(Intent::Plain), Restraint::Free);
        assert_eq!(Policy::All.restraint(Intent::Destroy), Restraint::Free);
        assert!(Policy::Safe.holds(&Method::POST, held) && !Policy::Safe.holds(&Method::GET, held));
        assert!(Policy::Safe.holds(&Method::DELETE, Restraint::Free));
        assert!(!Policy::Safe.holds(&Method::POST, Restraint::Free));
        assert!(Policy::Observe.holds(&Method::PUT, Restraint::Free));
        assert!(!Policy::All.holds(&Method::DELETE, Restraint::Free));
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
