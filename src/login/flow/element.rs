//! What one look at the page finds of an element.

use std::{sync::LazyLock, time::Duration};

use serde_json::Value;

use super::Target;
use crate::{
    browser::{Element, Error, Page, script},
    login::look::with_key,
};

/// A look at the page for one element.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// Whether the document has loaded with all that belongs to it.
    pub(super) is_ready: bool,
    /// How many elements can be seen that any one of the selectors finds.
    pub(super) visible: usize,
    /// How many the first selector finds, and how many of them can be seen.
    pub(super) first: usize,
    pub(super) shown: usize,
    unique: Option<Found>,
    several: Option<Found>,
    hidden: Option<Found>,
    guess: Option<Found>,
}

/// An element that was found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) element: Element,
    /// Its tag and type, as `input` and `password`.
    pub(super) tag: String,
    pub(super) kind: String,
    /// Its name for people: label or text.
    pub(super) words: String,
    pub(super) by: By,
    pub(super) is_password: bool,
    pub(super) is_disabled: bool,
    /// How many characters are in it.
    pub(super) length: usize,
}

/// How it was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum By {
    /// By the selector of this number.
    Selector(usize),
    /// By what it looks like: the feature that told most, and how much of all was the same, from 0 to 1.
    Features { feature: String, score: f64 },
}

impl Sight {
    /// Looks once. A page that is just being replaced shows nothing.
    ///
    /// # Errors
    /// When the browser is lost.
    pub(super) async fn of(page: &Page, target: &Target) -> Result<Self, Error> {
        match page.evaluate(&FIND, &target.to_values()).await {
            Ok(value) => Ok(Self::from_value(&value)),
            Err(error) if error.is_over() => Err(error),
            Err(error) => {
                tracing::debug!(%error, "the page cannot be looked at now");
                Ok(Self::default())
            }
        }
    }

    /// The element, as far as it may be taken for the one that is meant when the page has been calm for so long.
    ///
    /// The first selector is taken at once. Another one, or what merely looks alike, could be found on a page that is
    /// about to go, so that they have to wait.
    pub(super) fn pick(self, calm: Duration) -> Option<Found> {
        if self.unique.as_ref().is_some_and(|found| found.by == By::Selector(0)) {
            return self.unique;
        }
        let is_good = |found: &Found| matches!(found.by, By::Features { score, .. } if score >= GOOD);
        self.unique
            .filter(|_| calm >= OTHERS)
            .or_else(|| self.several.filter(|_| calm >= SEVERAL))
            .or_else(|| self.guess.filter(|found| calm >= GUESSES && is_good(found)))
            .or_else(|| self.hidden.filter(|_| calm >= HIDDEN))
    }

    fn from_value(value: &Value) -> Self {
        let count = |key: &str| value[key].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
        Self {
            is_ready: value["isReady"].as_bool().unwrap_or_default(),
            visible: count("visible"),
            first: count("first"),
            shown: count("shown"),
            unique: found(&value["unique"]),
            several: found(&value["several"]),
            hidden: found(&value["hidden"]),
            guess: found(&value["guess"]),
        }
    }
}

fn found(value: &Value) -> Option<Found> {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let number = |key: &str| value[key].as_u64().and_then(|n| usize::try_from(n).ok());
    let by = match number("at") {
        Some(at) => By::Selector(at),
        None => By::Features { feature: text("by"), score: value["score"].as_f64().unwrap_or_default() },
    };
    Some(Found {
        element: Element::from_value(&value["element"])?,
        tag: text("tag"),
        kind: text("type"),
        words: text("words"),
        by,
        is_password: value["isPassword"].as_bool().unwrap_or_default(),
        is_disabled: value["isDisabled"].as_bool().unwrap_or_default(),
        length: number("length").unwrap_or_default(),
    })
}

static FIND: LazyLock<String> = LazyLock::new(|| {
    let (find, look) = (script("flow-find"), with_key(script("element-look")));
    format!("return {find}({look}, arguments[0], arguments[1])")
});

/// How much of what an element looked like has to be the same.
const GOOD: f64 = 0.45;
/// How long a page has to be calm before another selector than the first is taken.
const OTHERS: Duration = Duration::from_millis(300);
/// Before the first of several elements is taken, as Selenium does at once.
const SEVERAL: Duration = Duration::from_millis(600);
/// Before one is taken that looks alike.
const GUESSES: Duration = Duration::from_millis(900);
/// Before one is taken that cannot be seen.
const HIDDEN: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn element(more: &Value) -> Value {
        let mut value = json!({ "element": { "element-6066-11e4-a52e-4f735466cecf": "e" }, "words": "w" });
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        value
    }

    fn picked(sight: &Value, calm: u64) -> Option<By> {
        Sight::from_value(sight).pick(Duration::from_millis(calm)).map(|found| found.by)
    }

    #[test]
    fn the_weaker_the_sign_the_longer_the_page_has_to_be_calm() {
        let first = json!({ "unique": element(&json!({ "at": 0 })) });
        assert_eq!(picked(&first, 0), Some(By::Selector(0)));
        let second = json!({ "unique": element(&json!({ "at": 1 })) });
        assert_eq!((picked(&second, 0), picked(&second, 500)), (None, Some(By::Selector(1))));
        let guess = |score: f64| json!({ "guess": element(&json!({ "by": "label", "score": score })) });
        assert!(picked(&guess(0.9), 500).is_none() && picked(&guess(0.9), 1000).is_some());
        assert!(picked(&guess(0.2), 10_000).is_none(), "too little is the same");
        let hidden = json!({ "hidden": element(&json!({ "at": 0 })) });
        assert!(picked(&hidden, 1000).is_none() && picked(&hidden, 2000).is_some());
    }
}
