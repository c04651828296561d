//! Which values a session had before, so that a browser which goes on sending them is understood.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{COOKIE, USER_AGENT},
};
use url::Url;

use super::{cookie_header, request::Stamp};
use crate::session::{Cookie, Secret, jwt, now};

/// Remembers what requests carried of a session while it was the current value, and what of that is dead by now.
///
/// A value that the session never had is none of its business: a page that has thrown the session away stays without it.
#[derive(Default)]
pub struct Succession(Mutex<HashMap<Slot, Vec<Known>>>);

/// What a request carries, held against the session as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing that is known of this session.
    Foreign,
    /// What the session has now.
    Current,
    /// What the session had before.
    Old,
}

/// Where a value goes: a header or a cookie of requests to one origin.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Slot {
    origin: String,
    place: Place,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Place {
    Cookie(String),
    Header(HeaderName),
}

struct Known {
    value: Secret,
    fate: Fate,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Nothing was heard against it.
    Open,
    /// It was refused where the current one was not.
    Dead,
}

/// A part of the session that a request has, with its own value and the current one.
struct Part {
    slot: Slot,
    sent: Secret,
    now: Secret,
}

impl Succession {
    /// Takes note of what a request carries, and puts the current values in the place of those that are known to be dead.
    ///
    /// Sessions of HTTP authentication are [`Standing::Foreign`]: they have no values that a browser could keep.
    pub fn meet(&self, stamp: &Stamp, url: &Url, headers: &mut HeaderMap) -> Standing {
        let parts = parts(stamp, url, headers);
        let mut known = self.lock();
        for part in parts.iter().filter(|part| part.sent == part.now) {
            note(known.entry(part.slot.clone()).or_default(), &part.now, Fate::Open);
        }
        if parts.iter().any(|part| fate(&known, part) == Some(Fate::Dead)) {
            drop(known);
            Self::replace(stamp, url, headers);
            return Standing::Current;
        }
        standing_of(&known, &parts)
    }

    /// How a request that was sent stands now.
    #[must_use]
    pub fn standing(&self, stamp: &Stamp, url: &Url, sent: &HeaderMap) -> Standing {
        let parts = parts(stamp, url, sent);
        standing_of(&self.lock(), &parts)
    }

    /// What this request carried was refused, and what the session has now is not: from now on it is replaced on its way.
    pub fn condemn(&self, stamp: &Stamp, url: &Url, sent: &HeaderMap) {
        let mut known = self.lock();
        for part in parts(stamp, url, sent).iter().filter(|part| part.sent != part.now) {
            note(known.entry(part.slot.clone()).or_default(), &part.sent, Fate::Dead);
        }
    }

    /// All that the session had is dead, but for what it has now.
    pub fn bury(&self) {
        self.lock().values_mut().flatten().for_each(|known| known.fate = Fate::Dead);
    }

