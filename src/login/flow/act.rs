//! What is done in a flow, one act after the other.

use std::time::Duration;

use super::{Place, Target, Typed};

/// A login that was recorded or written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Its title, in the words of whoever made it.
    pub title: String,
    /// What is done, in order.
    pub acts: Vec<Act>,
    /// How long to wait between acts.
    pub delay: Duration,
}

/// One act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Its number in the file that it was read from, from 1.
    pub number: usize,
    /// What is done.
    pub deed: Deed,
    /// In which window and frame.
    pub place: Place,
    /// How long it may take; nothing where the login's own limit holds.
    pub limit: Option<Duration>,
    /// Whether the flow fails with it.
    pub need: Need,
}

/// Whether a flow goes on without an act that cannot be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Need {
    /// It has to be done.
    #[default]
    Required,
    /// It is left out where its element is not there.
    Optional,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deed {
    /// Opens an address; one without a host is meant at the address that the login starts from.
    Open(String),
    /// Clicks an element.
    Click(Target),
    /// Clicks it twice.
    DoubleClick(Target),
    /// Puts the pointer over it.
    Hover(Target),
    /// Empties a field.
    Clear(Target),
    /// Sends off the form that the element is in.
    Submit(Target),
    /// Replaces what is in a field.
    Type(Target, Typed),
    /// Types keys, into an element or whatever has the focus, without emptying it.
    Keys(Option<Target>, Typed),
    /// Chooses an option of a list.
    Select(Target, Choice),
    /// Puts a check box or radio button into a state.
    Check(Target, Mark),
    /// Waits for an element.
    WaitFor(Target, Until),
    /// Waits until the address matches a regular expression.
    WaitForUrl(String),
    /// Waits until an expression of JavaScript holds in the page.
    WaitForScript(String),
    /// Waits for a time.
    Wait(Duration),
    /// Closes the window.
    CloseWindow,
    /// Finds and fills the form by itself.
    AutoSteps,
}

/// An option of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// By its value.
    Value(String),
    /// By its words.
    Label(String),
    /// By its number, from 0.
    Index(usize),
}

/// The state of a check box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// With a mark.
    Checked,
    /// Without.
    Unchecked,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Until {
    /// It can be seen.
    #[default]
    Visible,
    /// It is in the document.
    Present,
    /// It can be seen no more, or never could.
    Gone,
    /// At least so many of it are there.
    AtLeast(usize),
    /// At most so many of it are there.
    AtMost(usize),
    /// Exactly so many of it are there.
    Exactly(usize),
}

impl Flow {
    /// The first address that it opens, as it was written.
    #[must_use]
    pub fn first_address(&self) -> Option<&str> {
        self.acts.iter().find_map(|act| match &act.deed {
            Deed::Open(address) => Some(address.as_str()),
            _ => None,
        })
    }
}

impl Act {
    /// An act that has to be done, in the first window.
    #[must_use]
    pub fn new(number: usize, deed: Deed) -> Self {
        Self { number, deed, place: Place::default(), limit: None, need: Need::Required }
    }
}

impl Deed {
    /// The element that it works on.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        match self {
            Self::Click(t)
            | Self::DoubleClick(t)
            | Self::Hover(t)
            | Self::Clear(t)
            | Self::Submit(t)
            | Self::Type(t, _)
            | Self::Keys(Some(t), _)
            | Self::Select(t, _)
            | Self::Check(t, _)
            | Self::WaitFor(t, _) => Some(t),
            _ => None,
        }
    }

    /// Whether it only waits, so that what it waited for is the end that the flow wants to see.
    #[must_use]
    pub fn is_wait(&self) -> bool {
        matches!(self, Self::WaitFor(..) | Self::WaitForUrl(_) | Self::WaitForScript(_))
    }
}
