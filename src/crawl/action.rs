//! Actions: what can be done in a state, how it is known again, and what became of it.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    harm,
    key::{aliases, element_key, link_key},
    reason::Reason,
    route::mask,
    state::StateId,
    view::Offer,
    words::{Intent, is_logout_path, is_password_change},
};
use crate::site::Scope;

/// Names an action; counts up from 0 in the order of discovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ActionId(pub usize);

impl fmt::Display for ActionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a{}", self.0)
    }
}

/// Something that can be done in a state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Action {
    /// Its number.
    pub id: ActionId,
    /// What is done.
    pub kind: Kind,
    /// How it is known again: the same key is the same action, wherever it shows.
    pub key: String,
    /// The accessible name of its element.
    pub name: String,
    /// The role of its element, or its tag.
    pub role: String,
    /// A CSS path to its element, when it was found.
    pub path: String,
    /// The names of the fields that are filled before it is fired.
    pub fields: Vec<String>,
    /// Where it leads, when it is a link.
    pub href: Option<Url>,
    /// What its words say that it does.
    pub intent: Intent,
    /// The state in which it was found.
    pub state: StateId,
    /// What became of it.
    pub status: Status,
    /// How its form was taken, when it sent one.
    pub submission: Option<Submission>,
}

impl Action {
    /// The names of the fields that take a value when it is fired.
    pub(super) fn inputs(&self) -> Vec<String> {
        if self.kind == Kind::Input { vec![self.name.clone()] } else { self.fields.clone() }
    }
}

/// Whether the application took a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Submission {
    /// Its requests were answered with success, or it led elsewhere.
    Accepted,
    /// It was answered with an error, or nothing was sent because the page found fault with it.
    Refused,
}

/// What is done with an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// A link is followed.
    Link,
    /// A click.
    Click,
    /// A double click.
    DoubleClick,
    /// A click with the second button.
    Menu,
    /// The pointer moves onto it.
    Hover,
    /// Keys are pressed on it: those that it listens for, else Enter.
    Key,
    /// The button is held down on it for a while.
    Press,
    /// It is dragged a little, or onto what takes it.
    Drag,
    /// A file, or what can be dragged, is dropped onto it.
    Drop,
    /// A finger taps it and wipes over it.
    Touch,
    /// The wheel is turned over it.
    Wheel,
    /// A click with the third button.
    Middle,
    /// It gets the focus, and loses it where that matters.
    Focus,
    /// One step back in the history that keeps the address.
    Back,
    /// Text is typed, and Enter.
    Input,
    /// Another option is chosen.
    Select,
    /// A file is chosen.
    Upload,
    /// The page is scrolled to its end.
    Scroll,
    /// A known route is opened once more, for what has been unlocked since.
    Revisit,
    /// An address that was mined is opened.
    Route,
    /// A view that was mined is opened by the application's own router.
    SoftRoute,
}

impl Kind {
    /// The word for it in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Click => "click",
            Self::DoubleClick => "dblclick",
            Self::Menu => "contextmenu",
            Self::Hover => "hover",
            Self::Key => "key",
            Self::Press => "longpress",
            Self::Drag => "drag",
            Self::Drop => "drop",
            Self::Touch => "touch",
            Self::Wheel => "wheel",
            Self::Middle => "auxclick",
            Self::Focus => "focus",
            Self::Back => "back",
            Self::Input => "input",
            Self::Select => "select",
            Self::Upload => "upload",
            Self::Scroll => "scroll",
            Self::Revisit => "revisit",
            Self::Route => "route",
            Self::SoftRoute => "soft route",
        }
    }

    /// Whether it is done with an element of a page, rather than by opening an address.
    pub(super) fn is_in_place(self) -> bool {
        !matches!(self, Self::Link | Self::Revisit | Self::Route | Self::SoftRoute | Self::Scroll)
    }

    fn of(word: &str) -> Self {
        match word {
            "link" => Self::Link,
            "dblclick" => Self::DoubleClick,
            "menu" => Self::Menu,
            "hover" => Self::Hover,
            "key" => Self::Key,
            "press" => Self::Press,
            "drag" => Self::Drag,
            "drop" => Self::Drop,
            "touch" => Self::Touch,
            "wheel" => Self::Wheel,
            "aux" => Self::Middle,
            "focus" => Self::Focus,
            "back" => Self::Back,
            "input" => Self::Input,
            "select" => Self::Select,
            "upload" => Self::Upload,
            _ => Self::Click,
        }
    }
}

/// What became of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It waits.
    Pending,
    /// It was held back, because enough of its like were fired.
    Folded,
    /// It was fired.
    Fired,
    /// It is never fired, for this reason.
    Avoided(Reason),
    /// Its element could not be found again.
    Unreachable,
    /// It stayed disabled, whatever its fields were filled with.
    Disabled,
    /// It ended the session, or the browser, twice.
    Quarantined,
}

/// In which order actions are fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Rank {
    /// The first of its kind.
    First,
    /// One more of its kind.
    Again,
    /// It spends or finishes something.
    Commit,
    /// Nobody saw it offered: it was mined.
    Mined,
    /// It changes how everything reads, such as the language.
    Late,
    /// It takes something away.
    Destroy,
}

