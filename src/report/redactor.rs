//! Takes secrets out of everything that is written.

use std::{collections::BTreeSet, sync::LazyLock};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use regex::Regex;
use serde_json::Value;

/// Replaces secrets by `***`, in plain, URL-encoded, JSON-escaped and base64 form, and whatever looks like a JWT.
///
/// Values of fewer than six characters are left: they would be found everywhere.
#[derive(Clone)]
pub struct Redactor {
    secrets: Option<Regex>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

impl Redactor {
    /// A redactor of these secrets.
    #[expect(clippy::missing_panics_doc, reason = "the pattern that may not compile is a constant")]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut forms: BTreeSet<String> = BTreeSet::new();
        for secret in secrets.into_iter().filter(|s| s.len() >= SHORTEST) {
            forms.extend(forms_of(secret));
            // A header's value is scheme and token: each says too much.
            if let Some((_, token)) = secret.split_once(' ').filter(|(_, token)| token.len() >= SHORTEST) {
                forms.extend(forms_of(token));
            }
        }
        // Longer forms first, or the rest of one would stay behind a shorter one.
        let mut forms: Vec<String> = forms.iter().map(|form| regex::escape(form)).collect();
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        let secrets = (!forms.is_empty()).then(|| {
            let pattern = regex::RegexBuilder::new(&forms.join("|")).size_limit(SIZE_LIMIT).build();
            pattern.unwrap_or_else(|_| Regex::new(".+").expect("the pattern is a constant"))
        });
        Self { secrets }
    }

    /// The text without secrets.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let text = match &self.secrets {
            Some(secrets) => secrets.replace_all(text, STARS),
            None => text.into(),
        };
        JWT.replace_all(&text, STARS).into_owned()
    }

    /// Takes secrets out of all texts of a JSON document, names of members excepted.
    pub fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.value(member)),
            _ => {}
        }
    }

    /// The value of a header as it may be shown: those that carry sessions keep only their shape.
    #[must_use]
    pub fn header(&self, name: &str, value: &str) -> String {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "authorization" | "proxy-authorization" => match value.split_once(' ') {
                Some((scheme, _)) => format!("{scheme} {STARS}"),
                None => STARS.to_owned(),
            },
            "cookie" => value.split(';').map(hide_value).collect::<Vec<_>>().join("; "),
            "set-cookie" => match value.split_once(';') {
                Some((pair, rest)) => format!("{};{rest}", hide_value(pair)),
                None => hide_value(value),
            },
            _ if SECRET_NAME.is_match(&name) => STARS.to_owned(),
            _ => self.text(value),
        }
    }

    /// A body as it may be shown: the values of fields that are named like passwords and tokens are taken out.
    #[must_use]
    pub fn body(&self, text: &str, content_type: &str) -> String {
        let text = self.text(text);
        if content_type.contains("json")
            && let Ok(mut value) = serde_json::from_str::<Value>(&text)
        {
            hide_members(&mut value);
            return value.to_string();
        }
        if content_type.contains("x-www-form-urlencoded") {
            return text
                .split('&')
                .map(|pair| if is_secret_pair(pair) { hide_value(pair) } else { pair.to_owned() })
                .collect::<Vec<_>>()
                .join("&");
        }
        text
    }
}

fn forms_of(secret: &str) -> Vec<String> {
    let json = Value::from(secret).to_string();
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    vec![
        secret.to_owned(),
        json.trim_matches('"').to_owned(),
        encoded,
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        STANDARD.encode(secret),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
    ]
}

fn hide_value(pair: &str) -> String {
    let name = pair.split('=').next().unwrap_or_default().trim();
    format!("{name}={STARS}")
}

fn is_secret_pair(pair: &str) -> bool {
    SECRET_NAME.is_match(&pair.split('=').next().unwrap_or_default().to_ascii_lowercase())
}

fn hide_members(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if SECRET_NAME.is_match(&name.to_ascii_lowercase())
                    && (member.is_string() || member.is_number())
                {
                    *member = STARS.into();
                } else {
                    hide_members(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide_members),
        _ => {}
    }
}

static JWT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){1,3}")
        .expect("the pattern is a constant")
});
static SECRET_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"passw|passwd|pwd\b|secret|token|csrf|xsrf|api.?key|^auth|session.?id|^sid$|otp\b|\bcvv|\bcvc",
    )
    .expect("the pattern is a constant")
});
const STARS: &str = "***";
const SHORTEST: usize = 6;
const SIZE_LIMIT: usize = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "s3cr/t \"v+lue";

    #[test]
    fn a_secret_is_found_in_all_of_its_forms() {
        let redactor = Redactor::new([SECRET]);
        for form in forms_of(SECRET) {
            assert_eq!(redactor.text(&format!("<{form}>")), "<***>");
        }
    }

    #[test]
    fn a_bearer_token_is_found_without_its_scheme() {
        assert_eq!(Redactor::new(["Bearer abcdef123"]).text("x=abcdef123"), "x=***");
    }

    #[test]
    fn headers_that_carry_sessions_keep_their_shape_only() {
        let redactor = Redactor::new([]);
        assert_eq!(redactor.header("Authorization", "Bearer x"), "Bearer ***");
        assert_eq!(redactor.header("cookie", "a=1; b=2"), "a=***; b=***");
        assert_eq!(redactor.header("Set-Cookie", "a=1; Path=/"), "a=***; Path=/");
        assert_eq!(redactor.header("X-CSRF-Token", "1"), "***");
        assert_eq!(redactor.header("Accept", "text/html"), "text/html");
    }

    #[test]
    fn passwords_in_bodies_are_taken_out_by_their_names() {
        let redactor = Redactor::new([]);
        assert_eq!(
            redactor.body(r#"{"a":[{"newPassword":"x"}]}"#, "application/json"),
            r#"{"a":[{"newPassword":"***"}]}"#
        );
        assert_eq!(
            redactor.body("user=a&password=b", "application/x-www-form-urlencoded"),
            "user=a&password=***"
        );
    }

    #[test]
    fn what_looks_like_a_jwt_is_taken_out_unasked() {
        assert_eq!(Redactor::new([]).text("t=eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln"), "t=***");
    }
}
