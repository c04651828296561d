//! The window and the frame that an act is done in.

use super::Selector;

/// Where an act is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The window or tab.
    pub window: Window,
    /// The frames on the way from the top-level document, outermost first.
    pub frames: Vec<Frame>,
}

/// A window or tab of the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Window {
    /// By its number in the order of opening; the first is 0.
    Number(usize),
    /// By an expression that its address matches.
    Url(String),
}

impl Default for Window {
    fn default() -> Self {
        Self::Number(0)
    }
}

/// A frame in its parent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// The frame's element, by one of these.
    pub selectors: Vec<Selector>,
    /// Its number among the frames of its parent, from 0.
    pub index: Option<usize>,
}

impl Frame {
    /// The frame of this number.
    #[must_use]
    pub fn at(index: usize) -> Self {
        Self { selectors: Vec::new(), index: Some(index) }
    }
}
