//! What a ZAP can do, as its views tell.

use serde_json::Value;

use super::{Api, Error};

/// What differs from one ZAP to the next, by its version and its add-ons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Abilities {
    /// Such as `2.17.0`.
    pub(super) version: String,
    pub(super) verification: Verification,
    pub(super) headers: Headers,
}

/// Which component keeps the verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verification {
    /// The one of that name, since 2.18.
    Own,
    /// The authentication and the context, before.
    Spread,
}

/// How request headers can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Headers {
    /// By any number of rules, each bound to its addresses: the add-on `replacer`.
    Rules,
    /// One header, bound to a part of a host's name, by variables of the add-on `scripts`.
    Variables,
    /// Not at all.
    Nothing,
}

impl Abilities {
    /// Asks a ZAP; this call fails first where the address or the key is wrong.
    pub(super) async fn of(api: &Api) -> Result<Self, Error> {
        let version = api.call("core/view/version", &[]).await?;
        let has = async |call: &str| Ok::<_, Error>(api.find(call, &[], LACKING).await?.is_some());
        let headers = if has("replacer/view/rules").await? {
            Headers::Rules
        } else if has("script/view/globalVars").await? {
            Headers::Variables
        } else {
            Headers::Nothing
        };
        // The component is asked for something that is not there: it matters only who says so.
        let asked = api.find("verification/view/getLoggedInIndicator", &[("contextId", "0")], LACKING).await;
        let verification = match asked {
            Ok(None) => Verification::Spread,
            Ok(Some(_)) | Err(Error::Refused { .. }) => Verification::Own,
            Err(error) => return Err(error),
        };
        Ok(Self { version: text(&version["version"]), verification, headers })
    }
}

/// A text of an answer; nothing is an empty one.
pub(super) fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
}

/// What a ZAP says that has no such component.
const LACKING: &[&str] = &["no_implementor", "bad_view"];
