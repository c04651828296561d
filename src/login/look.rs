//! What the page shows of a login.

use serde_json::Value;

use crate::browser::{Element, Error, Page, script};

/// A look at the page.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent thing that the page shows")]
pub(super) struct Look {
    pub(super) username: Option<Field>,
    pub(super) password: Option<Field>,
    pub(super) submit: Option<Button>,
    /// Whether the page asks for the user name alone, to go on from there.
    pub(super) is_first_step: bool,
    /// Whether something lies over the form.
    pub(super) is_covered: bool,
    /// Buttons that close what lies over the form or the page, best first.
    pub(super) dismissals: Vec<Button>,
    /// Links and buttons that may lead to a login, best first.
    pub(super) openers: Vec<Button>,
    /// Texts that look like messages.
    pub(super) says: Vec<String>,
    pub(super) has_captcha: bool,
    pub(super) is_empty: bool,
    pub(super) is_ready: bool,
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
#[derive(Debug)]
pub(super) struct Button {
    pub(super) element: Element,
    pub(super) label: String,
    pub(super) is_disabled: bool,
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
    /// Looks at the page. A page that is just being replaced shows nothing.
    ///
    /// # Errors
    /// When the browser is lost.
    pub(super) async fn at(page: &Page) -> Result<Self, Error> {
        let script = format!("return {}", script("login-form"));
        match page.evaluate(&script, &[]).await {
            Ok(value) => Ok(Self::from_value(&value)),
            Err(error) if error.is_lost() => Err(error),
            Err(error) => {
                tracing::debug!(%error, "the page cannot be looked at now");
                Ok(Self::default())
            }
        }
    }

    /// Whether there is a form to fill in, now.
    pub(super) fn has_form(&self) -> bool {
        self.password.as_ref().is_some_and(|p| !p.is_disabled)
    }

    fn from_value(value: &Value) -> Self {
        let buttons = |key: &str| value[key].as_array().into_iter().flatten().filter_map(button).collect();
        let is = |key: &str| value[key].as_bool().unwrap_or_default();
        Self {
            username: field(&value["username"]),
            password: field(&value["password"]),
            submit: button(&value["submit"]),
            is_first_step: is("isFirstStep"),
            is_covered: is("isCovered"),
            dismissals: buttons("dismissals"),
            openers: buttons("openers"),
            says: value["says"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|t| t.as_str().map(str::to_owned))
                .collect(),
            has_captcha: is("captcha"),
            is_empty: is("isEmpty"),
            is_ready: is("isReady"),
        }
    }
}

fn field(value: &Value) -> Option<Field> {
    Some(Field {
        element: Element::from_value(&value["element"])?,
        name: value["name"].as_str().unwrap_or_default().to_owned(),
        length: value["value"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or_default(),
        is_disabled: value["isDisabled"].as_bool().unwrap_or_default(),
    })
}

fn button(value: &Value) -> Option<Button> {
    Some(Button {
        element: Element::from_value(&value["element"])?,
        label: value["label"].as_str().unwrap_or_default().to_owned(),
        is_disabled: value["isDisabled"].as_bool().unwrap_or_default(),
    })
}
