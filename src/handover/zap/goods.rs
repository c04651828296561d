//! What of a session goes into ZAP, made ready without asking it anything.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use url::Url;

use super::{
    Error, Note,
    indicators::{Indicators, quoted},
};
use crate::{
    context::Context,
    inject::{HttpAuth, Mode, Stamp},
    session::{Cookie, HttpScheme, Method, Secret, Shared, State, now},
    site::{Origin, Scope},
};

/// Under which names it is in ZAP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The context's.
    pub context: String,
    /// The user's.
    pub user: String,
}

impl Default for Names {
    fn default() -> Self {
        Self { context: NAME.to_owned(), user: NAME.to_owned() }
    }
}

impl Names {
    /// The name of the HTTP session, and the begin of the names of rules.
    pub(super) fn session(&self) -> String {
        format!("handstamp {}/{}", self.context, self.user)
    }
}

/// A session in the parts that ZAP has places for.
#[derive(Debug, Clone)]
pub struct Goods {
    pub(super) names: Names,
    /// Where the session may go; never empty.
    pub(super) origins: Vec<Origin>,
    /// Expressions for the addresses in scope.
    pub(super) include: Vec<String>,
    /// Expressions for those that are not.
    pub(super) exclude: Vec<String>,
    /// The values of the cookies by their names, by site: host and port.
    pub(super) sites: BTreeMap<String, BTreeMap<String, Secret>>,
    /// The sites that are spoken to without encryption.
    pub(super) plain: BTreeSet<String>,
    /// The cookies as a user of a context has them.
    pub(super) cookies: Vec<Cookie>,
    pub(super) headers: Vec<Header>,
    /// How ZAP tells whether the session is alive, or why it cannot.
    pub(super) indicators: Result<Indicators, &'static str>,
    /// What stays behind in any ZAP.
    pub(super) notes: Vec<Note>,
}

/// A request header that one origin gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) origin: Origin,
    pub(super) name: String,
    pub(super) value: Secret,
}

impl Header {
    /// Whether it says which browser asks; it carries no session.
    pub(super) fn is_user_agent(&self) -> bool {
        self.name == "User-Agent"
    }
}

impl Goods {
    /// Makes a session ready. It goes where the context says, or where it belongs by itself.
    ///
    /// Fails with [`Error::Nowhere`] where neither is known.
    pub fn of(
        state: &State,
        names: Names,
        context: Option<&Context>,
        auth: Option<Arc<HttpAuth>>,
    ) -> Result<Self, Error> {
        let scope = context.map_or_else(|| state.reach(), Context::scope);
        let origins: Vec<Origin> = scope.origins().cloned().collect();
        if origins.is_empty() {
            return Err(Error::Nowhere);
        }
        let mut goods = Self {
            names,
            include: included(context, &origins),
            exclude: context.iter().flat_map(|c| &c.exclude).map(|p| p.as_str().to_owned()).collect(),
            sites: BTreeMap::new(),
            plain: origins.iter().filter(|origin| !origin.is_secure()).map(site).collect(),
            cookies: Vec::new(),
            headers: headers(state, &scope, &origins, auth),
            indicators: Indicators::of(state.check.as_ref()),
            notes: stays_behind(state, &origins),
            origins: Vec::new(),
        };
        for origin in &origins {
            goods.add_cookies(state, origin);
        }
        goods.origins = origins;
        goods.notes.extend(goods.indicators.as_ref().err().map(|why| Note::Unverified { why }));
        goods.notes.sort();
        goods.notes.dedup();
        Ok(goods)
    }

    fn add_cookies(&mut self, state: &State, origin: &Origin) {
        let mut cookies = Self::cookies_of(state, origin, now());
        // A session of a site knows no paths: the cookie that reaches farthest is the last to be written.
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        if cookies.is_empty() {
            return;
        }
        let values = self.sites.entry(site(origin)).or_default();
        for cookie in cookies {
            let before = values.insert(cookie.name.clone(), cookie.value.clone());
            if before.is_some_and(|before| before != cookie.value) {
                self.notes.push(Note::Paths { name: cookie.name.clone(), site: site(origin) });
            }
            if !self.cookies.iter().any(|known| known.is_same_as(cookie)) {
                self.cookies.push(cookie.clone());
            }
        }
    }

    /// The cookies that some request to an origin carries at the time `now`.
    pub(super) fn cookies_of<'a>(state: &'a State, origin: &Origin, now: i64) -> Vec<&'a Cookie> {
        state.cookies.iter().filter(|cookie| goes_to(cookie, origin, now)).collect()
    }

    /// An expression for the addresses of an origin, and no others: it means them whether it is searched for or has to
    /// match the whole.
    pub(super) fn addresses(origin: &Origin) -> String {
        let (scheme, host, port) = (origin.scheme(), quoted(origin.host()), origin.port());
        let is_usual = origin.to_string().ends_with(origin.host());
        let port = if is_usual { format!("(?::{port})?") } else { format!(":{port}") };
        format!("^{scheme}://{host}{port}(?:[/?#].*)?$")
    }
}

/// What ZAP calls a site.
pub(super) fn site(origin: &Origin) -> String {
    format!("{}:{}", origin.host(), origin.port())
}

fn included(context: Option<&Context>, origins: &[Origin]) -> Vec<String> {
    let Some(context) = context else { return origins.iter().map(Goods::addresses).collect() };
    let below = context.urls.iter().map(|url: &Url| format!("^{}.*$", quoted(url.as_str())));
    below.chain(context.include.iter().map(|pattern| pattern.as_str().to_owned())).collect()
}

