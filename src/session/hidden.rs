//! What must not be written down, told from what cannot give anybody access.

use super::State;
use crate::site::Origin;

impl State {
    /// The values that must not show in what is written down: all header tokens and read values, and of the other
    /// [`State::secrets`] and [`State::tokens`] what may give access.
    ///
    /// Words such as `default` stay, for they stand everywhere. Of an address only the parts are hidden that are no words: it
    /// is a place where requests go, which has to be told.
    #[must_use]
    pub fn hidden(&self) -> Vec<String> {
        let tokens = self.tokens();
        let sent = self.headers.iter().map(|header| &header.value).chain(self.values.iter().map(|(_, v)| v));
        let whole = sent.map(|secret| secret.expose().to_owned());
        let all = self.secrets().into_iter().chain(tokens.iter().map(|token| &token.value));
        let parts = all.flat_map(|secret| self.parts_to_hide(secret.expose()));
        whole.chain(parts).filter(|value| !value.is_empty()).collect()
    }

    fn parts_to_hide(&self, value: &str) -> Vec<String> {
        if is_word(value) || self.is_own_host(value) {
            return Vec::new();
        }
        match place(value) {
            Some(place) => place.split(ENDS).filter(|part| !is_word(part)).map(str::to_owned).collect(),
            None => vec![value.to_owned()],
        }
    }

    fn is_own_host(&self, value: &str) -> bool {
        let is_of =
            |origin: &Origin| origin.host() == value || origin.to_string().ends_with(&format!("://{value}"));
        self.scope.iter().chain(self.origins.iter().map(|state| &state.origin)).any(is_of)
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
    use crate::session::Item;

    fn of(value: &str) -> Vec<String> {
        let mut state = State::default();
        let storage = state.origin_mut(&Origin::parse("http://127.0.0.1:8080").unwrap());
        storage.local_storage.push(Item::new("it", value));
        let mut hidden = state.hidden();
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
