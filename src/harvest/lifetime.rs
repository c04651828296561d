//! Tells when a session ends, and how it goes on.

use url::Url;

use super::{inside::tokens_in, sinks::Sent};
use crate::{
    browser::Exchange,
    session::{Credential, Explained, Lifetime, Refresh, Role, Sink, Source, State, TokenKind},
};

/// When a session ends by its tokens, how the application renews it by itself, and how handstamp will.
///
/// A renewal that was seen in the traffic is told with its request; else a token that is named for it tells that there is one.
#[must_use]
pub fn lifetime(state: &State, tokens: &[Explained], traffic: &[Exchange]) -> Lifetime {
    let ends = state.expires();
    let refresh = seen(traffic, tokens, state).or_else(|| kept(tokens));
    Lifetime { ends, by: by(ends, state, tokens), renewal: renewal(state, ends, refresh.as_ref()), refresh }
}

/// What tells the end.
fn by(ends: Option<i64>, state: &State, tokens: &[Explained]) -> String {
    let Some(ends) = ends else {
        return if state.cookies.iter().any(|cookie| cookie.http_only && cookie.expires.is_none()) {
            "the server alone: cookies of the browser session".to_owned()
        } else {
            "the server alone: no token tells its end".to_owned()
        };
    };
    let of = tokens.iter().find(|token| token.expires == Some(ends));
    of.map_or_else(
        || "a token's own claim".to_owned(),
        |token| match token.kind {
            TokenKind::Jwt => format!("`exp` of {}", token.source),
            _ => format!("the end of {}", token.source),
        },
    )
}

/// A request that spent a refresh token, or is named for it, and was answered with a token.
fn seen(traffic: &[Exchange], tokens: &[Explained], state: &State) -> Option<Refresh> {
    traffic.iter().rev().find_map(|exchange| {
        let url = exchange.url.parse::<Url>().ok()?;
        let path = url.path().to_ascii_lowercase();
        let body = exchange.request_body.as_deref().unwrap_or_default();
        let is_granted = body.contains("refresh_token");
        let is_named = path.split(['/', '-', '_', '.']).any(|word| WORDS.contains(&word));
        let is_answered = exchange.status.is_some_and(|status| (200..300).contains(&status))
            && (exchange.response_header("set-cookie").is_some()
                || exchange.response_body.as_deref().is_some_and(|body| !tokens_in(body).is_empty()));
        let is_asked = exchange.is_script_call() || exchange.kind.is_empty();
        if !(is_answered && is_asked && (is_granted || is_named)) {
            return None;
        }
        let with = spent(exchange, tokens, state, &url);
        Some(Refresh { request: Some(format!("{} {}", exchange.method, url.path())), with })
    })
}

/// What a renewal spends: the refresh token in its body or header, else the cookies that go to it.
fn spent(exchange: &Exchange, tokens: &[Explained], state: &State, url: &Url) -> String {
    let sent = Sent::of(exchange);
    let sinks: Vec<&Sink> = sent.iter().flat_map(Sent::places).map(|(sink, _)| sink).collect();
    let carried = |token: &&Explained| {
        token.role == Role::Refresh && token.sent_as.iter().any(|sink| sinks.contains(&sink))
    };
    if let Some(token) = tokens.iter().find(carried) {
        return token.source.to_string();
    }
    let cookies = state.cookies_for(url, crate::session::now());
    let named = cookies.iter().find(|cookie| cookie.name.to_ascii_lowercase().contains("refresh"));
    let hidden = || cookies.iter().find(|cookie| cookie.http_only);
    named
        .or_else(hidden)
        .map_or_else(|| "a token in memory".to_owned(), |cookie| format!("cookie:{}", cookie.name))
}

/// A token that is there to be spent, though nobody has seen that.
fn kept(tokens: &[Explained]) -> Option<Refresh> {
    let token = tokens.iter().find(|token| token.role == Role::Refresh && !is_remembered(token))?;
    Some(Refresh { request: None, with: token.source.to_string() })
}

fn is_remembered(token: &Explained) -> bool {
    matches!(&token.source, Source::Cookie { name } if name.to_ascii_lowercase().contains("remember"))
}

fn renewal(state: &State, ends: Option<i64>, refresh: Option<&Refresh>) -> String {
    let password = state.recipe.as_ref().and_then(|recipe| recipe.password.as_ref());
    let login =
        password.map(|password: &Credential| format!("a new login with the password from {password}"));
    let when = if ends.is_some() { "a little before the end" } else { "once the check says that it is dead" };
    match (refresh, login) {
        (Some(_), Some(login)) => {
            format!("{when}: a browser lets the application renew it by itself, else {login}")
        }
        (Some(_), None) => {
            format!("{when}: a browser lets the application renew it by itself; no password is known")
        }
        (None, Some(login)) => format!("{when}: {login}"),
        (None, None) => {
            "none: no password is known and the application does not renew it by itself".to_owned()
        }
    }
}

/// Words in paths that ask for a new token.
const WORDS: &[&str] = &["refresh", "renew", "refreshtoken", "renewtoken", "silent"];
