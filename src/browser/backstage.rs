//! What a browser without BiDi and CDP leaves to the proxy in front of it.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use url::Url;

use super::{Challenges, Report, Reports, Traffic, report::Reporter};

/// The agreement between a browser and its proxy; clones share it.
///
/// Addresses whose query is a word that nobody else knows are answered by the proxy itself: an empty page of that
/// origin, the scripts that are to run before a document's own, or the place where these report what happens.
#[derive(Clone)]
pub struct Backstage(Arc<Inner>);

struct Inner {
    word: String,
    scripts: Mutex<Vec<String>>,
    traffic: Mutex<Option<Traffic>>,
    places: Mutex<BTreeSet<Url>>,
    challenges: Mutex<Option<Challenges>>,
    listening: Mutex<Option<Listening>>,
}

/// Who hears what scripts report.
struct Listening {
    reporter: Reporter,
    /// The tab that was there when the listening began.
    tab: String,
}

/// What the proxy is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// An empty page.
    Page,
    /// The scripts.
    Scripts,
    /// To take in a report of a tab that nothing opened.
    Report,
    /// To take in a report of a tab that a page has opened.
    ReportOfOpened,
}

impl Default for Backstage {
    fn default() -> Self {
        let word = format!("{:032x}", rand::random::<u128>());
        let (scripts, traffic, places) = (Mutex::default(), Mutex::default(), Mutex::default());
        let (challenges, listening) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { word, scripts, traffic, places, challenges, listening }))
    }
}

impl Backstage {
    /// Whether an address is meant for the proxy itself, and what for.
    #[must_use]
    pub fn asked(&self, url: &Url) -> Option<Asked> {
        match url.query()?.strip_prefix(&self.0.word)? {
            "" => Some(Asked::Page),
            SCRIPTS => Some(Asked::Scripts),
            REPORT => Some(Asked::Report),
            REPORT_OF_OPENED => Some(Asked::ReportOfOpened),
            _ => None,
        }
    }

    /// What the proxy puts at the beginning of each document, if there is anything to run.
    #[must_use]
    pub fn tag(&self) -> Option<String> {
        let word = &self.0.word;
        let is_any = !lock(&self.0.scripts).is_empty();
        is_any.then(|| format!("<script src=\"/?{word}{SCRIPTS}\" nonce=\"{word}\"></script>"))
    }

    /// The path to which scripts report, for the document's policy; nothing where nobody listens.
    #[must_use]
    pub fn report_path(&self) -> Option<String> {
        lock(&self.0.listening).is_some().then(|| format!("/{}", self.0.word))
    }

    /// Takes in what a script has reported.
    pub fn reported(&self, asked: Asked, text: String) {
        let mut listening = lock(&self.0.listening);
        let Some(Listening { reporter, tab }) = listening.as_ref() else { return };
        let tab = if asked == Asked::Report { tab.clone() } else { OPENED.to_owned() };
        if reporter.send(Report { tab, text }).is_err() {
            *listening = None;
        }
    }

    /// The challenges that the proxy answers, if any.
    #[must_use]
    pub fn challenges(&self) -> Option<Challenges> {
        lock(&self.0.challenges).clone()
    }

    /// The nonce of the tag, for the document's policy.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.0.word
    }

    /// All scripts as one, which leaves nothing in the document that it runs in.
    #[must_use]
    pub fn scripts(&self) -> String {
        let scripts = lock(&self.0.scripts);
        let each = scripts.iter().map(|script| format!("try {{ {script}\n}} catch {{}}\n"));
        std::iter::once("document.currentScript?.remove();\n".to_owned()).chain(each).collect()
    }

    /// The record that traffic goes into, when it is wanted.
    #[must_use]
    pub fn traffic(&self) -> Option<Traffic> {
        lock(&self.0.traffic).clone()
    }

    /// A document was shown.
    pub fn shown(&self, url: &Url) {
        let mut place = url.clone();
        place.set_query(None);
        place.set_fragment(None);
        lock(&self.0.places).insert(place);
    }

    pub(super) fn record(&self) -> Traffic {
        lock(&self.0.traffic).get_or_insert_default().clone()
    }

    pub(super) fn answer(&self, challenges: Challenges) {
        *lock(&self.0.challenges) = Some(challenges);
    }

    /// Listens to a script, a function whose one argument is a function that takes a text.
    ///
    /// The call of the report waits for the proxy's answer: a click that leaves the page would break it off.
    pub(super) fn listen(&self, source: &str, tab: String) -> Reports {
        let (reporter, reports) = Reports::new();
        *lock(&self.0.listening) = Some(Listening { reporter, tab });
        let word = &self.0.word;
        self.add_script(&format!(
            "((open, send, report) => ({source})((text) => report(open, send, text)))(\
             XMLHttpRequest.prototype.open, XMLHttpRequest.prototype.send, (open, send, text) => {{ \
             let opened = false; try {{ opened = !!window.top.opener; }} catch {{}} \
             const call = new XMLHttpRequest(); \
             open.call(call, 'POST', `/{word}?{word}${{opened ? '{REPORT_OF_OPENED}' : '{REPORT}'}}`, false); \
             try {{ send.call(call, text); }} catch {{}} }})"
        ));
        reports
    }

    pub(super) fn add_script(&self, source: &str) {
        lock(&self.0.scripts).push(source.to_owned());
    }

    /// The addresses of the documents that were shown, queries aside.
    pub(super) fn places(&self) -> Vec<Url> {
        lock(&self.0.places).iter().cloned().collect()
    }

    /// The address of an empty page at a place.
    pub(super) fn empty_page(&self, place: &Url) -> Url {
        let mut url = place.clone();
        url.set_fragment(None);
        url.set_query(Some(&self.0.word));
        url
    }
}

impl fmt::Debug for Backstage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Backstage")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const SCRIPTS: &str = "-scripts";
const REPORT: &str = "-report";
const REPORT_OF_OPENED: &str = "-report-of-opened";
/// What stands for all tabs that a page has opened: the proxy cannot tell them apart.
const OPENED: &str = "opened";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_knows_the_word_gets_what_the_proxy_has() {
        let backstage = Backstage::default();
        backstage.add_script("(() => 1)()");
        let place: Url = "https://a.test/deep/page?x=1#y".parse().unwrap();
        let page = backstage.empty_page(&place);
        assert_eq!((page.path(), backstage.asked(&page)), ("/deep/page", Some(Asked::Page)));
        let tag = backstage.tag().unwrap();
        let source = tag.split('"').nth(1).unwrap();
        assert_eq!(backstage.asked(&place.join(source).unwrap()), Some(Asked::Scripts));
        assert_eq!(backstage.asked(&place), None);
        assert_eq!(Backstage::default().asked(&page), None);
    }
}
