//! Adds a script to a document that passes, before all of the document's own.

use bytes::{Bytes, BytesMut};
use url::Url;

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

/// A content security policy that allows scripts with this nonce, and calls to this address where there is one, besides
/// what it allowed.
pub(super) fn allowing(policy: &str, (nonce, call): (&str, Option<&Url>)) -> String {
    let directives: Vec<&str> = policy.split(';').map(str::trim).filter(|d| !d.is_empty()).collect();
    let ruling = |names: &[&str]| {
        let named = |name: &&str| directives.iter().position(|d| d.split_whitespace().next() == Some(name));
        names.iter().find_map(named)
    };
    let scripts = ruling(&["script-src-elem", "script-src", "default-src"]);
    let calls = ruling(&["connect-src", "default-src"]).filter(|_| call.is_some());
    let changed = directives.iter().enumerate().map(|(index, directive)| {
        let nonce = (Some(index) == scripts && !is_lax(directive)).then(|| format!("'nonce-{nonce}'"));
        let call = call.filter(|_| Some(index) == calls).map(ToString::to_string);
        let more: Vec<String> = [nonce, call].into_iter().flatten().collect();
        if more.is_empty() {
            return (*directive).to_owned();
        }
        let rest = directive.split_whitespace().filter(|source| *source != "'none'").map(str::to_owned);
        rest.chain(more).collect::<Vec<_>>().join(" ")
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
        let with = |policy: &str| allowing(policy, ("n", None));
        assert_eq!(with("script-src 'self'; img-src *"), "script-src 'self' 'nonce-n'; img-src *");
        assert_eq!(with("default-src 'none'"), "default-src 'nonce-n'");
        assert_eq!(
            with("default-src 'none'; script-src 'nonce-a'"),
            "default-src 'none'; script-src 'nonce-a' 'nonce-n'"
        );
        let lax = "script-src 'self' 'unsafe-inline'";
        assert_eq!(with(lax), lax);
        assert_eq!(with("img-src *"), "img-src *");
    }

    #[test]
    fn a_policy_allows_calls_to_the_one_address_that_reports_go_to() {
        let report = Url::parse("http://a.test/word").unwrap();
        let with = |policy: &str| allowing(policy, ("n", Some(&report)));
        assert_eq!(
            with("default-src 'none'; script-src *"),
            "default-src http://a.test/word; script-src * 'nonce-n'"
        );
        assert_eq!(with("default-src 'self'"), "default-src 'self' 'nonce-n' http://a.test/word");
        assert_eq!(
            with("connect-src 'none'; script-src 'unsafe-inline' *"),
            "connect-src http://a.test/word; script-src 'unsafe-inline' *"
        );
        assert_eq!(with("img-src *"), "img-src *");
    }
}
