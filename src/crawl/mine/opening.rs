//! What mining wants to be fetched, and which pages it wants a browser to open.

use url::Url;

use super::{pit::TextKind, reading::Mode};

/// A text that only mining wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fetch {
    pub(super) url: Url,
    pub(super) kind: TextKind,
    /// The document that it belongs to.
    pub(super) page: Url,
}

/// A page that a browser should open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::crawl) struct Opening {
    pub(in crate::crawl) url: Url,
    pub(in crate::crawl) way: Way,
    /// The document whose router shows it, where that is known.
    pub(in crate::crawl) page: Option<Url>,
}

/// How a page is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::crawl) enum Way {
    /// Through the application's own router, without loading a document.
    Soft,
    /// By its address.
    Address,
}

/// The address of a view, as its router writes it.
pub(super) fn address(page: &Url, path: &str, mode: Mode) -> Option<Url> {
    let mut url = page.clone();
    match mode {
        Mode::Hash => url.set_fragment(Some(path)),
        Mode::Bang => url.set_fragment(Some(&format!("!{path}"))),
        Mode::History | Mode::Unknown => url = page.join(path).ok()?,
    }
    Some(url)
}

/// The address of a document, without the view that it shows.
pub(super) fn document(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    url
}