/// An offer as the crawl sees it: with its key, and the groups of equals that it belongs to.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) index: usize,
    pub(super) key: String,
    pub(super) base: String,
    /// Keys under which it was known before it was drawn anew, or the route changed around it.
    pub(super) aliases: Vec<String>,
    /// What is left of it when pages that differ in their contents alone are compared.
    pub(super) shape: String,
    /// Where its element stands, with what varies masked.
    pub(super) place: String,
    pub(super) kind: Kind,
    pub(super) href: Option<Url>,
    pub(super) intent: Intent,
    pub(super) rank: Rank,
    pub(super) avoided: Option<Reason>,
    /// Groups, with how many of each are fired unless they bring something new.
    pub(super) folds: Vec<(String, usize)>,
}

impl Candidate {
    /// Something to do that no element offers.
    pub(super) fn bare(index: usize, key: String, kind: Kind, rank: Rank) -> Self {
        Self {
            index,
            key,
            base: String::new(),
            aliases: Vec::new(),
            shape: String::new(),
            place: String::new(),
            kind,
            href: None,
            intent: Intent::Plain,
            rank,
            avoided: None,
            folds: Vec::new(),
        }
    }

    /// Reads the offers of a page on `route`; those of one base are told apart by their order.
    pub(super) fn of_all(offers: &[Offer], route: &str, scope: &Scope) -> Vec<Self> {
        let mut counts = HashMap::<String, usize>::new();
        let is_ours = |offer: &Offer| Url::parse(&offer.frame).map_or(true, |frame| scope.contains(&frame));
        let ours = offers.iter().enumerate().filter(|(_, offer)| is_ours(offer));
        let mut all: Vec<Self> = ours.map(|(index, offer)| Self::of(index, offer, route, scope)).collect();
        let languages = language_menus(&all);
        for candidate in &mut all {
            if languages.contains(&candidate.place) && candidate.intent <= Intent::Language {
                (candidate.intent, candidate.rank) = (Intent::Language, Rank::Late);
            }
            if candidate.intent == Intent::Language {
                candidate.folds.push(("language".into(), 1));
            }
        }
        for candidate in all.iter_mut().filter(|c| c.kind != Kind::Link) {
            let count = counts.entry(candidate.base.clone()).or_default();
            candidate.key = format!("{}#{count}", candidate.base);
            candidate.aliases.iter_mut().for_each(|alias| *alias = format!("{alias}#{count}"));
            if *count > 0 {
                candidate.rank = candidate.rank.max(Rank::Again);
            }
            *count += 1;
        }
        all
    }

    fn of(index: usize, offer: &Offer, route: &str, scope: &Scope) -> Self {
        let kind = Kind::of(&offer.kind);
        let href = (kind == Kind::Link).then(|| Url::parse(&offer.href).ok()).flatten().map(canonical);
        let intent = match &href {
            Some(url)
                if is_logout_path(&format!("{}#{}", url.path(), url.fragment().unwrap_or_default())) =>
            {
                Intent::Logout
            }
            Some(url) if harm::destroys(url) => Intent::of(&offer.words).max(Intent::Destroy),
            _ => Intent::of(&offer.words),
        };
        let intent = if intent == Intent::Plain && offer.ends { Intent::MayLogout } else { intent };
        let place = mask(&offer.place);
        let (key, base, folds) = match &href {
            Some(url) => link_key(url, &place),
            None => element_key(kind, offer, &place, route),
        };
        let aliases = if kind == Kind::Link { Vec::new() } else { aliases(kind, offer, route) };
        let rank = match intent {
            Intent::Commit => Rank::Commit,
            Intent::Destroy | Intent::MayLogout => Rank::Destroy,
            Intent::Language => Rank::Late,
            _ if offer.codes => Rank::Late,
            _ if offer.within => Rank::Again,
            _ if !matches!(
                kind,
                Kind::Link | Kind::Click | Kind::Input | Kind::Select | Kind::Upload | Kind::Hover
            ) =>
            {
                Rank::Again
            }
            _ => Rank::First,
        };
        let words = if kind == Kind::Link { "" } else { offer.name.as_str() };
        let shape = format!("{} {place} {}", kind.name(), mask(words));
        let avoided = avoided(offer, intent, href.as_ref(), scope);
        Self { index, key, base, aliases, shape, place, kind, href, intent, rank, avoided, folds }
    }
}

/// The places of which several entries are names of languages: all that stands there is one.
fn language_menus(candidates: &[Candidate]) -> HashSet<String> {
    let mut counts = HashMap::<&str, usize>::new();
    for candidate in candidates.iter().filter(|candidate| candidate.intent == Intent::Language) {
        *counts.entry(&candidate.place).or_default() += 1;
    }
    let many = counts.into_iter().filter(|(_, count)| *count >= MANY_LANGUAGES);
    many.map(|(place, _)| place.to_owned()).collect()
}

fn avoided(offer: &Offer, intent: Intent, href: Option<&Url>, scope: &Scope) -> Option<Reason> {
    let is_password_change = is_password_change(offer.passwords, &offer.fields);
    match intent {
        Intent::Logout => Some(Reason::Logout),
        Intent::CloseAccount => Some(Reason::ClosesAccount),
        Intent::Stop => Some(Reason::Stops),
        _ if is_password_change => Some(Reason::ChangesPassword),
        _ if href.is_some_and(|url| !scope.contains(url)) => Some(Reason::OutOfScope),
        _ if offer.download => Some(Reason::Download),
        _ => None,
    }
}

/// The address without a fragment that is a mere place in the page.
fn canonical(mut url: Url) -> Url {
    if url.fragment().is_some_and(|f| !f.contains('/')) {
        url.set_fragment(None);
    }
    url
}

/// So many names of languages in one place make it a menu of languages.
const MANY_LANGUAGES: usize = 4;
