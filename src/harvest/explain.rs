//! Tells of every token of a session where it is kept, where it is sent, and what it is for.

use std::collections::HashSet;

use serde_json::Value;
use url::Url;

use super::{
    csrf,
    inside::tokens_in,
    sinks::{self, Sent},
    sources::leaves,
};
use crate::{
    browser::Exchange,
    session::{Explained, Item, Role, Sink, Source, Standing, State, TokenKind, jwt, looks_like_token},
    site::Origin,
};

/// A token with the forms of its value that requests may carry.
pub(super) struct Candidate {
    pub(super) token: Explained,
    pub(super) values: Vec<String>,
    pub(super) http_only: bool,
}

/// Every value that may carry the session, with where requests carry it: cookies, what looks like a token in the storage of
/// all origins, also inside JSON, percent-encoding or base64, headers that only scripts know, tokens that the traffic alone
/// has, and the tokens of pages against forged requests. No value is in it.
#[must_use]
pub fn explain(state: &State, traffic: &[Exchange]) -> Vec<Explained> {
    let sent: Vec<Sent> = traffic.iter().filter_map(Sent::of).collect();
    let mut all = cookies(state);
    all.extend(stored(state));
    let more = headers(state, &all);
    all.extend(more);
    let more = seen_only(traffic, &sent, state, &all);
    all.extend(more);
    all.extend(csrf::of_pages(traffic, &all));
    for candidate in &mut all {
        candidate.token.sent_as.extend(sinks::of_values(&sent, &candidate.values));
        candidate.token.sent_as.sort();
        candidate.token.sent_as.dedup();
    }
    let roles: Vec<Role> = all.iter().map(|candidate| role(candidate, &all, traffic)).collect();
    let explained = all.into_iter().zip(roles);
    explained.map(|(candidate, role)| Explained { role, ..candidate.token }).collect()
}

impl Candidate {
    pub(super) fn new(source: Source, origin: Option<Origin>, key: String, value: &str) -> Self {
        let token = Explained {
            source,
            origin,
            domain: None,
            key,
            kind: TokenKind::of(value),
            claims: claims(value),
            sent_as: Vec::new(),
            role: Role::Unknown,
            expires: jwt::expires(value),
            on_requests: Standing::Undecided,
            in_browser: Standing::Undecided,
        };
        Self { token, values: vec![value.to_owned()], http_only: false }
    }

    pub(super) fn has(&self, value: &str) -> bool {
        self.values.iter().any(|own| own == value)
    }
}

fn cookies(state: &State) -> Vec<Candidate> {
    let mut all = Vec::new();
    for cookie in state.cookies.iter().filter(|cookie| !cookie.value.is_empty()) {
        let source = Source::Cookie { name: cookie.name.clone() };
        let text = cookie.value.expose();
        let hidden = tokens_in(text).into_iter().filter(|(_, inner)| inner != text.trim_matches('"'));
        let mut own: Vec<_> = hidden.map(|(path, inner)| (joined(&cookie.name, &path), inner)).collect();
        if own.is_empty() {
            own.push((cookie.name.clone(), text.to_owned()));
        }
        for (key, value) in own {
            let mut candidate = Candidate::new(source.clone(), None, key, &value);
            candidate.token.domain = Some(cookie.domain.clone());
            candidate.token.expires = candidate.token.expires.into_iter().chain(cookie.expires).min();
            candidate.http_only = cookie.http_only;
            if !candidate.has(text) {
                candidate.values.push(text.to_owned());
            }
            all.push(candidate);
        }
    }
    all
}

fn stored(state: &State) -> Vec<Candidate> {
    let mut all = Vec::new();
    for stored in &state.origins {
        let origin = &stored.origin;
        for item in &stored.local_storage {
            let source = Source::LocalStorage { origin: origin.clone(), key: item.name.clone() };
            all.extend(in_item(&source, origin, item));
        }
        for item in &stored.session_storage {
            let source = Source::SessionStorage { origin: origin.clone(), key: item.name.clone() };
            all.extend(in_item(&source, origin, item));
        }
    }
    let databases = state.tokens().into_iter().filter(|t| matches!(t.source, Source::IndexedDb { .. }));
    all.extend(databases.map(|t| Candidate::new(t.source, t.origin, t.key, t.value.expose())));
    all
}

fn in_item(source: &Source, origin: &Origin, item: &Item) -> Vec<Candidate> {
    let found = tokens_in(item.value.expose()).into_iter().take(MOST_OF_ITEM);
    found
        .map(|(path, value)| {
            Candidate::new(source.clone(), Some(origin.clone()), joined(&item.name, &path), &value)
        })
        .collect()
}

