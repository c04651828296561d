//! The views that routers know, and how they write them: behind a hash, or as addresses.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::{
    opening::{Opening, Way, address, document},
    reading::Mode,
    template::shape,
};

/// The views of all documents.
#[derive(Debug)]
pub(super) struct Views {
    /// How routers write addresses, by the documents that they run in.
    modes: HashMap<Url, Mode>,
    /// Those that nobody has opened yet, as the documents that they run in, and paths.
    routes: Vec<(Url, String)>,
    known: HashSet<(Url, String)>,
    /// Views that nobody knows how to write, by the address that is tried first.
    unsure: HashMap<Url, (Url, String)>,
}

/// A view whose gaps are filled.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) page: Url,
    pub(super) url: Url,
    /// Whether it is known that its router writes it so.
    pub(super) is_sure: bool,
}

impl Views {
    pub(super) fn new(start: &Url) -> Self {
        Self {
            modes: HashMap::from([(document(start), mode_of(start))]),
            routes: Vec::new(),
            known: HashSet::new(),
            unsure: HashMap::new(),
        }
    }

    /// Notes how a page writes its views; gives the addresses that need not be asked for any more to find it out.
    pub(super) fn settle(&mut self, page: &Url, mode: Mode) -> Vec<Url> {
        self.modes.insert(page.clone(), mode);
        let ours: Vec<Url> =
            self.unsure.iter().filter(|(_, (home, _))| home == page).map(|(url, _)| url.clone()).collect();
        self.routes.extend(ours.iter().filter_map(|url| self.unsure.remove(url)));
        ours
    }

    /// Learns how a page writes its views from where a browser is, unless that is known; gives what [`Self::settle`] gives.
    pub(super) fn arrived(&mut self, at: &Url) -> Vec<Url> {
        let (page, mode) = (document(at), mode_of(at));
        if mode == Mode::Unknown || self.mode(&page) != Mode::Unknown {
            return Vec::new();
        }
        self.settle(&page, mode)
    }

    /// Takes in a view, by its path or by what stands behind the hash.
    pub(super) fn add(&mut self, page: &Url, path: &str) {
        if path.starts_with('#') && self.mode(page) == Mode::Unknown {
            self.modes.insert(page.clone(), if path.starts_with("#!") { Mode::Bang } else { Mode::Hash });
        }
        let path = path.trim_start_matches(['#', '!']).to_owned();
        let key = (page.clone(), shape(&path));
        if path.len() > 1 && self.known.len() < MOST && self.known.insert(key) {
            self.routes.push((page.clone(), path));
        }
    }

    /// Takes a link that leads to the application's only document for a view, where its router writes these behind a
    /// hash; tells whether it does.
    pub(super) fn take(&mut self, url: &Url) -> bool {
        let is_behind_hash = |mode: &Mode| matches!(mode, Mode::Hash | Mode::Bang);
        let ours = self.modes.iter().filter(|(page, _)| page.origin() == url.origin());
        let pages = ours.filter(|(_, mode)| is_behind_hash(mode)).map(|(page, _)| page.clone());
        let Some(page) = pages.min_by_key(|page| page.path().len()) else { return false };
        let folder = page.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        self.add(&page, url.path().strip_prefix(folder).unwrap_or(url.path()));
        true
    }

    /// How an address that was asked for is opened: a view by the router that knows it.
    pub(super) fn opening(&self, url: &Url, way: Way) -> Opening {
        let is_view = |(page, path): &&(Url, String)| path == url.path() && page.origin() == url.origin();
        let is_plain = |(page, _): &&(Url, String)| !matches!(self.mode(page), Mode::Hash | Mode::Bang);
        let page = self.known.iter().filter(is_view).find(is_plain).map(|(page, _)| page.clone());
        Opening { url: url.clone(), way: if page.is_some() { Way::Soft } else { way }, page }
    }