    /// Puts what the session has now in the place of what a request has of it. Cookies come all or not at all, for they belong
    /// together; a header comes where there was one.
    pub fn replace(stamp: &Stamp, url: &Url, headers: &mut HeaderMap) {
        let now = stamp.request_headers(url);
        let cookies: Vec<Cookie> = cookies(&now)
            .map(|(name, value)| Cookie { name: name.to_owned(), value: value.into(), ..Cookie::default() })
            .collect();
        let names = stamp.cookie_names(url);
        let has_cookies = self::cookies(headers).any(|(name, _)| names.iter().any(|known| known == name));
        if has_cookies {
            cookie_header::merge(headers, &cookies.iter().collect::<Vec<_>>(), b"");
        }
        for (name, value) in own_headers(&now) {
            if headers.contains_key(name) {
                headers.insert(name, value.clone());
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Slot, Vec<Known>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Succession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Succession").field("slots", &self.lock().len()).finish()
    }
}

/// The parts of the session that a request has.
fn parts(stamp: &Stamp, url: &Url, sent: &HeaderMap) -> Vec<Part> {
    if stamp.has_credentials() {
        return Vec::new();
    }
    let (now, names) = (stamp.request_headers(url), stamp.cookie_names(url));
    let origin = url.origin().ascii_serialization();
    let part = |place, sent: &str, now: &str| Part {
        slot: Slot { origin: origin.clone(), place },
        sent: sent.into(),
        now: now.into(),
    };
    let of_cookie = |(name, value): (&str, &str)| {
        let (_, sent) = cookies(sent).find(|(other, _)| *other == name)?;
        Some(part(Place::Cookie(name.to_owned()), sent, value))
    };
    let of_header = |(name, value): (&HeaderName, &HeaderValue)| {
        let sent = sent.get(name)?.to_str().ok()?;
        Some(part(Place::Header(name.clone()), sent, value.to_str().ok()?))
    };
    let mine = cookies(&now).filter(|(name, _)| names.iter().any(|known| known == name));
    mine.filter_map(of_cookie).chain(own_headers(&now).filter_map(of_header)).collect()
}

fn own_headers(headers: &HeaderMap) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
    headers.iter().filter(|(name, _)| **name != COOKIE && **name != USER_AGENT)
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    cookie_header::pairs(headers).filter_map(|pair| std::str::from_utf8(pair).ok()?.split_once('='))
}

fn standing_of(known: &HashMap<Slot, Vec<Known>>, parts: &[Part]) -> Standing {
    if parts.iter().any(|part| part.sent != part.now && fate(known, part).is_some()) {
        Standing::Old
    } else if parts.iter().any(|part| part.sent == part.now) {
        Standing::Current
    } else {
        Standing::Foreign
    }
}

/// What became of the value that a request has; nothing where the session never had it.
fn fate(known: &HashMap<Slot, Vec<Known>>, part: &Part) -> Option<Fate> {
    let values = known.get(&part.slot)?;
    let known = values.iter().find(|known| known.value == part.sent && part.sent != part.now)?;
    let is_over = jwt::expires(known.value.expose()).is_some_and(|end| end <= now());
    Some(if is_over { Fate::Dead } else { known.fate })
}

fn note(values: &mut Vec<Known>, value: &Secret, fate: Fate) {
    if let Some(known) = values.iter_mut().find(|known| known.value == *value) {
        known.fate = fate;
        return;
    }
    if values.len() >= MOST_VALUES {
        values.remove(0);
    }
    values.push(Known { value: value.clone(), fate });
}

/// How many values of one part are remembered: some applications renew a cookie with every answer.
const MOST_VALUES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        inject::Mode,
        session::{HeaderToken, Shared, Source, State},
        site::{Origin, Scope},
    };

    const OLD: &str = "old-token-of-anna-0001";
    const NEW: &str = "new-token-of-anna-0002";

    fn state(token: &str) -> State {
        let origin = Origin::parse("https://a.example").unwrap();
        let source = Source::LocalStorage { origin: origin.clone(), key: "token".into() };
        let value = format!("Bearer {token}").as_str().into();
        let cookie = Cookie {
            name: "sid".into(),
            value: token.into(),
            domain: "a.example".into(),
            host_only: true,
            path: "/".into(),
            http_only: true,
            ..Cookie::default()
        };
        State {
            headers: vec![HeaderToken { origin, name: "Authorization".into(), value, source }],
            cookies: vec![cookie],
            ..State::default()
        }
    }

    fn request(token: &str) -> HeaderMap {
        let pairs =
            [("cookie", format!("lang=de; sid={token}")), ("authorization", format!("Bearer {token}"))];
        pairs
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
            .into_iter()
            .collect()
    }

    struct Desk {
        shared: Shared,
        stamp: Stamp,
        url: Url,
        succession: Succession,
    }

    impl Desk {
        fn new() -> Self {
            let shared = Shared::new(state(OLD));
            let scope = Scope::new([Origin::parse("https://a.example").unwrap()]);
            let stamp = Stamp::new(shared.clone(), scope, Mode::Follow);
            let url = Url::parse("https://a.example/api").unwrap();
            Self { shared, stamp, url, succession: Succession::default() }
        }

        fn meet(&self, headers: &mut HeaderMap) -> Standing {
            self.succession.meet(&self.stamp, &self.url, headers)
        }
    }

    #[test]
    fn a_value_that_was_refused_is_replaced_on_its_way_and_an_older_one_is_not() {
        let desk = Desk::new();
        assert_eq!(desk.meet(&mut request(OLD)), Standing::Current);
        desk.shared.update(|own| *own = state(NEW));
        let mut sent = request(OLD);
        assert_eq!((desk.meet(&mut sent), &sent), (Standing::Old, &request(OLD)));
        desk.succession.condemn(&desk.stamp, &desk.url, &sent);
        assert_eq!(desk.meet(&mut sent), Standing::Current);
        assert_eq!(sent["authorization"], format!("Bearer {NEW}").as_str());
        assert_eq!(sent["cookie"], format!("sid={NEW}; lang=de").as_str());
    }

    #[test]
    fn what_is_buried_is_replaced_unless_it_is_what_the_session_has() {
        let desk = Desk::new();
        desk.meet(&mut request(OLD));
        desk.succession.bury();
        let mut sent = request(OLD);
        assert_eq!((desk.meet(&mut sent), &sent), (Standing::Current, &request(OLD)));
        desk.succession.bury();
        desk.shared.update(|own| *own = state(NEW));
        assert_eq!(desk.meet(&mut sent), Standing::Current);
        assert_eq!(sent["authorization"], format!("Bearer {NEW}").as_str());
    }

    #[test]
    fn what_the_session_never_had_is_left_alone() {
        let desk = Desk::new();
        desk.meet(&mut request(OLD));
        desk.shared.update(|own| *own = state(NEW));
        let mut sent = request("null");
        assert_eq!((desk.meet(&mut sent), &sent), (Standing::Foreign, &request("null")));
        assert_eq!(desk.meet(&mut HeaderMap::new()), Standing::Foreign);
    }

    #[test]
    fn a_session_that_is_put_back_is_the_current_one_again() {
        let desk = Desk::new();
        desk.meet(&mut request(OLD));
        desk.shared.update(|own| *own = state(NEW));
        desk.succession.condemn(&desk.stamp, &desk.url, &request(OLD));
        desk.shared.update(|own| *own = state(OLD));
        let mut sent = request(OLD);
        assert_eq!((desk.meet(&mut sent), &sent), (Standing::Current, &request(OLD)));
        assert!(!format!("{:?}", desk.succession).contains(OLD));
    }
}
