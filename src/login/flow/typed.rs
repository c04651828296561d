//! What is typed: a text with places for the credentials of whoever logs in.

use std::collections::BTreeMap;

use crate::{
    login::{Credentials, Error, Totp},
    session::{Secret, TotpAlgorithm},
};

/// A text with places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed(pub Vec<Part>);

/// A part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// As it stands. It may be somebody's password, so it is never shown.
    Text(Secret),
    /// `{%username%}`
    Username,
    /// The user name where the user has one; else this text, which was typed when the flow was recorded.
    UsernameOr(Secret),
    /// `{%password%}`
    Password,
    /// `{%totp%}`: a one-time password.
    Otp,
    /// The one-time password that belongs to this secret.
    OtpOf(Secret),
    /// `{%name%}`: another of the user's credentials.
    More(String),
}

impl Typed {
    /// A text as it stands.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    /// Reads a text with places `{%name%}`, `${name}` or `{{name}}`. What `variables` gives a value is replaced; what
    /// stands in the last two and is neither a variable nor one of the user's credentials stays as it is.
    #[must_use]
    pub fn parse(text: &str, variables: &BTreeMap<String, String>) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, name, after, brackets)) = next_place(rest) {
            push(&mut parts, before);
            match (place(name), variables.get(name)) {
                (Some(part), _) => parts.push(part),
                (None, Some(value)) => push(&mut parts, value),
                (None, None) if brackets.0 == OURS.0 => parts.push(Part::More(name.to_owned())),
                (None, None) => push(&mut parts, &format!("{}{name}{}", brackets.0, brackets.1)),
            }
            rest = after;
        }
        push(&mut parts, rest);
        Self(parts)
    }

    /// Whether all of it is a text as it stands.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        self.0.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// Whether there is a place for the password in it.
    #[must_use]
    pub fn holds_password(&self) -> bool {
        self.0.contains(&Part::Password)
    }

    /// Puts the user name in the place of a text that was typed where user names go.
    pub(super) fn become_username(&mut self) {
        if let [Part::Text(text)] = self.0.as_slice() {
            *self = Self(vec![Part::UsernameOr(text.clone())]);
        }
    }

    /// The text with the credentials in it.
    ///
    /// # Errors
    /// [`Error::Place`] where one is missing.
    pub(super) async fn fill(&self, credentials: &Credentials) -> Result<Secret, Error> {
        let mut filled = String::new();
        for part in &self.0 {
            filled.push_str(part.fill(credentials).await?.expose());
        }
        Ok(filled.into())
    }

    /// What it is, for people; never the text itself.
    pub(super) fn told(&self) -> &str {
        match self.0.as_slice() {
            [Part::Username | Part::UsernameOr(_)] => "the user name",
            [Part::Password] => "the password",
            [Part::Otp | Part::OtpOf(_)] => "a one-time password",
            [Part::More(name)] => name,
            _ => "a text",
        }
    }
}

impl Part {
    async fn fill(&self, credentials: &Credentials) -> Result<Secret, Error> {
        let name = || credentials.username.clone().map(Secret::from);
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Username => name().ok_or_else(|| Error::place("username")),
            Self::UsernameOr(text) => Ok(name().unwrap_or_else(|| text.clone())),
            Self::Password => Ok(credentials.password.clone()),
            Self::Otp => match &credentials.totp {
                Some(totp) => totp.take().await,
                None => credentials.more.get("totp").cloned().ok_or_else(|| Error::place("totp")),
            },
            Self::OtpOf(secret) => Totp::new(secret, 30, 6, TotpAlgorithm::Sha1)?.take().await,
            Self::More(name) => credentials.more.get(name).cloned().ok_or_else(|| Error::place(name)),
        }
    }
}

/// The place that a name stands for.
fn place(name: &str) -> Option<Part> {
    match name.to_ascii_lowercase().as_str() {
        "username" | "user" | "login" => Some(Part::Username),
        "password" | "pass" => Some(Part::Password),
        "totp" | "otp" => Some(Part::Otp),
        _ => None,
    }
}

type Place<'a> = (&'a str, &'a str, &'a str, (&'static str, &'static str));

/// The first place of a text: what stands before it, its name, what stands after it, and its brackets.
fn next_place(text: &str) -> Option<Place<'_>> {
    let found = BRACKETS.iter().filter_map(|brackets| {
        let start = text.find(brackets.0)?;
        let inside = start + brackets.0.len();
        let length = text[inside..].find(brackets.1)?;
        let name = &text[inside..inside + length];
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-. ".contains(c));
        let after = &text[inside + length + brackets.1.len()..];
        is_name.then_some((&text[..start], name.trim(), after, *brackets))
    });
    found.min_by_key(|(before, ..)| before.len())
}

fn push(parts: &mut Vec<Part>, text: &str) {
    if text.is_empty() {
        return;
    }
    if let Some(Part::Text(last)) = parts.last_mut() {
        *last = format!("{}{text}", last.expose()).into();
    } else {
        parts.push(Part::Text(text.into()));
    }
}

const OURS: (&str, &str) = ("{%", "%}");
const BRACKETS: [(&str, &str); 3] = [OURS, ("${", "}"), ("{{", "}}")];

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn places_of_all_kinds_are_filled_and_other_brackets_stay() {
        let variables = BTreeMap::from([("tenant".to_owned(), "north".to_owned())]);
        let typed = Typed::parse("{%username%}@${tenant}/{{TOTP}}/${none}/{%pin%}", &variables);
        let more = [("totp", "123456"), ("pin", "9")].map(|(n, v)| (n.to_owned(), Secret::from(v)));
        let credentials =
            Credentials { username: Some("anna".into()), more: more.into(), ..Credentials::default() };
        assert_eq!(typed.fill(&credentials).await.unwrap().expose(), "anna@north/123456/${none}/9");
        let error = typed.fill(&Credentials::default()).await.unwrap_err().to_string();
        assert!(error.contains("username") && !error.contains("north"), "{error}");
    }

    #[test]
    fn a_text_as_it_stands_never_shows() {
        let typed = Typed::parse("s3cret", &BTreeMap::new());
        assert!(typed.is_literal() && !format!("{typed:?}").contains("s3cret"));
        assert_eq!(typed.told(), "a text");
    }
}
