//! Which tab has seen which origin: the memory behind scripts that run once per tab and origin.

use std::collections::{HashMap, HashSet};

/// A script for the first document of an origin in each tab.
#[derive(Clone, Debug)]
pub(super) struct Once {
    /// The origin as the browser writes it, for example `https://a.example:8443`.
    pub(super) origin: String,
    pub(super) source: String,
}

/// Tabs by their own id: for a frame, the tab that it lies in.
#[derive(Debug, Default)]
pub(super) struct Tabs {
    tab_of: HashMap<String, String>,
    seen: HashSet<(String, String)>,
}

impl Tabs {
    /// A frame or tab was opened. Frames belong to their parent's tab; a tab with an opener got its sessionStorage from there.
    pub(super) fn opened(&mut self, id: &str, parent: Option<&str>, opener: Option<&str>) {
        let tab = parent.and_then(|p| self.tab_of.get(p)).cloned().unwrap_or_else(|| id.to_owned());
        self.tab_of.insert(id.to_owned(), tab.clone());
        if let Some(opener) = opener.map(|o| self.tab(o).to_owned()) {
            let inherited: Vec<_> = self
                .seen
                .iter()
                .filter(|(t, _)| *t == opener)
                .map(|(_, o)| (tab.clone(), o.clone()))
                .collect();
            self.seen.extend(inherited);
        }
    }

    pub(super) fn closed(&mut self, id: &str) {
        self.tab_of.remove(id);
        self.seen.retain(|(tab, _)| tab != id);
    }

    /// The tab that a frame or tab belongs to.
    pub(super) fn tab<'a>(&'a self, id: &'a str) -> &'a str {
        self.tab_of.get(id).map_or(id, String::as_str)
    }

    /// Notes that a tab has shown a document of an origin; tells whether it was the first.
    pub(super) fn shown(&mut self, id: &str, origin: &str) -> bool {
        let tab = self.tab(id).to_owned();
        self.seen.insert((tab, origin.to_owned()))
    }

    pub(super) fn has_seen(&self, id: &str, origin: &str) -> bool {
        self.seen.contains(&(self.tab(id).to_owned(), origin.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_counts_for_its_tab() {
        let mut tabs = Tabs::default();
        tabs.opened("tab", None, None);
        tabs.opened("frame", Some("tab"), None);
        assert!(tabs.shown("frame", "https://a.example"));
        assert!(!tabs.shown("tab", "https://a.example"));
        assert!(tabs.shown("tab", "https://b.example"));
    }

    #[test]
    fn a_popup_starts_with_what_its_opener_has_seen() {
        let mut tabs = Tabs::default();
        tabs.opened("tab", None, None);
        tabs.shown("tab", "https://a.example");
        tabs.opened("popup", None, Some("tab"));
        assert!(tabs.has_seen("popup", "https://a.example"));
        tabs.opened("stranger", None, None);
        assert!(!tabs.has_seen("stranger", "https://a.example"));
        tabs.closed("popup");
        assert!(!tabs.has_seen("popup", "https://a.example"));
    }
}
