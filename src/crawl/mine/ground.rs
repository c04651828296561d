//! What has been mined so far: endpoints, pages, and texts that are worth fetching.

use std::collections::{HashMap, HashSet, VecDeque};

use url::Url;

use super::{
    find::{Find, What, is_asset, is_script},
    mined::{Mined, NOT_YET, Surety, Verdict, first_verdict, is_harmful},
    opening::{Fetch, Opening, Way, document},
    pit::{Text, TextKind},
    place::{resolve, veiled},
    reading::{Mode, Reading},
    template::{fill, gaps, says_something, shape, with_gaps},
    values::Values,
    views::Views,
};
use crate::{crawl::route::folder, site::Scope};

/// The findings, and what is still to be done with them.
#[derive(Debug)]
pub(super) struct Ground {
    start: Url,
    scope: Scope,
    pub(super) values: Values,
    pub(super) endpoints: Vec<Mined>,
    known: HashMap<String, usize>,
    /// Endpoints that nobody has asked for yet, with whether they are said to be pages.
    waiting: VecDeque<(usize, What)>,
    /// How many were asked for in each folder.
    asked: HashMap<String, usize>,
    pub(super) views: Views,
    /// Scripts in whose addresses something is missing.
    vague_scripts: Vec<(String, Url)>,
    fetches: VecDeque<Fetch>,
    fetched: HashSet<Url>,
}

impl Ground {
    pub(super) fn new(start: &Url, scope: Scope) -> Self {
        let views = Views::new(start);
        let start = document(start);
        Self {
            start,
            scope,
            values: Values::default(),
            endpoints: Vec::new(),
            known: HashMap::new(),
            waiting: VecDeque::new(),
            asked: HashMap::new(),
            views,
            vague_scripts: Vec::new(),
            fetches: VecDeque::new(),
            fetched: HashSet::new(),
        }
    }

    /// Takes in what a text gave.
    pub(super) fn take_in(&mut self, text: &Text, reading: Reading) {
        let page = document(text.page.as_ref().unwrap_or(&self.start));
        if let Some(mode) = reading.mode.filter(|mode| *mode != Mode::Unknown) {
            let known = self.views.settle(&page, mode);
            self.ask_no_more(&known);
        }
        reading.values.iter().for_each(|value| self.values.learn(&text.url, value));
        let own =
            reading.base.as_deref().and_then(|base| text.url.join(base).ok()).unwrap_or(text.url.clone());
        for (index, find) in reading.finds.into_iter().enumerate() {
            let is_own =
                find.what == What::SourceMap || (find.target.starts_with('.') && find.what == What::Script);
            let is_code = matches!(text.kind, TextKind::Script | TextKind::SourceMap) && !is_own;
            let base = if is_code { &page } else { &own };
            let source = source(&text.url, reading.sources.get(index), find.line);
            self.add(find, (base, &page), source);
        }
    }

    /// Takes in where a browser has arrived.
    pub(super) fn arrived(&mut self, at: &Url) {
        let known = self.views.arrived(at);
        self.ask_no_more(&known);
    }

    /// Views whose addresses were to be tried need not be any more.
    fn ask_no_more(&mut self, views: &[Url]) {
        let Self { waiting, endpoints, .. } = self;
        let is_one = |mined: &Mined| views.iter().any(|url| url.as_str() == mined.template);
        waiting.retain(|(at, what)| *what != What::Route || !endpoints.get(*at).is_some_and(is_one));
    }

    /// Queues a text that may be there.
    pub(super) fn fetch(&mut self, target: &str, (base, page): (&Url, &Url), kind: TextKind) {
        let Ok(url) = base.join(target) else { return };
        if self.scope.contains(&url) && self.fetched.len() < MOST_FETCHES && self.fetched.insert(url.clone())
        {
            self.fetches.push_back(Fetch { url, kind, page: page.clone() });
        }
    }

    /// The next text that should be fetched.
    pub(super) fn next_fetch(&mut self) -> Option<Fetch> {
        if self.fetches.is_empty() {
            self.fill_scripts();
        }
        self.fetches.pop_front()
    }

    /// Fills the gap in the address of a script with all words that bear its name.
    fn fill_scripts(&mut self) {
        let vague = self.vague_scripts.clone();
        for (template, page) in &vague {
            let names: Vec<&str> = gaps(template).collect();
            let [name] = names.as_slice() else { continue };
            let words: Vec<String> = self.values.words(name).to_vec();
            for word in words {
                self.fetch(&fill(template, name, &word), (page, page), TextKind::Script);
            }
        }
    }

