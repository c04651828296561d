//! A session whose tokens look right and are wrong.

use crate::session::{Database, Item, Method, Source, State};

/// The session with each token changed in its middle, of the same length; nothing where a wrong token would count as a wrong
/// password, or where only a script knows the tokens.
pub(super) fn broken(state: &State) -> Option<State> {
    let is_credentials = state.headers.iter().any(|token| token.source == Source::Credentials);
    if is_credentials || matches!(state.method, Method::Http { .. } | Method::Script { .. }) {
        return None;
    }
    let mut broken = state.clone();
    for cookie in &mut broken.cookies {
        cookie.value = flipped(cookie.value.expose()).into();
    }
    for token in &mut broken.headers {
        token.value = flipped(token.value.expose()).into();
    }
    for (_, value) in &mut broken.values {
        *value = flipped(value.expose()).into();
    }
    let stored = state.tokens().into_iter().filter(|token| !matches!(token.source, Source::Cookie { .. }));
    let changes: Vec<(String, String)> =
        stored.map(|t| (t.value.expose().to_owned(), flipped(t.value.expose()))).collect();
    for origin in &mut broken.origins {
        origin.local_storage.iter_mut().for_each(|item| change(item, &changes));
        origin.session_storage.iter_mut().for_each(|item| change(item, &changes));
        origin.indexed_db.iter_mut().for_each(|database| change_database(database, &changes));
    }
    Some(broken)
}

fn change(item: &mut Item, changes: &[(String, String)]) {
    item.value = replaced(item.value.expose(), changes).into();
}

fn change_database(database: &mut Database, changes: &[(String, String)]) {
    let text = replaced(&database.expose().to_string(), changes);
    let new = serde_json::from_str(&text).ok().and_then(Database::new);
    if let Some(new) = new {
        *database = new;
    }
}

fn replaced(text: &str, changes: &[(String, String)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The text with the letters and digits in its middle changed to others; what is very short stays as it is.
fn flipped(text: &str) -> String {
    let mut all: Vec<char> = text.chars().collect();
    if all.len() < SHORTEST {
        return text.to_owned();
    }
    let middle = all.len() / 2;
    for letter in all.iter_mut().skip(middle.saturating_sub(FLIPPED / 2)).take(FLIPPED) {
        *letter = other(*letter);
    }
    all.into_iter().collect()
}

fn other(letter: char) -> char {
    match letter {
        'a'..='y' | 'A'..='Y' | '0'..='8' => char::from_u32(u32::from(letter) + 1).unwrap_or(letter),
        'z' => 'a',
        'Z' => 'A',
        '9' => '0',
        _ => letter,
    }
}

/// Shorter values are settings rather than tokens.
const SHORTEST: usize = 6;
/// How many letters are changed.
const FLIPPED: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        session::{Cookie, HttpScheme},
        site::Origin,
    };

    #[test]
    fn tokens_are_wrong_and_of_the_same_length_wherever_they_are() {
        const TOKEN: &str = "AbCdEf0123456789xyz";
        let origin = Origin::parse("http://a.test").unwrap();
        let cookie =
            |name: &str, value: &str| Cookie { name: name.into(), value: value.into(), ..Cookie::default() };
        let mut state =
            State { cookies: vec![cookie("sid", TOKEN), cookie("lang", "en")], ..State::default() };
        state
            .origin_mut(&origin)
            .local_storage
            .push(Item::new("auth", format!(r#"{{"t":"{TOKEN}","n":1}}"#)));
        let broken = broken(&state).unwrap();
        let values: Vec<_> = broken.cookies.iter().map(|cookie| cookie.value.expose()).collect();
        assert_eq!(values, ["AbCdEf0234556789xyz", "en"]);
        let stored = broken.origins[0].local_storage[0].value.expose();
        assert_eq!(stored, r#"{"t":"AbCdEf0234556789xyz","n":1}"#);
    }

    #[test]
    fn no_wrong_password_is_ever_sent() {
        let state = State { method: Method::Http { scheme: HttpScheme::Basic }, ..State::default() };
        assert!(broken(&state).is_none());
    }
}
