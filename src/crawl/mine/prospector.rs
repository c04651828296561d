//! Mines while the browsers work: reads what they load, fetches what they do not, and asks what is really there.

use std::{collections::HashSet, time::Duration};

use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use url::Url;

use super::{
    asker::Asker,
    description::USUAL_PLACES,
    find::What,
    ground::Ground,
    mined::{Mined, Verdict},
    opening::{Fetch, Opening, Way},
    pit::{Bringer, Text, TextKind},
    reading::reading,
    schema::{Operation, is_graphql_path, operations, question},
};
use crate::crawl::{event::Event, reason::Reason, route::endpoint_route, run::Team, source::Source};

/// Mines until nothing is left to be mined and the browsers are done, or until told to stop.
pub(in crate::crawl) async fn prospect<S: Source, E: Fn(Event) + Send + Sync>(
    team: &Team<S, E>,
    stop: &CancellationToken,
) -> Vec<Mined> {
    let crawl = &team.crawl;
    let limits = (crawl.settings.browsers, crawl.settings.body_limit);
    let mut prospector = Prospector {
        team,
        ground: Ground::new(&crawl.start, crawl.scope.clone()),
        asker: Asker::new(&crawl.client, crawl.stamp.as_ref(), &team.log, &team.conduct, limits),
        questioned: HashSet::new(),
        read: 0,
        seen: 0,
    };
    tokio::select! {
        () = prospector.work() => {}
        () = stop.cancelled() => {}
    }
    team.map.stop_waiting_for_mining();
    prospector.ground.close()
}

struct Prospector<'a, S, E> {
    team: &'a Team<S, E>,
    ground: Ground,
    asker: Asker<'a>,
    questioned: HashSet<String>,
    /// Up to here the log's addresses have been read for values.
    read: usize,
    /// Up to here the states have been read for addresses.
    seen: usize,
}

/// Whether there was anything to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Something,
    Nothing,
}

