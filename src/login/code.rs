//! What the page shows beside user name and password: fields of a one-time password, and steps that only a person can make.

use serde_json::Value;

use super::{
    fill::fill,
    look::{Button, Field, glance},
};
use crate::browser::{Error, Page, script};

/// A look at the page for whatever a login asks for beyond a password.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent thing that the page shows")]
pub(super) struct Extra {
    /// The field of a one-time password, or a box for each of its digits.
    pub(super) fields: Vec<Field>,
    pub(super) submit: Option<Button>,
    /// Texts that look like messages.
    pub(super) says: Vec<String>,
    pub(super) is_password_asked: bool,
    /// Whether there is a CAPTCHA that is not solved.
    pub(super) is_captcha: bool,
    /// Whether the page waits for a passkey, or offers nothing else.
    pub(super) is_passkey: bool,
    pub(super) is_ready: bool,
    pub(super) is_empty: bool,
}

impl Extra {
    /// Looks at the page. A page that is just being replaced shows nothing.
    ///
    /// # Errors
    /// When the browser is lost.
    pub(super) async fn at(page: &Page) -> Result<Self, Error> {
        Ok(Self::from_value(&glance(page, &format!("return {}", script("login-code"))).await?))
    }

    /// Whether the page is one to judge by.
    pub(super) fn is_there(&self) -> bool {
        self.is_ready && !self.is_empty
    }

    /// Types a one-time password; tells the name of its field. A page may go on by itself at the last digit.
    pub(super) async fn type_code(&self, page: &Page, code: &str) -> Result<String, Error> {
        let parts: Vec<String> = match self.fields.len() {
            1 => vec![code.to_owned()],
            _ => code.chars().map(String::from).collect(),
        };
        for (field, part) in self.fields.iter().zip(&parts) {
            match fill(page, field, part).await {
                Err(error) if error.is_lost() => return Err(error),
                // The field went away: what it was for is done.
                Err(error) => tracing::debug!(%error, "the field of the one-time password"),
                Ok(()) => {}
            }
        }
        Ok(self.fields.first().map(|field| field.name.clone()).unwrap_or_default())
    }

    fn from_value(value: &Value) -> Self {
        let is = |key: &str| value[key].as_bool().unwrap_or_default();
        let list = |key: &str| value[key].as_array().into_iter().flatten();
        Self {
            fields: list("fields").filter_map(Field::from_value).collect(),
            submit: Button::from_value(&value["submit"]),
            says: list("says").filter_map(|said| said.as_str().map(str::to_owned)).collect(),
            is_password_asked: is("isPasswordAsked"),
            is_captcha: is("isCaptcha"),
            is_passkey: is("isPasskey"),
            is_ready: is("isReady"),
            is_empty: is("isEmpty"),
        }
    }
}
