//! What the page shows of a login.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::LazyLock,
};

use serde_json::Value;

use super::extra::Extra;
use crate::browser::{Element, Error, Page, script};

/// A look at one document of the page.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent thing that the page shows")]
pub(super) struct Look {
    /// The document's address. It may hold secrets.
    pub(super) at: String,
    pub(super) username: Option<Field>,
    pub(super) password: Option<Field>,
    pub(super) submit: Option<Button>,
    /// What else the form asks for.
    pub(super) extras: Vec<Extra>,
    /// Whether the page asks for the user name alone, to go on from there.
    pub(super) is_first_step: bool,
    /// Whether something lies over the form.
    pub(super) is_covered: bool,
    /// Buttons that close what lies over the form or the page, best first.
    pub(super) dismissals: Vec<Button>,
    /// Links and buttons that may lead to a login, best first.
    pub(super) openers: Vec<Button>,
    /// The button that answers whether the login should last.
    pub(super) stay: Option<Button>,
    /// Whether one of them says that it is a login.
    pub(super) says_login: bool,
    /// The button that lets an identity provider tell the application who the user is.
    pub(super) consent: Option<Button>,
    /// Whether the address speaks of such a thing.
    pub(super) is_authorizing: bool,
    /// Frames that may hold a form or a question, best first.
    pub(super) frames: Vec<Element>,
    /// Texts that look like messages.
    pub(super) says: Vec<String>,
    pub(super) has_captcha: bool,
    pub(super) is_empty: bool,
    pub(super) is_ready: bool,
    /// Whether the document and all that belongs to it is loaded.
    pub(super) is_complete: bool,
}

/// A field of the form.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) element: Element,
    pub(super) name: String,
    /// How many characters are in it.
    pub(super) length: usize,
    pub(super) is_disabled: bool,
}

/// Something to click.
#[derive(Clone, Debug)]
pub(super) struct Button {
    pub(super) element: Element,
    pub(super) label: String,
    pub(super) is_disabled: bool,
    /// The frames to go into for it, from the top; nothing where the look was taken.
    pub(super) frames: Vec<Element>,
}

/// Whether the page shows a login form, or its first step.
///
/// # Errors
/// When the browser is lost.
pub async fn is_asked(page: &Page) -> Result<bool, Error> {
    let look = Look::at(page).await?;
    Ok(look.has_form() || look.is_first_step || !look.is_ready)
}

impl Look {
    /// Looks at the current document. One that is just being replaced shows nothing.
    ///
    /// # Errors
    /// When the browser is lost.
    pub(super) async fn at(page: &Page) -> Result<Self, Error> {
        Ok(Self::from_value(&glance(page, &LOOK).await?))
    }

    /// Whether there is a form to fill in, now.
    pub(super) fn has_form(&self) -> bool {
        self.password.as_ref().is_some_and(|p| !p.is_disabled)
    }

    /// The fields that this is about, to compare two looks by.
    pub(super) fn fields(&self) -> [Option<Element>; 2] {
        [&self.username, &self.password].map(|field| field.as_ref().map(|f| f.element.clone()))
    }

    fn from_value(value: &Value) -> Self {
        let list = |key: &str| value[key].as_array().into_iter().flatten();
        let buttons = |key: &str| list(key).filter_map(Button::from_value).collect();
        let is = |key: &str| value[key].as_bool().unwrap_or_default();
        Self {
            at: value["at"].as_str().unwrap_or_default().to_owned(),
            username: Field::from_value(&value["username"]),
            password: Field::from_value(&value["password"]),
            submit: Button::from_value(&value["submit"]),
            extras: list("extras").filter_map(Extra::from_value).collect(),
            is_first_step: is("isFirstStep"),
            is_covered: is("isCovered"),
            dismissals: buttons("dismissals"),
            openers: buttons("openers"),
            stay: Button::from_value(&value["stay"]),
            says_login: is("saysLogin"),
            consent: Button::from_value(&value["consent"]),
            is_authorizing: is("isAuthorizing"),
            frames: list("frames").filter_map(|f| Element::from_value(&f["element"])).collect(),
            says: list("says").filter_map(|t| t.as_str().map(str::to_owned)).collect(),
            has_captcha: is("captcha"),
            is_empty: is("isEmpty"),
            is_ready: is("isReady"),
            is_complete: is("isComplete"),
        }
    }
}

/// The script that lets closed shadow roots be seen, for [`crate::browser::Control::add_preload`] before the page is opened.
#[must_use]
pub fn preload() -> String {
    format!("{}('{}')", script("login-preload"), *KEY)
}

impl Field {
    /// Reads a field out of what an in-page script tells.
    pub(super) fn from_value(value: &Value) -> Option<Self> {
        Some(Self {
            element: Element::from_value(&value["element"])?,
            name: value["name"].as_str().unwrap_or_default().to_owned(),
            length: value["value"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or_default(),
            is_disabled: value["isDisabled"].as_bool().unwrap_or_default(),
        })
    }
}

impl Button {
    /// Reads a button out of what an in-page script tells.
    pub(super) fn from_value(value: &Value) -> Option<Self> {
        Some(Self {
            element: Element::from_value(&value["element"])?,
            label: value["label"].as_str().unwrap_or_default().to_owned(),
            is_disabled: value["isDisabled"].as_bool().unwrap_or_default(),
            frames: Vec::new(),
        })
    }
}

/// What a script tells of the current document; nothing of one that is just being replaced.
///
/// # Errors
/// When the browser is lost.
pub(super) async fn glance(page: &Page, script: &str) -> Result<Value, Error> {
    match page.evaluate(script, &[]).await {
        Err(error) if !error.is_lost() => {
            tracing::debug!(%error, "the page cannot be looked at now");
            Ok(Value::Null)
        }
        told => told,
    }
}

/// A script with the key that gives it closed shadow roots.
pub(super) fn with_key(source: &str) -> String {
    source.replace("{{key}}", &KEY)
}

static LOOK: LazyLock<String> = LazyLock::new(|| format!("return {}", with_key(script("login-form"))));

/// What no page can know, so that none can ask for the closed shadow roots of another script.
static KEY: LazyLock<String> = LazyLock::new(|| format!("{:x}", RandomState::new().hash_one("shadow")));
