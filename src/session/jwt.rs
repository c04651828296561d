//! Reads JSON Web Tokens without believing them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// The claims of a signed or unsigned JSON Web Token, after an authentication scheme such as `Bearer ` too.
///
/// `None` for everything else. The signature is not checked: this tells what a token says about itself.
/// See 3.1 and 7.2 of RFC 7519.
#[must_use]
pub fn claims(text: &str) -> Option<Value> {
    let mut parts = bare(text).split('.');
    let (header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || object(header)?.get("alg").is_none() {
        return None;
    }
    object(payload)
}

/// When the token says that it ends, in Unix seconds; `None` where it is no token or does not say.
#[must_use]
pub fn expires(text: &str) -> Option<i64> {
    let claims = claims(text)?;
    let exp = claims.get("exp")?;
    exp.as_i64().or_else(|| exp.as_f64().map(whole))
}

/// A header value or token without its authentication scheme. See 11.4 Credentials of RFC 9110.
#[must_use]
pub fn bare(text: &str) -> &str {
    let text = text.trim();
    match text.split_once(' ') {
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') => rest.trim(),
        _ => text,
    }
}

fn object(part: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    serde_json::from_slice::<Value>(&bytes).ok().filter(Value::is_object)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast from f64 saturates, and only whole seconds count"
)]
fn whole(seconds: f64) -> i64 {
    seconds as i64
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::session) fn token(claims: &Value) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        format!("{header}.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    #[test]
    fn claims_are_read_with_and_without_a_scheme() {
        let jwt = token(&serde_json::json!({"sub": "jim", "exp": 1_900_000_000}));
        for text in [jwt.clone(), format!("Bearer {jwt}"), format!("  JWT  {jwt} ")] {
            assert_eq!(claims(&text).unwrap()["sub"], "jim");
            assert_eq!(expires(&text), Some(1_900_000_000));
        }
    }

    #[test]
    fn an_unsigned_token_and_a_fraction_of_a_second_are_read() {
        let jwt = token(&serde_json::json!({"exp": 1_900_000_000.7}));
        assert_eq!(expires(jwt.trim_end_matches("c2ln")), Some(1_900_000_000));
    }

    #[test]
    fn what_only_looks_like_a_token_has_no_claims() {
        for text in
            ["", "a.b.c", "1.2.3", "www.shop.example", "eyJhbGciOiJub25lIn0", "Bearer abc", "e30.e30.x"]
        {
            assert_eq!(claims(text), None, "{text}");
        }
        assert_eq!(claims(&format!("{}.more", token(&serde_json::json!({})))), None);
    }

    #[test]
    fn a_token_without_an_end_has_none() {
        assert_eq!(expires(&token(&serde_json::json!({"sub": "jim"}))), None);
        assert_eq!(expires(&token(&serde_json::json!({"exp": "soon"}))), None);
    }
}