    fn add(&mut self, find: Find, (base, page): (&Url, &Url), source: String) {
        match find.what {
            What::Script if find.target.contains('{') => {
                let whole = resolve(base, &find.target).map(|template| (template, page.clone()));
                self.vague_scripts.extend(whole.filter(|vague| !self.vague_scripts.contains(vague)));
            }
            What::Script => self.fetch(&find.target, (base, page), TextKind::Script),
            What::SourceMap => self.fetch(&find.target, (base, page), TextKind::SourceMap),
            What::Sitemap => self.fetch(&find.target, (base, page), TextKind::Sitemap),
            What::Description => self.fetch(&find.target, (base, page), TextKind::Description),
            What::Route => self.views.add(page, &find.target),
            What::Page | What::Word if find.target.starts_with('#') => {
                // No document is known that such a script runs in.
                if find.target.contains('/') && !is_script(page.path()) {
                    self.views.add(page, &find.target);
                }
            }
            _ => self.endpoint(find, (base, page), source),
        }
    }

    fn endpoint(&mut self, find: Find, (base, page): (&Url, &Url), source: String) {
        let is_pattern = find.target.contains("/:");
        if is_pattern && find.what == What::Word {
            return;
        }
        let Some(template) = resolve(base, &find.target) else { return };
        let template = if is_pattern { with_gaps(&template) } else { template };
        let (address, fragment) = template.split_once('#').map_or((template.as_str(), ""), |(a, f)| (a, f));
        if fragment.contains('/') && page.as_str() == address {
            return self.views.add(page, &format!("#{fragment}"));
        }
        let Some(url) = veiled(address).filter(|url| self.scope.contains(url)) else { return };
        if !says_something(address) || is_asset(url.path()) {
            return;
        }
        let method = find.method.clone().or_else(|| (find.what == What::Page).then(|| "GET".to_owned()));
        let key = format!(
            "{} {}",
            method.as_deref().unwrap_or("GET"),
            shape(address.split('?').next().unwrap_or_default())
        );
        let surety = if find.what == What::Word { Surety::Guess } else { Surety::Told };
        if let Some(at) = self.known.get(&key).copied() {
            if find.what == What::Route {
                self.waiting
                    .iter_mut()
                    .filter(|(other, _)| *other == at)
                    .for_each(|(_, what)| *what = What::Route);
            }
            let Some(known) = self.endpoints.get_mut(at) else { return };
            let is_refused = matches!(known.verdict, Verdict::Refused(_)) && find.what == What::Route;
            known.hear(find, surety, source);
            if is_refused {
                self.views.is_hash(&url);
            }
            return;
        }
        let verdict = first_verdict(method.as_deref(), find.what, &url);
        let at = self.endpoints.len();
        if at >= MOST_ENDPOINTS {
            return;
        }
        self.known.insert(key, at);
        if verdict == Verdict::Unconfirmed(NOT_YET) {
            self.waiting.push_back((at, find.what));
        }
        let (template, sources) = (address.to_owned(), vec![source]);
        let operations = Vec::new();
        self.endpoints.push(Mined {
            method,
            template,
            fields: find.fields,
            sources,
            surety,
            verdict,
            operations,
        });
    }

    /// The next endpoint that can be asked for: its place, its address, and whether it is said to be a page.
    pub(super) fn next_probe(&mut self) -> Option<(usize, Url, What)> {
        for _ in 0..self.waiting.len() {
            let (at, what) = self.waiting.pop_front()?;
            let template = self.endpoints.get(at).map(|mined| mined.template.clone()).unwrap_or_default();
            match self.values.fill(&template).and_then(|filled| Url::parse(&filled).ok()) {
                Some(url) if is_harmful(&url) => self.judge(at, Verdict::Unconfirmed("left alone")),
                Some(url) if self.scope.contains(&url) => {
                    let asked = self.asked.entry(folder(&url)).or_default();
                    *asked += 1;
                    if *asked <= if what == What::Page { MOST_PAGES } else { MOST_CALLS } {
                        return Some((at, url, what));
                    }
                    self.judge(at, Verdict::Unconfirmed(ENOUGH));
                }
                Some(_) => {}
                None => self.waiting.push_back((at, what)),
            }
        }
        None
    }

    pub(super) fn judge(&mut self, at: usize, verdict: Verdict) {
        if let Some(mined) = self.endpoints.get_mut(at) {
            mined.verdict = verdict;
        }
    }

    /// The views that can be opened by now; each is given once.
    pub(super) fn openings(&mut self) -> Vec<Opening> {
        let Self { views, values, .. } = self;
        let mut ready = Vec::new();
        for shown in views.ready(|route| values.fill(route)) {
            if !self.scope.contains(&shown.url) || is_harmful(&shown.url) {
                continue;
            }
            if shown.is_sure {
                ready.push(Opening { url: shown.url, way: Way::Soft, page: Some(shown.page) });
            } else {
                let find = Find::new(What::Route, shown.url.as_str());
                self.endpoint(find, (&shown.page, &shown.page), shown.page.to_string());
            }
        }
        ready
    }

    /// What was never asked for, because its gaps could not be filled.
    pub(super) fn close(mut self) -> Vec<Mined> {
        for (at, _) in std::mem::take(&mut self.waiting) {
            self.judge(at, Verdict::Unconfirmed(NO_VALUES));
        }
        self.endpoints
    }
}

