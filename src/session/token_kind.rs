//! What kind of value a token is, by its shape alone.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::jwt;

/// What kind of value a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TokenKind {
    /// A JSON Web Token, which tells its own claims.
    Jwt,
    /// An encrypted JSON Web Token (RFC 7516), whose claims only the server can read.
    Jwe,
    /// A Fernet token.
    Fernet,
    /// An encrypted cookie of Laravel: base64 of JSON with an initialisation vector and a code over it.
    Laravel,
    /// An encrypted cookie of Rails: three parts in base64.
    Rails,
    /// Sealed by ASP.NET's data protection.
    DataProtection,
    /// Sealed by iron.
    Iron,
    /// A readable value with a signature.
    Signed,
    /// Anything else.
    #[default]
    Opaque,
}

impl TokenKind {
    /// The kind of a value, which may be percent-encoded.
    #[must_use]
    pub fn of(value: &str) -> Self {
        let plain = percent_decode_str(value).decode_utf8_lossy();
        let text = plain.trim_matches('"');
        match () {
            () if jwt::claims(text).is_some() => Self::Jwt,
            () if is_jwe(text) => Self::Jwe,
            () if is_fernet(text) => Self::Fernet,
            () if is_laravel(text) => Self::Laravel,
            () if is_rails(text, 3) => Self::Rails,
            () if text.len() > 40 && text.starts_with("CfDJ8") => Self::DataProtection,
            () if text.starts_with("Fe26.") && text.split('*').count() >= 8 => Self::Iron,
            () if is_signed(text) => Self::Signed,
            () => Self::Opaque,
        }
    }

    /// The word for it in messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Jwt => "JWT",
            Self::Jwe => "encrypted JWT",
            Self::Fernet => "encrypted (Fernet)",
            Self::Laravel => "encrypted (Laravel)",
            Self::Rails => "encrypted (Rails)",
            Self::DataProtection => "encrypted (ASP.NET)",
            Self::Iron => "encrypted (iron)",
            Self::Signed => "signed",
            Self::Opaque => "opaque",
        }
    }
}

fn is_jwe(text: &str) -> bool {
    let text = jwt::bare(text);
    let head = text.split('.').next().unwrap_or_default();
    text.split('.').count() == 5 && object(head).is_some_and(|head| head.get("enc").is_some())
}

/// A version byte of 0x80, eight of a time, and at least one block with its code.
fn is_fernet(text: &str) -> bool {
    let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).unwrap_or_default();
    text.starts_with("gAAAA") && bytes.len() >= 73 && bytes.first() == Some(&0x80)
}

fn is_laravel(text: &str) -> bool {
    let value = object(text);
    value.is_some_and(|v| ["iv", "value", "mac"].iter().all(|key| v.get(key).is_some_and(Value::is_string)))
}

fn is_rails(text: &str, parts: usize) -> bool {
    let all: Vec<_> = text.split("--").collect();
    let is_base64 = |part: &&str| part.len() >= 16 && decoded(part).is_some();
    all.len() == parts && all.iter().all(is_base64)
}

/// `value--signature`, `s:value.signature`, and a readable beginning with a time and a signature behind it.
fn is_signed(text: &str) -> bool {
    let is_long = |part: Option<&str>| part.is_some_and(|part| part.len() >= 20);
    let rails = text.rsplit_once("--").is_some_and(|(value, code)| {
        decoded(value).is_some() && code.len() >= 40 && code.bytes().all(|b| b.is_ascii_hexdigit())
    });
    let express = text.strip_prefix("s:").is_some_and(|rest| is_long(rest.rsplit('.').next()));
    let timed = text.split('.').count() == 3
        && object(text.trim_start_matches('.').split('.').next().unwrap_or_default()).is_some()
        && is_long(text.rsplit('.').next());
    rails || express || timed
}

fn object(part: &str) -> Option<Value> {
    serde_json::from_slice::<Value>(&decoded(part)?).ok().filter(Value::is_object)
}

fn decoded(part: &str) -> Option<Vec<u8>> {
    let bare = part.trim_end_matches('=');
    URL_SAFE_NO_PAD.decode(bare).or_else(|_| STANDARD_NO_PAD.decode(bare)).ok()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn values_are_told_by_their_shape() {
        let url = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let jwe = format!("{}.key.iv.text.tag", url(br#"{"alg":"dir","enc":"A256GCM"}"#));
        let mut fernet = vec![0x80; 1];
        fernet.extend([0, 0, 0, 0]);
        fernet.extend([7; 80]);
        let laravel = STANDARD.encode(r#"{"iv":"aaa","value":"bbb","mac":"ccc","tag":""}"#);
        let part = STANDARD.encode([9; 16]);
        let long = "a".repeat(43);
        let cases = [
            (jwe, TokenKind::Jwe),
            (url(&fernet), TokenKind::Fernet),
            (laravel.replace('=', "%3D"), TokenKind::Laravel),
            (format!("{part}--{part}--{part}").replace("==", "%3D%3D"), TokenKind::Rails),
            (format!("{part}--{}", "0a".repeat(20)), TokenKind::Signed),
            (format!("s%3AAbCd0123.{long}"), TokenKind::Signed),
            (format!("{}.ZxYw12.{long}", url(br#"{"_user_id":"1"}"#)), TokenKind::Signed),
            (format!("CfDJ8{long}"), TokenKind::DataProtection),
            ("3f2504e0-4f89-11d3-9a0c-0305e82c3301".to_owned(), TokenKind::Opaque),
            ("a.b.c".to_owned(), TokenKind::Opaque),
        ];
        for (value, kind) in cases {
            assert_eq!(TokenKind::of(&value), kind, "{value}");
        }
    }
}
