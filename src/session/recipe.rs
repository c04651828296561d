//! How the session was made, so that it can be made again.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Credential, TotpRecipe, url_text};

/// What a new login needs: where, as whom, and where the password is kept. It never holds the password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recipe {
    /// The page that the login starts from.
    #[serde(with = "url_text")]
    pub login_url: Url,
    /// The name that is typed into the form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Where the password is read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Credential>,
    /// How the one-time password is made that is asked for beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp: Option<TotpRecipe>,
    /// The file with the steps of the login, where it was played from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<PathBuf>,
}
