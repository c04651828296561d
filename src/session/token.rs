//! One value that may carry the session.

use serde_json::Value;

use super::{Cookie, Database, Item, OriginState, Secret, Source, State, TokenKind, jwt, leaves};
use crate::site::Origin;

/// A value that may carry the session, taken out of a [`State`].
///
/// These are all cookies that have a value, all header tokens, and of web storage and `IndexedDB` what
/// looks like a token, inside JSON too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Where it is kept.
    pub source: Source,
    /// The origin that it belongs to; `None` for cookies.
    pub origin: Option<Origin>,
    /// The domain that a cookie belongs to; `None` for all else.
    pub domain: Option<String>,
    /// The name of the cookie or header, or the storage key with the path inside its JSON: `auth.user.token`.
    pub key: String,
    /// The value; of a header, what follows its scheme.
    pub value: Secret,
    /// When it ends, in Unix seconds, where that is known: by its own `exp`, or as a cookie.
    pub expires: Option<i64>,
    /// What kind of value it is.
    pub kind: TokenKind,
}

impl Token {
    pub(super) fn all_of(state: &State) -> Vec<Self> {
        let cookies = state.cookies.iter().filter(|c| !c.value.is_empty()).map(Self::of_cookie);
        let headers = state.headers.iter().map(|header| {
            let value = jwt::bare(header.value.expose());
            Self::new(header.source.clone(), Some(header.origin.clone()), header.name.clone(), value)
        });
        cookies.chain(headers).chain(state.origins.iter().flat_map(stored)).collect()
    }

    fn of_cookie(cookie: &Cookie) -> Self {
        let source = Source::Cookie { name: cookie.name.clone() };
        let mut token = Self::new(source, None, cookie.name.clone(), cookie.value.expose());
        token.domain = Some(cookie.domain.clone());
        token.expires = earliest(token.expires.into_iter().chain(cookie.expires));
        token
    }

    fn new(source: Source, origin: Option<Origin>, key: String, value: &str) -> Self {
        let (kind, expires) = (TokenKind::of(value), jwt::expires(value));
        Self { source, origin, domain: None, key, value: value.into(), expires, kind }
    }
}

/// When a session is likely to end: see [`State::expires`].
pub(super) fn expires(state: &State) -> Option<i64> {
    let headers = state.headers.iter().filter_map(|token| jwt::expires(token.value.expose()));
    // A script's values are kept as JSON.
    let values = state.values.iter().map(|(_, value)| value.expose().trim_matches('"'));
    let carried = headers.chain(values.filter_map(jwt::expires));
    let stored = || state.origins.iter().flat_map(stored).filter_map(|token| token.expires);
    let cookies = || {
        let telling = |c: &&Cookie| c.http_only || jwt::claims(c.value.expose()).is_some();
        state.cookies.iter().filter(telling).filter_map(|cookie| Token::of_cookie(cookie).expires)
    };
    earliest(carried).or_else(|| earliest(stored())).or_else(|| earliest(cookies()))
}

fn stored(state: &OriginState) -> Vec<Token> {
    let mut tokens = Vec::new();
    for item in &state.local_storage {
        let source = Source::LocalStorage { origin: state.origin.clone(), key: item.name.clone() };
        in_item(&state.origin, &source, item, &mut tokens);
    }
    for item in &state.session_storage {
        let source = Source::SessionStorage { origin: state.origin.clone(), key: item.name.clone() };
        in_item(&state.origin, &source, item, &mut tokens);
    }
    for database in &state.indexed_db {
        in_database(&state.origin, database, &mut tokens);
    }
    tokens
}

fn in_item(origin: &Origin, source: &Source, item: &Item, tokens: &mut Vec<Token>) {
    let value = Value::from(item.value.expose());
    collect(origin, source, &item.name, &value, tokens);
}

fn in_database(origin: &Origin, database: &Database, tokens: &mut Vec<Token>) {
    for store in list(database.expose(), "stores") {
        for record in list(store, "records") {
            let source = Source::IndexedDb {
                origin: origin.clone(),
                database: database.name().to_owned(),
                store: store.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
                key: record_key(store, record),
            };
            let name = source.to_string().trim_start_matches("indexedDB:").to_owned();
            for value in ["value", "valueEncoded"].iter().filter_map(|field| record.get(field)) {
                collect(origin, &source, &name, value, tokens);
            }
        }
    }
}

fn collect(origin: &Origin, source: &Source, name: &str, value: &Value, tokens: &mut Vec<Token>) {
    leaves::strings(value, &mut |path, text| {
        if leaves::looks_like_token(text) {
            let key = if path.is_empty() { name.to_owned() } else { format!("{name}.{path}") };
            tokens.push(Token::new(source.clone(), Some(origin.clone()), key, text));
        }
    });
}