/// Header tokens that no cookie and no storage holds; the others are told where they are kept.
fn headers(state: &State, known: &[Candidate]) -> Vec<Candidate> {
    let mut all = Vec::new();
    for header in &state.headers {
        let text = header.value.expose();
        let bare = text.split_once(' ').map_or(text, |(_, bare)| bare.trim());
        let is_known = known.iter().any(|c| c.token.source == header.source || c.has(bare) || c.has(text));
        if !is_known {
            let key = match &header.source {
                Source::JsonBody { path, .. } => path.clone(),
                _ => header.name.clone(),
            };
            let mut candidate = Candidate::new(header.source.clone(), Some(header.origin.clone()), key, bare);
            candidate
                .token
                .sent_as
                .push(Sink::Header { name: header.name.clone(), origin: header.origin.clone() });
            all.push(candidate);
        }
    }
    all
}

/// Tokens that only the traffic has: parameters of URLs, and what answers call a token.
fn seen_only(traffic: &[Exchange], sent: &[Sent], state: &State, known: &[Candidate]) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    let is_new = |value: &str| !known.iter().any(|candidate| candidate.has(value));
    for exchange in traffic {
        let Ok(url) = exchange.url.parse::<Url>() else { continue };
        let Some(origin) = Origin::of(&url).filter(|origin| is_own(state, origin)) else { continue };
        let body =
            exchange.response_body.as_deref().and_then(|body| serde_json::from_str::<Value>(body).ok());
        leaves(&body.unwrap_or_default(), "", &mut |path, text| {
            let is_token = names_token(path) && looks_like_token(text);
            if is_token && is_new(text) && seen.insert(text.to_owned()) {
                let source = Source::JsonBody { url: bare_url(&url), path: path.to_owned() };
                all.push(Candidate::new(source, Some(origin.clone()), path.to_owned(), text));
            }
        });
    }
    for (sink, text) in sent.iter().flat_map(Sent::places) {
        if let Sink::Query { key, origin } = sink
            && is_own(state, origin)
            && names_token(key)
            && looks_like_token(text)
            && is_new(text)
            && seen.insert(text.to_owned())
        {
            all.push(Candidate::new(
                Source::Url { key: key.clone() },
                Some(origin.clone()),
                key.clone(),
                text,
            ));
        }
    }
    all.truncate(MOST_SEEN);
    all
}

fn is_own(state: &State, origin: &Origin) -> bool {
    state.scope.contains(origin) || state.origin(origin).is_some()
}

/// Whether the last name on a way speaks of a token.
fn names_token(path: &str) -> bool {
    let name = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    ["token", "jwt", "ticket", "session", "sid", "auth", "secret", "apikey", "api_key", "csrf", "xsrf"]
        .iter()
        .any(|word| name.contains(word))
}

fn role(candidate: &Candidate, all: &[Candidate], traffic: &[Exchange]) -> Role {
    if let Some(scheme) = csrf::scheme(candidate, all, traffic) {
        return Role::Csrf { scheme };
    }
    let token = &candidate.token;
    let key = token.key.to_ascii_lowercase();
    if key.contains("refresh") || key.contains("remember") {
        return Role::Refresh;
    }
    let is_authorization = |sink: &Sink| matches!(sink, Sink::Header { name, .. } if name == "Authorization");
    let is_sealed = !matches!(token.kind, TokenKind::Opaque);
    let is_sent = !token.sent_as.is_empty();
    let is_session = token.sent_as.iter().any(is_authorization)
        || token.source == Source::Credentials
        || (candidate.http_only && candidate.values.iter().any(|value| value.len() >= SHORTEST_SESSION))
        || (is_sealed && is_sent)
        || token.sent_as.iter().any(|sink| matches!(sink, Sink::Header { .. } | Sink::Query { .. }));
    if is_session { Role::Session } else { Role::Unknown }
}

/// The names of a token's claims with the types of their values.
fn claims(value: &str) -> Vec<(String, String)> {
    let claims = jwt::claims(value);
    let fields = claims.as_ref().and_then(Value::as_object).into_iter().flatten();
    fields.map(|(name, value)| (name.clone(), kind_of(value).to_owned())).collect()
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

fn bare_url(url: &Url) -> Url {
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    bare
}

fn joined(name: &str, path: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{name}.{path}") }
}

/// Shorter cookies are settings.
const SHORTEST_SESSION: usize = 8;
/// A store of icons or settings has many long values; the first few tell enough.
const MOST_OF_ITEM: usize = 8;
const MOST_SEEN: usize = 16;
