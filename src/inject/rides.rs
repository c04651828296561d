//! Tells whether a browser can have all of a session.

use crate::session::{Method, Place, Source, State};

/// Whether a part of the session goes with requests alone, so that only a proxy can put it on: credentials, a script's work, and
/// headers that are made of nothing a browser keeps.
#[must_use]
pub fn rides_on_requests(state: &State) -> bool {
    match &state.method {
        Method::Http { .. } | Method::Script { .. } => true,
        Method::Headers { headers } => headers.iter().any(|header| !header.value.places().any(is_kept)),
        Method::Cookie => false,
        _ => state.headers.iter().any(|token| token.source == Source::Memory),
    }
}

/// Whether a browser that got the session has what stands at this place.
pub(super) fn is_kept(place: &Place) -> bool {
    use Place::{Cookie, IndexedDb, LocalStorage, SessionStorage};
    matches!(place, Cookie(_) | LocalStorage(..) | SessionStorage(..) | IndexedDb { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        session::{HeaderTemplate, HeaderToken},
        site::Origin,
    };

    #[test]
    fn only_what_no_browser_keeps_needs_a_proxy() {
        let origin = Origin::parse("https://app.example").unwrap();
        let token =
            |source| HeaderToken { origin: origin.clone(), name: "A".into(), value: "t".into(), source };
        let with = |source| State { headers: vec![token(source)], ..State::default() };
        assert!(rides_on_requests(&with(Source::Memory)));
        assert!(!rides_on_requests(&with(Source::Cookie { name: "a".into() })));
        assert!(!rides_on_requests(&State::default()));
        let templates = |text: &str| {
            let headers = vec![HeaderTemplate { name: "A".into(), value: text.parse().unwrap() }];
            State { method: Method::Headers { headers }, ..State::default() }
        };
        assert!(rides_on_requests(&templates("Bearer {%json:token%}")));
        assert!(!rides_on_requests(&templates("{%cookie:a%}")));
    }
}