/// A record's key, which stands inside its value where the store has a key path.
pub(super) fn record_key(store: &Value, record: &Value) -> String {
    let inline = || {
        let path = store.get("keyPath")?.as_str()?;
        let value = record.get("value")?;
        path.split('.').try_fold(value, |value, name| value.get(name))
    };
    match record.get("key").or_else(|| record.get("keyEncoded")).or_else(inline) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

pub(super) fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn earliest(ends: impl IntoIterator<Item = i64>) -> Option<i64> {
    ends.into_iter().min()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::session::{HeaderToken, jwt::tests::token};

    fn origin() -> Origin {
        Origin::parse("https://shop.example").unwrap()
    }

    fn cookie(name: &str, value: &str, expires: Option<i64>, http_only: bool) -> Cookie {
        let domain = "shop.example".to_owned();
        Cookie {
            name: name.into(),
            value: value.into(),
            domain,
            path: "/".into(),
            expires,
            http_only,
            ..Cookie::default()
        }
    }

    fn header(value: &str) -> HeaderToken {
        let source = Source::LocalStorage { origin: origin(), key: "token".into() };
        HeaderToken { origin: origin(), name: "Authorization".into(), value: value.into(), source }
    }

    #[test]
    fn what_templates_and_scripts_read_tells_the_end_too() {
        let jwt = token(&json!({ "exp": 1_800_000_000 }));
        for text in [jwt.clone(), json!(jwt).to_string()] {
            let values = vec![(crate::session::Place::Json("token".into()), text.as_str().into())];
            let state = State { values, ..State::default() };
            assert_eq!(state.expires(), Some(1_800_000_000));
        }
    }

    fn keys(state: &State) -> Vec<String> {
        state.tokens().into_iter().map(|token| token.key).collect()
    }

    #[test]
    fn cookies_and_headers_are_tokens_and_a_header_loses_its_scheme() {
        let jwt = token(&json!({"exp": 50}));
        let state = State {
            cookies: vec![cookie("sid", "x", Some(100), true), cookie("empty", "", None, true)],
            headers: vec![header(&format!("Bearer {jwt}"))],
            ..State::default()
        };
        let tokens = state.tokens();
        assert_eq!(keys(&state), ["sid", "Authorization"]);
        assert_eq!((tokens[0].expires, tokens[0].kind), (Some(100), TokenKind::Opaque));
        assert_eq!(tokens[0].domain.as_deref(), Some("shop.example"));
        assert_eq!((tokens[1].expires, tokens[1].kind), (Some(50), TokenKind::Jwt));
        assert_eq!(tokens[1].value.expose(), jwt);
    }

    #[test]
    fn tokens_are_found_in_storage_and_inside_its_json() {
        let mut state = State::default();
        let storage = state.origin_mut(&origin());
        storage.local_storage.push(Item::new("token", token(&json!({"exp": 9}))));
        storage.local_storage.push(Item::new("language", "en"));
        let auth = json!({"user": {"access": "AbCdEf0123456789xyz", "name": "jim"}}).to_string();
        storage.session_storage.push(Item::new("auth", auth));
        assert_eq!(keys(&state), ["token", "auth.user.access"]);
        let source = &state.tokens()[1].source;
        assert_eq!(source.to_string(), "sessionStorage:auth");
    }

    #[test]
    fn tokens_are_found_in_databases_with_keys_of_all_kinds() {
        let access = "AbCdEf0123456789xyz";
        let stores = json!([
            {"name": "out", "records": [{"key": "me", "value": {"t": access}}, {"key": 7, "value": access}]},
            {"name": "in", "keyPath": "id.sub", "records": [{"value": {"id": {"sub": "k"}, "t": access}}]},
            {"name": "enc", "records": [
                {"key": "e", "valueEncoded": {"o": [{"k": "t", "v": access}], "id": 1}}]},
        ]);
        let mut state = State::default();
        let database = Database::new(json!({"name": "db", "version": 1, "stores": stores})).unwrap();
        state.origin_mut(&origin()).indexed_db.push(database);
        assert_eq!(keys(&state), ["db/out/me.t", "db/out/7", "db/in/k.t", "db/enc/e.t"]);
    }

    #[test]
    fn the_end_is_that_of_the_header_token_then_of_storage_then_of_telling_cookies() {
        let mut state = State {
            cookies: vec![cookie("ga", "x", Some(5), false), cookie("sid", "x", Some(300), true)],
            ..State::default()
        };
        assert_eq!(state.expires(), Some(300));
        state.cookies.push(cookie("jwt", &token(&json!({"exp": 250})), Some(400), false));
        assert_eq!(state.expires(), Some(250));
        state.origin_mut(&origin()).local_storage.push(Item::new("t", token(&json!({"exp": 200}))));
        assert_eq!(state.expires(), Some(200));
        state.headers.push(header("Bearer opaque"));
        assert_eq!(state.expires(), Some(200));
        state.headers.push(header(&format!("Bearer {}", token(&json!({"exp": 900})))));
        assert_eq!(state.expires(), Some(900));
    }

    #[test]
    fn a_session_that_tells_no_end_has_none() {
        assert_eq!(
            State { cookies: vec![cookie("sid", "x", None, true)], ..State::default() }.expires(),
            None
        );
    }
}
