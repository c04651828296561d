//! Takes the secrets of living sessions out of what the proxy writes down.

use std::{
    collections::{HashSet, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use crate::{
    report::Redactor,
    session::{Shared, State},
};

/// The secrets of the sessions that are alive, and those that they had before they were renewed.
pub(super) struct KnownSecrets {
    sessions: Arc<dyn Fn() -> Vec<Shared> + Send + Sync>,
    known: Mutex<Known>,
}

struct Known {
    changes: Vec<u64>,
    /// The oldest first; at most [`MOST`].
    secrets: VecDeque<String>,
    redactor: Redactor,
}

impl KnownSecrets {
    /// Asks `sessions` for those that are alive, whenever something is written.
    pub(super) fn new(sessions: impl Fn() -> Vec<Shared> + Send + Sync + 'static) -> Self {
        let redactor = Redactor::new([]);
        let known = Known { changes: Vec::new(), secrets: VecDeque::new(), redactor };
        Self { sessions: Arc::new(sessions), known: Mutex::new(known) }
    }

    /// The names of headers whose values are never written, whatever session they belong to.
    pub(super) fn headers(&self) -> Vec<String> {
        let of = |state: &State| state.headers.iter().map(|token| token.name.clone()).collect::<Vec<_>>();
        let own = (self.sessions)().iter().flat_map(|shared| shared.read(of)).collect::<Vec<_>>();
        USUAL_HEADERS.iter().map(|name| (*name).to_owned()).chain(own).collect()
    }

    /// A URL, a header's value or a body without secrets, fields that are named like passwords included.
    pub(super) fn mask(&self, text: &str) -> String {
        let mut known = self.lock();
        known.refresh(&(self.sessions)());
        masked(&known.redactor, text)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for KnownSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KnownSecrets")
    }
}

impl Known {
    fn refresh(&mut self, sessions: &[Shared]) {
        let changes: Vec<_> = sessions.iter().map(|shared| *shared.changes().borrow()).collect();
        if changes == self.changes {
            return;
        }
        self.changes = changes;
        let current: HashSet<String> =
            sessions.iter().flat_map(|shared| shared.read(State::hidden)).collect();
        let count = self.secrets.len();
        self.secrets.retain(|secret| !current.contains(secret));
        let is_news = count - self.secrets.len() < current.len();
        // The current ones come last, and are never dropped. Some applications renew a cookie with each answer: what was
        // renewed long ago is in no message any more.
        let room = MOST.saturating_sub(current.len());
        self.secrets.drain(..self.secrets.len().saturating_sub(room));
        self.secrets.extend(current);
        if !is_news {
            return;
        }
        self.redactor = Redactor::new(self.secrets.iter().map(String::as_str));
    }
}

/// How many secrets are remembered, the current ones among them. To know more costs time at each renewal.
const MOST: usize = 64;

fn masked(redactor: &Redactor, text: &str) -> String {
    if let Ok(mut value) = serde_json::from_str::<Value>(text)
        && (value.is_object() || value.is_array())
    {
        let masked = redactor.body(text, "application/json");
        redactor.value(&mut value);
        // Written anew it would look otherwise although nothing was taken out.
        let plain = value.to_string();
        return if masked == plain { redactor.text(text) } else { masked };
    }
    match text.split_once('?') {
        Some((place, query)) if text.starts_with("http") => {
            format!("{}?{}", redactor.text(place), redactor.body(query, FORM))
        }
        _ if is_form(text) => redactor.body(text, FORM),
        _ => redactor.text(text),
    }
}

fn is_form(text: &str) -> bool {
    !text.contains(char::is_whitespace)
        && !text.contains('<')
        && text.split('&').all(|pair| pair.contains('='))
}

const FORM: &str = "application/x-www-form-urlencoded";
const USUAL_HEADERS: [&str; 4] = ["x-api-key", "x-auth-token", "x-csrf-token", "x-xsrf-token"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Cookie;

    fn cookie(value: &str) -> Cookie {
        Cookie {
            name: "sid".into(),
            value: value.into(),
            domain: "shop.test".into(),
            path: "/".into(),
            ..Cookie::default()
        }
    }

    #[test]
    fn secrets_of_now_and_of_before_a_renewal_are_taken_out() {
        let shared = Shared::new(State { cookies: vec![cookie("first-secret")], ..State::default() });
        let own = shared.clone();
        let secrets = KnownSecrets::new(move || vec![own.clone()]);
        assert_eq!(secrets.mask("a first-secret b"), "a *** b");
        shared.update(|state| state.cookies = vec![cookie("second-secret")]);
        assert_eq!(secrets.mask("first-secret second-secret"), "*** ***");
    }

    #[test]
    fn the_oldest_are_forgotten_but_never_one_that_is_current() {
        let lasting = Cookie { name: "lasting".into(), ..cookie("lasting-secret") };
        let shared = Shared::new(State { cookies: vec![lasting.clone()], ..State::default() });
        let own = shared.clone();
        let secrets = KnownSecrets::new(move || vec![own.clone()]);
        for number in 0..MOST + 10 {
            let renewed = cookie(&format!("renewed-secret-{number:05}"));
            shared.update(|state| state.cookies = vec![lasting.clone(), renewed]);
            secrets.lock().refresh(std::slice::from_ref(&shared));
        }
        assert_eq!(secrets.lock().secrets.len(), MOST);
        let last = format!("renewed-secret-{:05}", MOST + 9);
        assert_eq!(secrets.mask(&format!("lasting-secret {last}")), "*** ***");
        assert_eq!(secrets.mask("renewed-secret-00000"), "renewed-secret-00000");
    }

    #[test]
    fn fields_that_are_named_like_passwords_are_taken_out_of_urls_forms_and_json() {
        let redactor = Redactor::new([]);
        assert_eq!(
            masked(&redactor, "http://shop.test/?password=x&q=1"),
            "http://shop.test/?password=***&q=1"
        );
        assert_eq!(masked(&redactor, "user=a&password=x"), "user=a&password=***");
        assert_eq!(masked(&redactor, r#"{ "password": "x" }"#), r#"{"password":"***"}"#);
        for harmless in [r#"{ "q": "x" }"#, "a = b", "<p>token=1</p>", "plain"] {
            assert_eq!(masked(&redactor, harmless), harmless);
        }
    }
}
