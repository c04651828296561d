//! Fills a request of a login that is made without a browser: `{%username%}`, `{%password%}` and the like.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use super::{error::Error, hidden::Fields};
use crate::session::Secret;

/// How a login's body is written, and its values with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `application/x-www-form-urlencoded`
    Form,
    /// `application/json`
    Json,
}

impl Encoding {
    /// The media type.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Form => "application/x-www-form-urlencoded",
            Self::Json => "application/json",
        }
    }

    fn write(self, text: &str) -> String {
        match self {
            Self::Form => utf8_percent_encode(text, FORM).to_string(),
            Self::Json => {
                let quoted = Value::from(text).to_string();
                quoted[1..quoted.len() - 1].to_owned()
            }
        }
    }
}

/// The values that places may name.
#[derive(Debug)]
pub(super) struct Values<'a> {
    /// By name: `username`, `password`, and whatever else the user has.
    pub(super) credentials: Vec<(&'a str, &'a Secret)>,
    /// The login page's.
    pub(super) fields: &'a Fields,
}

impl Values<'_> {
    /// Fills the places of a text. `{%csrf:name%}` is the field of that name on the login page.
    ///
    /// Fails at a place that has no value.
    pub(super) fn fill(&self, text: &str, encoding: Encoding) -> Result<String, Error> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{%") {
            filled.push_str(before);
            let (place, left) = after.split_once("%}").ok_or_else(|| Error::place(after))?;
            let value = self.value(place.trim()).ok_or_else(|| Error::place(place))?;
            filled.push_str(&encoding.write(value));
            rest = left;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// Puts the fields of the login page into a form: where the body leaves the value empty, and where the name is one
    /// that frameworks give to tokens against forged requests, whatever old token the body has.
    pub(super) fn refresh(&self, body: &str) -> String {
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let plain = name.replace('+', " ");
            let plain = percent_decode_str(&plain).decode_utf8_lossy();
            let is_open =
                value.is_empty() || CSRF_NAMES.iter().any(|known| plain.eq_ignore_ascii_case(known));
            match self.fields.value(&plain).filter(|_| is_open) {
                Some(fresh) => format!("{name}={}", Encoding::Form.write(fresh)),
                None => pair.to_owned(),
            }
        };
        body.split('&').map(pair).collect::<Vec<_>>().join("&")
    }

    fn value(&self, place: &str) -> Option<&str> {
        match place.strip_prefix("csrf:") {
            Some(name) => self.fields.value(name),
            None => self.credentials.iter().find(|(name, _)| *name == place).map(|(_, value)| value.expose()),
        }
    }
}

/// What stays as it is in a form. See 5.2 of the URL standard; blanks become `%20`, which all decoders read.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// The names of tokens against forged requests that frameworks give, as ZAP knows them and some more.
const CSRF_NAMES: &[&str] = &[
    "__csrf_magic",
    "__requestverificationtoken",
    "_csrf",
    "_csrf_token",
    "_csrfsecret",
    "_csrftoken",
    "_token",
    "_wpnonce",
    "_xsrf",
    "anoncsrf",
    "anticsrf",
    "authenticity_token",
    "csrf",
    "csrf_token",
    "csrfmiddlewaretoken",
    "csrftoken",
    "owasp_csrftoken",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str, encoding: Encoding) -> Result<String, Error> {
        let (name, password, pin) = ("a&b@c".into(), "p\\ü 1\"".into(), "7".into());
        let fields = Fields::of(r#"<input name="t" value="x/y="><input name="_csrf" value="new">"#);
        let credentials = vec![("username", &name), ("password", &password), ("pin", &pin)];
        let values = Values { credentials, fields: &fields };
        let text = values.fill(text, encoding)?;
        Ok(if encoding == Encoding::Form { values.refresh(&text) } else { text })
    }

    #[test]
    fn a_form_is_url_encoded_and_takes_the_page_s_tokens() {
        let body = "u={%username%}&p={%password%}&t=&_csrf=stale&pin={%pin%}&x=&y";
        let expected = "u=a%26b%40c&p=p%5C%C3%BC%201%22&t=x%2Fy%3D&_csrf=new&pin=7&x=&y";
        assert_eq!(filled(body, Encoding::Form).unwrap(), expected);
    }

    #[test]
    fn json_is_escaped_and_stays_json() {
        let body = r#"{"u":"{%username%}","p":"{%password%}","c":"{%csrf:t%}"}"#;
        let json: Value = serde_json::from_str(&filled(body, Encoding::Json).unwrap()).unwrap();
        assert_eq!(json, serde_json::json!({"u": "a&b@c", "p": "p\\ü 1\"", "c": "x/y="}));
    }

    #[test]
    fn a_place_without_a_value_is_named_without_any_secret() {
        for body in ["a={%nobody%}", "a={%csrf:none%}", "a={%username"] {
            let error = filled(body, Encoding::Form).unwrap_err().to_string();
            assert!(error.contains("hint: ") && !error.contains("a&b@c"), "{error}");
        }
    }
}
