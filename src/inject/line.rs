//! The headers that a session puts onto requests to one origin, made when the session changes and not with each request.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use http::{HeaderName, HeaderValue, header};
use tracing::warn;
use url::Url;

use super::{
    credentials::secret,
    repeated_cookie::{cookie_value, current_value},
    rides::is_kept,
};
use crate::{
    session::{HeaderTemplate, HeaderToken, Method, Part, Place, Source, State},
    site::Origin,
};

/// A header, ready to be put on.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) name: HeaderName,
    pub(super) home: Home,
    value: Made,
}

/// Whether a browser that got the session has what a header is made of, so that its pages send it themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// It is in cookies or storage.
    Browser,
    /// No browser can be given it.
    Nowhere,
}

#[derive(Debug)]
enum Made {
    Ready(HeaderValue),
    /// It repeats a cookie that may depend on the path.
    Token(HeaderToken),
    /// The same, in a text. What is no cookie has been filled in.
    Text(Vec<Part>),
}

impl Line {
    /// The value on a request to `url`; nothing where a cookie that it needs does not go there.
    pub(super) fn value(&self, state: &State, url: &Url) -> Option<HeaderValue> {
        match &self.value {
            Made::Ready(value) => Some(value.clone()),
            Made::Token(token) => secret(&current_value(state, url, token)),
            Made::Text(parts) => {
                let text = parts.iter().map(|part| match part {
                    Part::Text(text) => Some(text.clone()),
                    Part::Place(Place::Cookie(name)) => cookie_value(state, url, name),
                    Part::Place(_) => None,
                });
                secret(&text.collect::<Option<String>>()?)
            }
        }
    }

    fn of_token(token: &HeaderToken) -> Option<Self> {
        let name = HeaderName::try_from(&token.name).ok()?;
        let home = if token.source == Source::Memory { Home::Nowhere } else { Home::Browser };
        let value = match token.source {
            Source::Cookie { .. } => Made::Token(token.clone()),
            _ => Made::Ready(secret(token.value.expose())?),
        };
        Some(Self { name, home, value })
    }

    /// Fails with what is missing.
    fn of_template(template: &HeaderTemplate, state: &State, origin: &Origin) -> Result<Self, String> {
        let name = HeaderName::try_from(&template.name).map_err(|_| "it is no header name".to_owned())?;
        if FRAMING.contains(&name) {
            return Err("it belongs to the connection, not to the session".to_owned());
        }
        let mut parts: Vec<Part> = Vec::new();
        for part in template.value.parts() {
            let part = match part {
                Part::Place(Place::Cookie(name)) if !state.cookies.iter().any(|c| c.name == *name) => {
                    return Err(format!("the session has no cookie `{name}`"));
                }
                Part::Place(place) if !matches!(place, Place::Cookie(_)) => {
                    match state.value_of(place, origin) {
                        Some(value) => Part::Text(value.expose().to_owned()),
                        None => return Err(format!("the session has no value for `{{%{place}%}}`")),
                    }
                }
                other => other.clone(),
            };
            match (parts.last_mut(), part) {
                (Some(Part::Text(text)), Part::Text(more)) => text.push_str(&more),
                (_, part) => parts.push(part),
            }
        }
        let value = match parts.as_slice() {
            [] => return Err("it is empty".to_owned()),
            [Part::Text(text)] => Made::Ready(secret(text).ok_or("its value is no header value")?),
            _ => Made::Text(parts),
        };
        let home = if template.value.places().any(is_kept) { Home::Browser } else { Home::Nowhere };
        Ok(Self { name, home, value })
    }
}

/// The lines of a session for each origin that was asked for since its last change.
#[derive(Debug, Default)]
pub(super) struct Lines {
    made: Mutex<HashMap<Origin, Arc<Vec<Line>>>>,
    /// What was warned of, so that it is said once and not with every change.
    told: Arc<Mutex<HashSet<String>>>,
}

impl Lines {
    /// No lines yet, for a new state of the session that `last` was made for.
    pub(super) fn after(last: Option<&Self>) -> Self {
        Self { told: last.map(|last| Arc::clone(&last.told)).unwrap_or_default(), ..Self::default() }
    }

