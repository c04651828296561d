//! Addresses to which only elements lead that are left alone: nobody asks for them by other ways either.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use url::Url;

use super::{reason::Reason, route::page_route};

/// What elements were seen to lead to, by route.
#[derive(Debug, Default)]
pub(super) struct Shunned(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    left: HashMap<String, Reason>,
    offered: HashSet<String>,
    /// What was noted already: pages tell the same again and again.
    known: HashSet<(Url, bool)>,
}

impl Shunned {
    /// Notes where an element leads, and why it is left alone, if it is.
    pub(super) fn note(&self, url: &Url, left: Option<Reason>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !seen.known.insert((url.clone(), left.is_some())) {
            return;
        }
        match left {
            Some(reason) => drop(seen.left.entry(page_route(url)).or_insert(reason)),
            None => drop(seen.offered.insert(page_route(url))),
        }
    }

    /// Why an address is not asked for: all elements that lead there are left alone.
    pub(super) fn reason(&self, url: &Url) -> Option<Reason> {
        let (seen, route) = (self.0.lock().unwrap_or_else(PoisonError::into_inner), page_route(url));
        seen.left.get(&route).filter(|_| !seen.offered.contains(&route)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shunned_until_an_element_that_may_be_used_leads_there() {
        let url = |path: &str| Url::parse("http://a/").unwrap().join(path).unwrap();
        let shunned = Shunned::default();
        shunned.note(&url("/wipe/1"), Some(Reason::Excluded));
        assert_eq!(shunned.reason(&url("/wipe/2#top")), Some(Reason::Excluded));
        assert_eq!(shunned.reason(&url("/wiped")), None);
        shunned.note(&url("/wipe/3"), None);
        assert_eq!(shunned.reason(&url("/wipe/1")), None);
    }
}
