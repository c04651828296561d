//! How one-time passwords are made again; never their secret.

use serde::{Deserialize, Serialize};

use super::Credential;

/// A time-based one-time password (RFC 6238), with a reference to where its secret is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TotpRecipe {
    /// Where the secret is read from: base32, or an `otpauth://` URI, which says the rest too.
    pub secret: Credential,
    /// For how many seconds a password holds.
    #[serde(default = "usual_period")]
    pub period: u32,
    /// How many digits it has.
    #[serde(default = "usual_digits")]
    pub digits: u32,
    /// The hash that makes it.
    #[serde(default)]
    pub algorithm: TotpAlgorithm,
}

/// The hash of a one-time password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TotpAlgorithm {
    /// What nearly all applications use.
    #[default]
    Sha1,
    /// SHA-256
    Sha256,
    /// SHA-512
    Sha512,
}

impl TotpRecipe {
    /// What nearly all applications use: six digits for half a minute, by SHA-1.
    #[must_use]
    pub fn usual(secret: Credential) -> Self {
        Self { secret, period: usual_period(), digits: usual_digits(), algorithm: TotpAlgorithm::default() }
    }
}

fn usual_period() -> u32 {
    30
}

fn usual_digits() -> u32 {
    6
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::*;

    #[test]
    fn a_recipe_names_where_the_secret_is_and_what_is_not_said_is_the_usual() {
        let recipe: TotpRecipe = from_value(json!({"secret": {"env": "OTP"}})).unwrap();
        assert_eq!(recipe, TotpRecipe::usual(Credential::Env("OTP".into())));
        let written = to_value(TotpRecipe { algorithm: TotpAlgorithm::Sha256, ..recipe }).unwrap();
        assert_eq!(
            written,
            json!({"secret": {"env": "OTP"}, "period": 30, "digits": 6, "algorithm": "SHA256"})
        );
    }
}
