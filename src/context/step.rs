//! One step of a login in a browser.

use std::time::Duration;

use super::SecretSource;

/// Something to do on the login page that is not found by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is for, in the words of whoever wrote it.
    pub description: String,
    /// What to do.
    pub kind: StepKind,
    /// The element, as a CSS selector; wins over `xpath`.
    pub css: Option<String>,
    /// The element, as an `XPath` expression.
    pub xpath: Option<String>,
    /// What to type into a custom field, or the secret of a one-time password.
    pub value: Option<SecretSource>,
    /// How long to look for the element, or to wait.
    pub timeout: Duration,
}

/// What a step does, by ZAP's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// `AUTO_STEPS`: finds and fills the fields as if there were no steps.
    AutoSteps,
    /// `CLICK`
    Click,
    /// `CUSTOM_FIELD`: types the step's value.
    CustomField,
    /// `ESCAPE`: presses Escape.
    Escape,
    /// `PASSWORD`: types the password.
    Password,
    /// `RETURN`: presses Return.
    Return,
    /// `TOTP_FIELD`: types a one-time password.
    TotpField,
    /// `USERNAME`: types the user name.
    Username,
    /// `WAIT`: waits for the step's time.
    Wait,
}

impl StepKind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::AutoSteps,
        Self::Click,
        Self::CustomField,
        Self::Escape,
        Self::Password,
        Self::Return,
        Self::TotpField,
        Self::Username,
        Self::Wait,
    ];

    /// The word for it in configurations.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AutoSteps => "AUTO_STEPS",
            Self::Click => "CLICK",
            Self::CustomField => "CUSTOM_FIELD",
            Self::Escape => "ESCAPE",
            Self::Password => "PASSWORD",
            Self::Return => "RETURN",
            Self::TotpField => "TOTP_FIELD",
            Self::Username => "USERNAME",
            Self::Wait => "WAIT",
        }
    }

    /// Whether it needs an element to work on.
    #[must_use]
    pub fn needs_element(self) -> bool {
        matches!(self, Self::Click | Self::CustomField | Self::Password | Self::TotpField | Self::Username)
    }
}
