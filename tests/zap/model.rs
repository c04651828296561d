//! The stores of a ZAP, and what they put on a request: as its sources have it, with their traps.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use regex::Regex;
use url::Url;

/// The names of a site's tokens: sessions hold on to the one that they were made with.
type Tokens = Arc<Mutex<BTreeSet<String>>>;

#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) version: String,
    /// Which add-ons and components there are beyond the core.
    pub(crate) components: BTreeSet<&'static str>,
    pub(crate) contexts: Vec<Context>,
    pub(crate) sites: BTreeMap<String, Site>,
    pub(crate) tokens: BTreeMap<String, Tokens>,
    pub(crate) rules: Vec<BTreeMap<String, String>>,
    pub(crate) variables: BTreeMap<String, String>,
    /// The calls, without what they were given.
    pub(crate) calls: Vec<String>,
    pub(crate) next: usize,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Context {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) include: Vec<String>,
    pub(crate) exclude: Vec<String>,
    pub(crate) authentication: BTreeMap<String, String>,
    pub(crate) management: BTreeMap<String, String>,
    pub(crate) checking: BTreeMap<String, String>,
    pub(crate) users: Vec<User>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) is_enabled: bool,
    pub(crate) credentials: String,
    /// By name, domain and path.
    pub(crate) cookies: BTreeMap<(String, String, String), String>,
}

#[derive(Debug, Default)]
pub(crate) struct Site {
    pub(crate) sessions: Vec<Session>,
    pub(crate) active: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) name: String,
    tokens: Option<Tokens>,
    pub(crate) values: BTreeMap<String, String>,
}

impl Model {
    pub(crate) fn context(&mut self, key: &str) -> Option<&mut Context> {
        self.contexts.iter_mut().find(|context| context.id == key || context.name == key)
    }

    pub(crate) fn add_token(&mut self, site: &str, name: &str) {
        self.tokens.entry(site.to_owned()).or_default().lock().unwrap().insert(name.to_owned());
    }

    pub(crate) fn remove_token(&mut self, site: &str, name: &str) {
        let Some(tokens) = self.tokens.get(site).cloned() else { return };
        let mut names = tokens.lock().unwrap();
        names.remove(name);
        if names.is_empty() {
            self.tokens.remove(site);
        }
        for session in self.sites.get_mut(site).into_iter().flat_map(|site| &mut site.sessions) {
            session.values.remove(name);
        }
    }

    /// A new session is active at once, and stays without tokens for ever if the site has none now.
    pub(crate) fn create(&mut self, site: &str, name: &str) {
        let tokens = self.tokens.get(site).cloned();
        let place = self.sites.entry(site.to_owned()).or_default();
        if !place.sessions.iter().any(|session| session.name == name) {
            place.sessions.push(Session { name: name.to_owned(), tokens, values: BTreeMap::new() });
            self.activate(site, name);
        }
    }

    /// Whoever was active and has no values is lost.
    pub(crate) fn activate(&mut self, site: &str, name: &str) -> bool {
        let Some(place) = self.sites.get_mut(site) else { return false };
        if !place.sessions.iter().any(|session| session.name == name) {
            return false;
        }
        let before = place.active.replace(name.to_owned()).filter(|before| before != name);
        place.sessions.retain(|session| Some(&session.name) != before.as_ref() || !session.values.is_empty());
        true
    }

    pub(crate) fn remove(&mut self, site: &str, name: &str) -> bool {
        let Some(place) = self.sites.get_mut(site) else { return false };
        let count = place.sessions.len();
        place.sessions.retain(|session| session.name != name);
        place.active = place.active.take().filter(|active| active != name);
        place.sessions.len() < count
    }

    /// The cookies and headers with which a request goes out that came without any.
    pub(crate) fn sent(&self, url: &str) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
        let parsed = Url::parse(url).unwrap();
        let host = parsed.host_str().unwrap().to_lowercase();
        let site = format!("{host}:{}", parsed.port_or_known_default().unwrap());
        let mut cookies = BTreeMap::new();
        if let Some(active) = self.sites.get(&site).and_then(Site::active) {
            let names =
                active.tokens.iter().flat_map(|tokens| tokens.lock().unwrap().clone()).collect::<Vec<_>>();
            let values =
                names.into_iter().filter_map(|name| Some((name.clone(), active.values.get(&name)?.clone())));
            cookies.extend(values);
        }
        let mut headers = BTreeMap::new();
        for rule in self.rules.iter().filter(|rule| rule["enabled"] == "true") {
            let url_pattern = rule.get("url").cloned().unwrap_or_default();
            if url_pattern.is_empty() || Regex::new(&format!("^(?:{url_pattern})$")).unwrap().is_match(url) {
                headers.insert(rule["matchString"].clone(), rule["replacement"].clone());
            }
        }
        if let Some(value) = self.variables.get("ZAP_AUTH_HEADER_VALUE") {
            let name = self.variables.get("ZAP_AUTH_HEADER").cloned().unwrap_or("Authorization".into());
            if self.variables.get("ZAP_AUTH_HEADER_SITE").is_none_or(|part| host.contains(part)) {
                headers.insert(name, value.clone());
            }
        }
        (cookies, headers)
    }

    /// All that is kept, but for what a ZAP counts and logs; two that are alike are in the same state.
    pub(crate) fn state(&self) -> String {
        let sites: Vec<_> = self.sites.iter().filter(|(_, site)| !site.sessions.is_empty()).collect();
        format!(
            "{:#?}\n{sites:#?}\n{:#?}\n{:#?}\n{:#?}",
            self.contexts, self.tokens, self.rules, self.variables
        )
    }
}

impl Site {
    fn active(&self) -> Option<&Session> {
        self.sessions.iter().find(|session| Some(&session.name) == self.active.as_ref())
    }
}

impl Context {
    pub(crate) fn new(id: usize, name: &str) -> Self {
        let method = |name: &str| BTreeMap::from([("methodName".to_owned(), name.to_owned())]);
        Self {
            id: id.to_string(),
            name: name.to_owned(),
            authentication: method("manualAuthentication"),
            management: method("cookieBasedSessionManagement"),
            checking: BTreeMap::from([("checkingStrategy".to_owned(), "EACH_RESP".to_owned())]),
            ..Self::default()
        }
    }
}