impl<S: Source, E: Fn(Event) + Send + Sync> Prospector<'_, S, E> {
    async fn work(&mut self) {
        let mut changes = self.team.map.changes();
        while self.team.map.states() < FIRST_STATES && !self.team.map.is_drained() {
            changes.borrow_and_update();
            let _ = time::timeout(PATIENCE, changes.changed()).await;
        }
        self.look_in_usual_places();
        loop {
            changes.borrow_and_update();
            if self.step().await == Found::Something {
                continue;
            }
            if self.team.map.is_drained() {
                return;
            }
            let _ = time::timeout(PATIENCE, changes.changed()).await;
        }
    }

    fn look_in_usual_places(&mut self) {
        let start = self.team.crawl.start.clone();
        let start = (&start, &start);
        self.ground.fetch("/robots.txt", start, TextKind::Robots);
        self.ground.fetch("/sitemap.xml", start, TextKind::Sitemap);
        for place in USUAL_PLACES {
            self.ground.fetch(place, start, TextKind::Description);
        }
    }

    /// Does one thing: the cheapest first.
    async fn step(&mut self) -> Found {
        let is_at_rest = self.team.map.is_drained();
        let rest = || is_at_rest.then(|| self.team.pit.take_any()).flatten();
        if let Some(text) = self.team.pit.take().or_else(rest) {
            self.read(text).await;
            return Found::Something;
        }
        self.learn();
        // Which addresses are left alone is known when the browsers have seen all elements that they can.
        let may_ask = is_at_rest || !self.team.conduct.has_excluded_elements();
        let openings = if may_ask { self.ground.openings() } else { Vec::new() };
        if !openings.is_empty() {
            for opening in openings {
                self.open(opening);
            }
            return Found::Something;
        }
        if self.asker.is_spent() {
            return Found::Nothing;
        }
        if let Some(fetch) = self.ground.next_fetch() {
            self.fetch(fetch).await;
        } else if !may_ask {
            return Found::Nothing;
        } else if let Some((at, url, what)) = self.ground.next_probe() {
            self.probe(at, &url, what).await;
        } else if let Some(url) = self.next_graphql() {
            self.introspect(&url).await;
        } else {
            return Found::Nothing;
        }
        Found::Something
    }

    async fn read(&mut self, text: Text) {
        let read = tokio::task::spawn_blocking(move || {
            let found = reading(&text);
            (text, found)
        });
        if let Ok((text, found)) = read.await {
            debug!(url = %text.url, kind = ?text.kind, finds = found.finds.len(), "mined");
            self.ground.take_in(&text, found);
        }
    }

    /// Takes values from the addresses that were asked for since, and looks where browsers have arrived.
    fn learn(&mut self) {
        let arrived = self.team.map.urls_since(self.seen);
        self.seen += arrived.len();
        for url in &arrived {
            self.ground.arrived(url);
        }
        let (urls, read) = self.team.log.urls_since(self.read);
        self.read = read;
        for url in &urls {
            self.ground.values.learn_url(url);
        }
    }

    /// Fetches a text that only mining wants; what turns out to be something else is left.
    async fn fetch(&mut self, Fetch { url, kind, page }: Fetch) {
        let Some(asked) = self.asker.get(&url).await.filter(|asked| asked.answer.status == 200) else {
            return;
        };
        let told = TextKind::of(&asked.answer.headers);
        let fits = match kind {
            TextKind::Script => told == TextKind::Script,
            TextKind::SourceMap | TextKind::Sitemap | TextKind::Robots => told != TextKind::Html,
            _ => told != TextKind::Html && self.asker.is_telling(&asked.answer).await,
        };
        if !fits {
            return;
        }
        if kind != TextKind::Script {
            self.team.log.confirm(asked.index);
        }
        self.team.pit.put(Text { url, page: Some(page), kind, body: asked.answer.body, finds: Vec::new() });
    }

    /// Asks for an endpoint once, and tells whether it exists.
    async fn probe(&mut self, at: usize, url: &Url, what: What) {
        if self.team.log.knows("GET", &endpoint_route(url)) {
            return self.ground.judge(at, Verdict::Confirmed);
        }
        let shunned = self.team.conduct.shuns(url).map(Reason::words);
        let left = shunned.or_else(|| self.team.map.leaves_alone(url).then_some("left alone"));
        if let Some(reason) = left {
            return self.ground.judge(at, Verdict::Unconfirmed(reason));
        }
        let Some(asked) = self.asker.get(url).await else {
            return self.ground.judge(at, Verdict::Unconfirmed("no answer"));
        };
        let answer = asked.answer;
        let is_html = TextKind::of(&answer.headers) == TextKind::Html;
        let verdict = match answer.status {
            404 | 405 | 410 | 501 => Verdict::Refused(answer.status),
            _ if self.asker.is_telling(&answer).await => Verdict::Confirmed,
            _ => Verdict::CatchAll,
        };
        self.ground.judge(at, verdict.clone());
        if what == What::Route && matches!(verdict, Verdict::Refused(_)) {
            // The server does not know it: the view has its place behind a hash.
            self.ground.views.is_hash(url);
        }
        // A link that leads to the application's only document leads to one of its views.
        let is_view =
            verdict == Verdict::CatchAll && matches!(what, What::Page | What::Route) && answer.status == 200;
        let is_seen = !is_html || !self.team.conduct.has_excluded_elements();
        if verdict == Verdict::Confirmed {
            self.team.log.confirm(asked.index);
        }
        // Which elements of a document are left alone is known where a browser looks at it.
        if verdict == Verdict::Confirmed && is_seen {
            self.team.pit.answer(Bringer::Mining, (url, None), &answer.headers, answer.body);
        }
        if is_html && (is_view || (verdict == Verdict::Confirmed && what != What::Call)) {
            let way = if is_view { Way::Soft } else { Way::Address };
            if !(is_view && self.ground.views.take(url)) {
                self.open(self.ground.views.opening(url, way));
            }
        }
    }

    /// Lets a browser open a page, unless it is left alone.
    fn open(&self, opening: Opening) {
        if self.team.conduct.shuns(&opening.url).is_none() {
            self.team.map.open(opening);
        }
    }

    /// A GraphQL endpoint that the application used, or that was linked, and that was not questioned yet.
    fn next_graphql(&mut self) -> Option<Url> {
        let linked = self.ground.endpoints.iter().filter(|m| !m.template.contains('{'));
        let linked =
            linked.filter_map(|m| Url::parse(&m.template).ok()).filter(|url| is_graphql_path(url.path()));
        let used = self.team.log.graphql();
        let found = used.into_iter().chain(linked).find(|url| !self.questioned.contains(url.as_str()))?;
        self.questioned.insert(found.to_string());
        Some(found)
    }

    async fn introspect(&mut self, url: &Url) {
        let Some(asked) = self.asker.question(url, question().to_string()).await else { return };
        let Some(found) = operations(&String::from_utf8_lossy(&asked.answer.body)) else { return };
        self.team.log.confirm(asked.index);
        self.note_operations(url, found);
    }

    fn note_operations(&mut self, url: &Url, operations: Vec<Operation>) {
        let template = url.to_string();
        let is_it =
            |mined: &&mut Mined| mined.template == template && mined.method.as_deref() == Some("POST");
        if let Some(mined) = self.ground.endpoints.iter_mut().find(is_it) {
            mined.operations = operations;
            mined.verdict = Verdict::Confirmed;
            return;
        }
        self.ground.endpoints.push(Mined {
            method: Some("POST".to_owned()),
            template,
            fields: vec!["query".to_owned()],
            sources: vec!["introspection".to_owned()],
            surety: super::mined::Surety::Told,
            verdict: Verdict::Confirmed,
            operations,
        });
    }
}

/// Mining begins when so many states are known.
const FIRST_STATES: usize = 2;
/// How long to wait at most for something new.
const PATIENCE: Duration = Duration::from_millis(500);
