//! What the agent tells of a page: its address and what can be done there.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// A page at rest.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct View {
    pub(super) url: String,
    /// Made up anew by each document: the same value means that nothing was loaded in between.
    pub(super) document: String,
    pub(super) title: String,
    /// Counts the agent's looks; elements are named by their index in one look.
    pub(super) generation: u64,
    pub(super) actions: Vec<Offer>,
    /// Addresses that scripts wanted to open in windows of their own.
    pub(super) opened: Vec<String>,
    /// How many password fields are to be seen.
    pub(super) passwords: usize,
    /// Which scrolling comes next; nought when there is nothing to scroll.
    pub(super) scroll: usize,
    /// Where the document's head says that it goes on.
    pub(super) addresses: Vec<String>,
    /// Whether the document's elements or texts are not those of the look before.
    pub(super) changed: bool,
    /// Long timers that were waited for in vain.
    pub(super) idle: Vec<String>,
    /// The parts of the session that belong into the browser's storage here and are not there.
    pub(super) missing: Vec<String>,
    /// Whether another window lies over it, so that nothing of it is drawn.
    pub(super) hidden: bool,
    /// Links and buttons that nobody can use now; each is told once.
    pub(super) asides: Vec<Aside>,
    /// The parts of the page that the crawl was told to leave alone; each is told once.
    pub(super) shut: Vec<Shut>,
}

/// An element that leads somewhere and is not offered.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Aside {
    pub(super) target: String,
    /// The script in its markup.
    pub(super) handler: String,
    pub(super) name: String,
    pub(super) words: String,
}

/// A part of a page, and what its addresses start from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Shut {
    pub(super) html: String,
    pub(super) base: String,
}

impl View {
    pub(super) fn url(&self) -> Option<Url> {
        Url::parse(&self.url).ok()
    }
}

/// One thing that can be done with one element.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "it is what the script sends, not a state")]
pub(super) struct Offer {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) role: String,
    pub(super) tag: String,
    pub(super) href: String,
    /// Where the form is sent, when it sends one.
    pub(super) target: String,
    /// The script in its markup that a click runs.
    pub(super) handler: String,
    /// The address of the frame's document that it stands in; empty in the page itself.
    pub(super) frame: String,
    pub(super) signature: String,
    pub(super) place: String,
    /// What the entries of the long row in which it stands have in common, when they have no roles; else empty.
    pub(super) row: String,
    /// Whether it is a link to a place in the page that is open.
    pub(super) within: bool,
    pub(super) path: String,
    pub(super) words: String,
    /// Whether it stands in the frame of the page: header, navigation, footer.
    pub(super) chrome: bool,
    /// Whether it stands outside of all that is the contents of one page: articles, sections, forms, dialogs.
    pub(super) shell: bool,
    /// Whether it stands in a dialog, or has only now appeared.
    pub(super) front: bool,
    /// The address at which the element was first seen in this document.
    pub(super) born: String,
    pub(super) fields: Vec<String>,
    pub(super) passwords: usize,
    pub(super) download: bool,
    /// Whether the crawl was told to leave it alone.
    pub(super) excluded: bool,
    /// Whether its handlers speak of ending the session.
    pub(super) ends: bool,
    /// Whether its options are the codes of languages.
    pub(super) codes: bool,
    /// The options that can be chosen, beside the one that is.
    pub(super) others: usize,
    /// What is chosen or filled in.
    pub(super) value: String,
}

/// What came of an action that was asked of the agent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Acted {
    pub(super) gone: bool,
    pub(super) disabled: bool,
    /// Where in the frame that has to be entered first.
    pub(super) index: usize,
    pub(super) generation: u64,
    /// The input that is still to come, as WebDriver takes it.
    pub(super) input: Value,
    pub(super) view: Option<View>,
}