impl Mined {
    /// Takes in that it was found once more.
    fn hear(&mut self, find: Find, surety: Surety, source: String) {
        self.surety = self.surety.max(surety);
        if self.method.is_none() {
            self.method = find.method;
        }
        if self.sources.len() < MOST_SOURCES && !self.sources.contains(&source) {
            self.sources.push(source);
        }
        for field in find.fields {
            if !self.fields.contains(&field) {
                self.fields.push(field);
            }
        }
    }
}

/// Where something was read, in words.
fn source(url: &Url, name: Option<&String>, line: usize) -> String {
    let place = name.cloned().unwrap_or_else(|| url[..url::Position::AfterPath].to_owned());
    if line == 0 { place } else { format!("{place}:{line}") }
}

const ENOUGH: &str = "many of its folder were asked for";
/// How many links and how many calls of one folder are asked for: lists and feeds go on without end.
const MOST_PAGES: usize = 12;
const MOST_CALLS: usize = 60;
const NO_VALUES: &str = "its parameters are not known";
const MOST_ENDPOINTS: usize = 5000;
const MOST_FETCHES: usize = 400;
const MOST_SOURCES: usize = 5;

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{super::reading::reading, *};
    use crate::site::Origin;

    fn ground(texts: &[(&str, TextKind, &str)]) -> Ground {
        let start = Url::parse("http://a.example/#/home").unwrap();
        let mut ground = Ground::new(&start, Scope::new([Origin::of(&start).unwrap()]));
        for (path, kind, body) in texts {
            let url = start.join(path).unwrap();
            let (page, kind) = ((*kind == TextKind::Html).then(|| url.clone()), *kind);
            let body = Bytes::copy_from_slice(body.as_bytes());
            let text = Text { url, page, kind, body, finds: Vec::new() };
            let found = reading(&text);
            ground.take_in(&text, found);
        }
        ground
    }

    #[test]
    fn gaps_wait_until_their_values_were_seen() {
        let script = (
            "/static/a.js",
            TextKind::Script,
            "get('/api/items');get(`/api/items/${id}`);post('/api/items',{a:1})",
        );
        let mut before = ground(&[script]);
        assert_eq!(before.next_probe().unwrap().1.path(), "/api/items");
        assert!(before.next_probe().is_none());
        let mut after = ground(&[script, ("/api/items", TextKind::Json, r#"[{"id":5}]"#)]);
        after.next_probe();
        assert_eq!(after.next_probe().unwrap().1.path(), "/api/items/5");
        let posted = after.close().into_iter().find(|m| m.method.as_deref() == Some("POST")).unwrap();
        assert_eq!(
            (posted.fields, posted.sources),
            (vec!["a".to_owned()], vec!["http://a.example/static/a.js:1".to_owned()])
        );
    }

    #[test]
    fn what_does_harm_or_lies_elsewhere_is_never_asked_for() {
        let body = "get('/logout');get('/api/items/delete/5');get('https://b.example/x');get('/api/users/delete-account')";
        assert!(ground(&[("/a.js", TextKind::Script, body)]).next_probe().is_none());
    }

    #[test]
    fn views_are_opened_as_the_router_writes_them() {
        let table = (
            "/a.js",
            TextKind::Script,
            "[{path:'admin',component:a},{path:'user/:id',component:b},{path:'logout',component:c}]",
        );
        let openings = ground(&[table]).openings();
        assert_eq!(openings.len(), 1);
        assert_eq!(openings[0].url.as_str(), "http://a.example/#/admin");
        let mut history = ground(&[table, ("/", TextKind::Router, r#"{"mode":"history"}"#)]);
        assert_eq!(history.openings()[0].url.as_str(), "http://a.example/admin");
    }

    #[test]
    fn scripts_that_were_not_loaded_are_fetched_from_where_they_lie() {
        let body = "import('./views/b.js');f('assets/c.js')\n//# sourceMappingURL=a.js.map";
        let mut ground = ground(&[("/static/a.js", TextKind::Script, body)]);
        let fetches: Vec<String> =
            std::iter::from_fn(|| ground.next_fetch()).map(|fetch| fetch.url.path().to_owned()).collect();
        assert_eq!(fetches, ["/static/views/b.js", "/assets/c.js", "/static/a.js.map"]);
    }

    #[test]
    fn a_script_whose_name_is_put_together_is_sought_under_all_names_that_were_seen() {
        let mut ground = ground(&[
            ("/static/a.js", TextKind::Script, "import(`/views/${view.module}.js`)"),
            (
                "/",
                TextKind::Html,
                r#"<script type="application/json">[{"module":"admin"},{"module":"x y"}]</script>"#,
            ),
        ]);
        let fetches: Vec<String> =
            std::iter::from_fn(|| ground.next_fetch()).map(|fetch| fetch.url.path().to_owned()).collect();
        assert_eq!(fetches, ["/views/admin.js"]);
    }
}
