//! Adds a script to a document that passes, before all of the document's own.

use bytes::{Bytes, BytesMut};

/// The document with the tag behind its type, which has to come first.
pub(super) fn with_tag(document: &Bytes, tag: &str) -> Bytes {
    let start = document.iter().position(|b| !b.is_ascii_whitespace() && !BYTE_ORDER_MARK.contains(b));
    let start = start.unwrap_or(document.len());
    let has_type = document[start..].get(..DOCTYPE.len()).is_some_and(|d| d.eq_ignore_ascii_case(DOCTYPE));
    let end = document[start..].iter().position(|b| *b == b'>').map(|end| start + end + 1);
    let at = end.filter(|_| has_type).unwrap_or(start);
    let mut tagged = BytesMut::with_capacity(document.len() + tag.len());
    tagged.extend_from_slice(&document[..at]);
    tagged.extend_from_slice(tag.as_bytes());
    tagged.extend_from_slice(&document[at..]);
    tagged.freeze()
}

/// A content security policy that allows scripts with this nonce besides what it allowed.
pub(super) fn allowing(policy: &str, nonce: &str) -> String {
    let directives: Vec<&str> = policy.split(';').map(str::trim).filter(|d| !d.is_empty()).collect();
    let named = |name: &str| directives.iter().position(|d| d.split_whitespace().next() == Some(name));
    let ruling = named("script-src-elem").or_else(|| named("script-src")).or_else(|| named("default-src"));
    let changed = directives.iter().enumerate().map(|(index, directive)| {
        if Some(index) != ruling || is_lax(directive) {
            return (*directive).to_owned();
        }
        let rest: Vec<&str> = directive.split_whitespace().filter(|source| *source != "'none'").collect();
        format!("{} 'nonce-{nonce}'", rest.join(" "))
    });
    changed.collect::<Vec<_>>().join("; ")
}

/// With a nonce, inline scripts would no longer be allowed in general; the tag's address then is where it comes from.
fn is_lax(directive: &str) -> bool {
    let has = |what: &str| directive.contains(what);
    has("'unsafe-inline'") && !has("'nonce-") && !has("'sha") && (has("'self'") || has(" *") || has("http"))
}

const DOCTYPE: &[u8] = b"<!doctype";
const BYTE_ORDER_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

#[cfg(test)]
mod tests {
    use super::*;

    fn tagged(document: &str) -> String {
        String::from_utf8(with_tag(&Bytes::from(document.to_owned()), "<T>").to_vec()).unwrap()
    }

    #[test]
    fn the_tag_stands_behind_the_type_and_before_all_else() {
        assert_eq!(tagged("<!DOCTYPE html>\n<html>"), "<!DOCTYPE html><T>\n<html>");
        assert_eq!(tagged(" <html>"), " <T><html>");
        assert_eq!(tagged("\u{feff}<!doctype html><p>"), "\u{feff}<!doctype html><T><p>");
        assert_eq!(tagged(""), "<T>");
    }

    #[test]
    fn a_policy_allows_the_tag_and_nothing_else_besides() {
        assert_eq!(allowing("script-src 'self'; img-src *", "n"), "script-src 'self' 'nonce-n'; img-src *");
        assert_eq!(allowing("default-src 'none'", "n"), "default-src 'nonce-n'");
        assert_eq!(
            allowing("default-src 'none'; script-src 'nonce-a'", "n"),
            "default-src 'none'; script-src 'nonce-a' 'nonce-n'"
        );
        let lax = "script-src 'self' 'unsafe-inline'";
        assert_eq!(allowing(lax, "n"), lax);
        assert_eq!(allowing("img-src *", "n"), "img-src *");
    }
}