fn goes_to(cookie: &Cookie, origin: &Origin, now: i64) -> bool {
    let mut url = origin.url();
    url.set_path(&cookie.path);
    cookie.matches(&url, now)
}

/// The headers that the session puts onto a plain request to each origin, but for its cookies.
fn headers(state: &State, scope: &Scope, origins: &[Origin], auth: Option<Arc<HttpAuth>>) -> Vec<Header> {
    let scope = Scope::new(scope.origins().cloned());
    let stamp = Stamp::new(Shared::new(state.clone()), scope, Mode::Force).with_auth(auth);
    let of = |origin: &Origin| {
        let origin = origin.clone();
        let made = stamp.request_headers(&origin.url());
        made.into_iter().filter_map(move |(name, value)| {
            let name = name.filter(|name| *name != http::header::COOKIE)?;
            let value = std::str::from_utf8(value.as_bytes()).ok()?.into();
            Some(Header { origin: origin.clone(), name: usual(name.as_str()), value })
        })
    };
    origins.iter().flat_map(of).collect()
}

/// The name of a header as people write it.
fn usual(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    });
    words.collect::<Vec<_>>().join("-")
}

fn stays_behind(state: &State, origins: &[Origin]) -> Vec<Note> {
    let stored = state.origins.iter().filter(|stored| origins.contains(&stored.origin)).map(|stored| {
        let entries = stored.local_storage.len() + stored.session_storage.len() + stored.indexed_db.len();
        (stored.origin.to_string(), entries)
    });
    let storage = stored.filter(|(_, n)| *n > 0).map(|(origin, entries)| Note::Storage { origin, entries });
    let method = match &state.method {
        Method::Script { .. } => Some("a script puts it onto requests"),
        Method::Http { scheme: HttpScheme::Digest } => Some("each answer to a Digest challenge is another"),
        _ => None,
    };
    storage.chain(method.map(|why| Note::Method { why })).collect()
}

/// What contexts and users are called where nobody says.
const NAME: &str = "handstamp";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{HeaderToken, Item, Source};

    fn cookie(name: &str, path: &str, value: &str) -> Cookie {
        Cookie {
            name: name.into(),
            value: value.into(),
            domain: "shop.example".into(),
            path: path.into(),
            ..Cookie::default()
        }
    }

    fn origin(text: &str) -> Origin {
        Origin::parse(text).unwrap()
    }

    fn names() -> Names {
        Names { context: "shop".into(), user: "anna".into() }
    }

    fn state() -> State {
        let api = origin("https://api.shop.example:8443");
        let mut state = State {
            cookies: vec![
                cookie("sid", "/app", "deep"),
                cookie("sid", "/", "wide"),
                Cookie { host_only: true, ..cookie("own", "/x", "1") },
                Cookie { expires: Some(1), ..cookie("old", "/", "1") },
            ],
            headers: vec![HeaderToken {
                origin: api.clone(),
                name: "authorization".into(),
                value: "Bearer planted".into(),
                source: Source::Memory,
            }],
            scope: vec![origin("https://shop.example"), api],
            ..State::default()
        };
        state.origin_mut(&origin("https://shop.example")).local_storage.push(Item::new("a", "b"));
        state
    }

    #[test]
    fn cookies_are_sorted_by_site_and_headers_keep_their_origin() {
        let goods = Goods::of(&state(), names(), None, None).unwrap();
        let own: Vec<_> =
            goods.sites["shop.example:443"].iter().map(|(n, v)| (n.as_str(), v.expose())).collect();
        assert_eq!(own, [("own", "1"), ("sid", "wide")]);
        assert_eq!(goods.sites["api.shop.example:8443"].len(), 1, "a host's own cookie stays there");
        assert_eq!(goods.headers.len(), 1);
        assert_eq!(goods.headers[0].name, "Authorization");
        assert_eq!(goods.headers[0].origin.host(), "api.shop.example");
        assert!(goods.plain.is_empty());
        assert!(!format!("{goods:?}").contains("planted"));
        let told = goods.notes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        for word in ["storage of https://shop.example (1 entries)", "cookie sid", "the session has no check"]
        {
            assert!(told.contains(word), "{word}: {told}");
        }
    }

    #[test]
    fn an_expression_matches_the_addresses_of_its_origin_alone() {
        let of = |text: &str| regex::Regex::new(&Goods::addresses(&origin(text))).unwrap();
        let usual = of("https://shop.example");
        for url in ["https://shop.example", "https://shop.example:443/", "https://shop.example/a?b#c"] {
            assert!(usual.is_match(url), "{url}");
        }
        for url in [
            "http://shop.example/",
            "https://shop.example:8443/",
            "https://shop.example.evil.example/",
            "https://evil.example/?https://shop.example/",
            "https://shopxexample/",
            "https://shop.example@evil.example/",
        ] {
            assert!(!usual.is_match(url), "{url}");
        }
        assert!(of("http://127.0.0.1:81").is_match("http://127.0.0.1:81/a"));
        assert!(!of("http://127.0.0.1:81").is_match("http://127.0.0.1:811/"));
    }

    #[test]
    fn a_session_without_origins_goes_nowhere() {
        let nowhere = Goods::of(&State::default(), names(), None, None);
        assert!(matches!(nowhere, Err(Error::Nowhere)));
    }
}