    /// The views whose gaps `fill` can fill by now; each is given once.
    pub(super) fn ready(&mut self, fill: impl Fn(&str) -> Option<String>) -> Vec<Shown> {
        let mut ready = Vec::new();
        for (page, route) in std::mem::take(&mut self.routes) {
            let Some(path) = fill(&route) else {
                self.routes.push((page, route));
                continue;
            };
            let mode = self.mode(&page);
            let Some(url) = address(&page, &path, mode) else { continue };
            if mode == Mode::Unknown {
                self.unsure.insert(url.clone(), (page.clone(), path));
            }
            ready.push(Shown { page, url, is_sure: mode != Mode::Unknown });
        }
        ready
    }

    /// A view was not known to the server: it is written behind a hash.
    pub(super) fn is_hash(&mut self, url: &Url) {
        if let Some((page, path)) = self.unsure.remove(url) {
            if self.mode(&page) == Mode::Unknown {
                self.modes.insert(page.clone(), Mode::Hash);
            }
            self.routes.push((page, path));
        }
    }

    fn mode(&self, page: &Url) -> Mode {
        let known = self.modes.get(page).filter(|mode| **mode != Mode::Unknown);
        // Views of one application have many addresses, and one router.
        let other = || {
            self.modes.iter().find(|(other, mode)| other.origin() == page.origin() && **mode == Mode::History)
        };
        known.or_else(|| other().map(|(_, mode)| mode)).copied().unwrap_or_default()
    }
}

/// How a page writes its views, as one of their addresses shows it.
fn mode_of(url: &Url) -> Mode {
    match url.fragment() {
        Some(fragment) if fragment.starts_with('/') => Mode::Hash,
        Some(fragment) if fragment.starts_with("!/") => Mode::Bang,
        _ => Mode::Unknown,
    }
}

/// How many views are opened at most.
const MOST: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn ready(views: &mut Views) -> Vec<(String, bool)> {
        let ready = views.ready(|path| Some(path.to_owned()));
        ready.into_iter().map(|shown| (shown.url.into(), shown.is_sure)).collect()
    }

    #[test]
    fn a_view_that_the_server_does_not_know_is_tried_behind_a_hash() {
        let page = url("http://a.example/app/x.html");
        let mut views = Views::new(&page);
        views.add(&page, "/secret");
        assert_eq!(ready(&mut views), [("http://a.example/secret".to_owned(), false)]);
        views.is_hash(&url("http://a.example/secret"));
        assert_eq!(ready(&mut views), [("http://a.example/app/x.html#/secret".to_owned(), true)]);
    }

    #[test]
    fn nobody_is_asked_for_a_view_once_the_router_said_how_it_writes_them() {
        let page = url("http://a.example/");
        let mut views = Views::new(&page);
        views.add(&page, "/secret");
        assert_eq!(ready(&mut views), [("http://a.example/secret".to_owned(), false)]);
        assert_eq!(views.settle(&page, Mode::Hash), [url("http://a.example/secret")]);
        assert_eq!(ready(&mut views), [("http://a.example/#/secret".to_owned(), true)]);
    }

    #[test]
    fn a_page_that_goes_behind_a_hash_by_itself_has_told_how_it_writes_views() {
        let page = url("http://a.example/");
        let mut views = Views::new(&page);
        views.add(&page, "/secret");
        assert_eq!(ready(&mut views), [("http://a.example/secret".to_owned(), false)]);
        assert!(views.arrived(&page).is_empty());
        assert_eq!(views.arrived(&url("http://a.example/#/home")), [url("http://a.example/secret")]);
        assert!(views.take(&url("http://a.example/contact")));
        let all =
            ["http://a.example/#/secret", "http://a.example/#/contact"].map(|url| (url.to_owned(), true));
        assert_eq!(ready(&mut views), all);
        views.settle(&page, Mode::History);
        assert!(views.arrived(&url("http://a.example/#/home")).is_empty(), "its router knows better");
    }

    #[test]
    fn a_link_to_the_only_document_leads_to_a_view_behind_a_hash() {
        let mut views = Views::new(&url("http://a.example/app/#/home"));
        assert!(views.take(&url("http://a.example/app/contact")));
        assert_eq!(ready(&mut views), [("http://a.example/app/#/contact".to_owned(), true)]);
        assert!(!Views::new(&url("http://a.example/")).take(&url("http://a.example/contact")));
    }
}