    /// The lines for an origin; `state` is the state that they are made from where they are not there yet.
    pub(super) fn of(&self, origin: &Origin, state: &State) -> Arc<Vec<Line>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lines) = made.get(origin) {
            return Arc::clone(lines);
        }
        let lines = Arc::new(self.make(origin, state));
        made.insert(origin.clone(), Arc::clone(&lines));
        lines
    }

    fn make(&self, origin: &Origin, state: &State) -> Vec<Line> {
        match &state.method {
            Method::Browser | Method::Http { .. } => {
                let tokens = state.headers.iter().filter(|token| token.origin == *origin);
                let lines = tokens.filter_map(Line::of_token);
                // Credentials make this one for each request; what the page's scripts add goes along.
                let is_made =
                    |line: &Line| state.method != Method::Browser && line.name == header::AUTHORIZATION;
                lines.filter(|line| !is_made(line)).collect()
            }
            Method::Headers { headers } if !is_downgrade(state, origin) => {
                let line = |template: &HeaderTemplate| match Line::of_template(template, state, origin) {
                    Ok(line) => Some(line),
                    Err(reason) => {
                        let (header, text) = (&template.name, format!("{} {reason}", template.name));
                        self.once(text, || warn!(%header, %origin, "the header is left out: {reason}"));
                        None
                    }
                };
                headers.iter().filter_map(line).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Says something the first time only.
    pub(super) fn once(&self, text: String, say: impl FnOnce()) {
        if self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(text) {
            say();
        }
    }
}

/// Whether going to this origin would take to the open what belongs to an encrypted one.
pub(super) fn is_downgrade(state: &State, origin: &Origin) -> bool {
    if origin.is_trustworthy() {
        return false;
    }
    let login = state.recipe.as_ref().and_then(|recipe| Origin::of(&recipe.login_url));
    let check = state.check.as_ref().and_then(|check| Origin::of(&check.url));
    let mut homes = state.scope.iter().cloned().chain(login).chain(check);
    homes.any(|home| home.is_secure())
}

/// Headers that say how a message is sent; who could set them could smuggle requests.
const FRAMING: [HeaderName; 8] = [
    header::HOST,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::EXPECT,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::now;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn state(templates: &[(&str, &str)]) -> State {
        let headers = templates
            .iter()
            .map(|(name, value)| HeaderTemplate { name: (*name).into(), value: value.parse().unwrap() });
        let mut state = State {
            method: Method::Headers { headers: headers.collect() },
            scope: vec![Origin::parse("https://app.example").unwrap()],
            values: vec![(Place::Json("token".into()), "t1".into())],
            ..State::default()
        };
        let home = url("https://app.example/");
        assert!(state.receive_cookie("csrf=c%3D1; Path=/in; Secure", &home, now()));
        state
    }

    fn values(state: &State, at: &str) -> Vec<Option<String>> {
        let at = url(at);
        let lines = Lines::default().of(&Origin::of(&at).unwrap(), state);
        lines.iter().map(|line| Some(line.value(state, &at)?.to_str().unwrap().to_owned())).collect()
    }

    #[test]
    fn places_are_filled_and_a_cookie_is_read_when_the_url_is_known() {
        let state = state(&[("Authorization", "Bearer {%json:token%}"), ("X-Csrf", "a-{%cookie:csrf%}-z")]);
        let expected = |csrf: &str| vec![Some("Bearer t1".to_owned()), Some(csrf.to_owned())];
        assert_eq!(values(&state, "https://app.example/in/x"), expected("a-c%3D1-z"));
    }

    #[test]
    fn a_header_without_a_value_is_left_out_and_told_once() {
        let state =
            state(&[("X-A", "{%json:nothing%}"), ("X-B", "{%json:token%}"), ("X-C", "{%cookie:none%}")]);
        assert_eq!(values(&state, "https://app.example/"), [Some("t1".to_owned())]);
        let lines = Lines::default();
        lines.of(&Origin::parse("https://app.example").unwrap(), &state);
        let next = Lines::after(Some(&lines));
        next.of(&Origin::parse("https://app.example").unwrap(), &state);
        assert_eq!(next.told.lock().unwrap().len(), 2);
    }

    #[test]
    fn no_template_takes_from_https_to_http() {
        let state = state(&[("Authorization", "Bearer {%json:token%}")]);
        assert_eq!(values(&state, "http://app.example/"), []);
        let mut plain = state.clone();
        plain.scope = vec![Origin::parse("http://app.example").unwrap()];
        assert_eq!(values(&plain, "http://app.example/").len(), 1);
    }

    #[test]
    fn headers_of_the_connection_and_what_breaks_a_request_are_left_out() {
        let mut state = state(&[
            ("Host", "evil.example"),
            ("Content-Length", "0"),
            ("bad name", "x"),
            ("X-Split", "{%json:split%}"),
            ("X-Empty", ""),
        ]);
        state.values.push((Place::Json("split".into()), "a\r\nX-Evil: 1".into()));
        assert_eq!(values(&state, "https://app.example/"), []);
    }

    #[test]
    fn what_a_script_adds_to_credentials_goes_along_and_credentials_are_made_anew() {
        let token = |name: &str| HeaderToken {
            origin: Origin::parse("https://app.example").unwrap(),
            name: name.into(),
            value: "v".into(),
            source: Source::Memory,
        };
        let state = State {
            method: Method::Http { scheme: crate::session::HttpScheme::Digest },
            headers: vec![token("Authorization"), token("X-Csrf")],
            ..State::default()
        };
        assert_eq!(values(&state, "https://app.example/").len(), 1);
    }

    #[test]
    fn what_a_browser_holds_is_told_from_what_it_cannot_be_given() {
        let state = state(&[("X-A", "{%json:token%}"), ("X-B", "{%cookie:csrf%}")]);
        let origin = Origin::parse("https://app.example").unwrap();
        let homes: Vec<_> = Lines::default().of(&origin, &state).iter().map(|line| line.home).collect();
        assert_eq!(homes, [Home::Nowhere, Home::Browser]);
    }
}
