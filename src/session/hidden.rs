//! What must not be written down, told from what cannot give anybody access.

use super::{Secret, State};

/// The values of a session that must not show: all of its header tokens and read values, of cookies and storage what
/// may give access.
///
/// Words such as `default` stay, for they stand everywhere. Of an address only the parts stay hidden that are no words: it is
/// a place where requests go, which has to be told.
pub(super) fn hidden(state: &State) -> Vec<String> {
    let tokens = state.tokens();
    let stored = state.origins.iter().flat_map(|o| o.local_storage.iter().chain(&o.session_storage));
    let kept = state.cookies.iter().map(|cookie| &cookie.value).chain(stored.map(|item| &item.value));
    let sent = state.headers.iter().map(|header| &header.value).chain(state.values.iter().map(|(_, v)| v));
    let all_of = |secret: &Secret| vec![secret.expose().to_owned()];
    let telling = |secret: &Secret| parts(state, secret.expose());
    let found = tokens.iter().flat_map(|token| telling(&token.value));
    sent.flat_map(all_of)
        .chain(kept.flat_map(telling))
        .chain(found)
        .filter(|value| !value.is_empty())
        .collect()
}

fn parts(state: &State, value: &str) -> Vec<String> {
    if is_word(value) || is_host(state, value) {
        return Vec::new();
    }
    match place(value) {
        Some(place) => place.split(ENDS).filter(|part| !is_word(part)).map(str::to_owned).collect(),
        None => vec![value.to_owned()],
    }
}

/// What follows the host in an address; nothing where it is none. A host may have a password before it.
fn place(value: &str) -> Option<&str> {
    if value.contains(char::is_whitespace) {
        return None;
    }
    let rest =
        ["http://", "https://", "ws://", "wss://"].iter().find_map(|scheme| value.strip_prefix(scheme));
    let rest = rest.or_else(|| value.strip_prefix("//")).filter(|rest| !rest.is_empty());
    match rest {
        Some(rest) if rest.split('/').next()?.contains('@') => None,
        Some(rest) => Some(rest.find(['/', '?', '#']).map_or("", |end| &rest[end..])),
        None => value.strip_prefix('/').filter(|path| path.split(ENDS).any(is_word)),
    }
}

fn is_host(state: &State, value: &str) -> bool {
    let ends = |origin: &str| {
        let host = origin.rsplit("//").next().unwrap_or_default();
        host == value || host.rsplit_once(':').is_some_and(|(name, _)| name == value)
    };
    state.scope.iter().chain(state.origins.iter().map(|o| &o.origin)).any(|origin| ends(&origin.to_string()))
}

fn is_word(value: &str) -> bool {
    let rest = value.get(1..).unwrap_or_default();
    value.len() <= LONGEST_WORD
        && value.starts_with(|c: char| c.is_ascii_alphabetic())
        && rest.chars().all(|c| c.is_ascii_lowercase())
}

const ENDS: [char; 5] = ['/', '?', '#', '&', '='];
/// Longer runs of letters may be made by chance.
const LONGEST_WORD: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{session::Item, site::Origin};

    fn of(value: &str) -> Vec<String> {
        let mut state = State::default();
        let storage = state.origin_mut(&Origin::parse("http://127.0.0.1:8080").unwrap());
        storage.local_storage.push(Item::new("it", value));
        let mut hidden = hidden(&state);
        hidden.dedup();
        hidden
    }

    #[test]
    fn words_and_hosts_of_its_own_are_not_hidden() {
        for value in ["default", "Dark", "interaction", "127.0.0.1", "127.0.0.1:8080", ""] {
            assert!(of(value).is_empty(), "{value}");
        }
    }

    #[test]
    fn all_else_is_hidden() {
        for value in ["a7f0c2", "abcdefghijklmn", "hunter-two", "aB", "/9j+4AAQ", "http://a:b@c/", "/a b"] {
            assert_eq!(of(value), [value]);
        }
    }

    #[test]
    fn of_an_address_only_what_is_no_word_is_hidden() {
        assert_eq!(of("/admin/sprite/?h=a85477f6"), ["a85477f6"]);
        assert_eq!(of("http://127.0.0.1:8080/reset/Q2x9/done?to=home#t=1f"), ["Q2x9", "1f"]);
        assert_eq!(of("https://cdn.test"), Vec::<String>::new());
    }
}
