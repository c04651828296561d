//! Tells formats apart by what they contain.

use serde_json::Value;

use super::{
    Format, browser_cookies, cookies_txt, curl, curl_config, har, header_lines, httpie, netrc, nuclei,
    postman,
};

/// The format of a text, where it is one that is known.
pub(super) fn detect(text: &str) -> Option<Format> {
    if text.trim_start().starts_with(['{', '[']) {
        return of_json(&serde_json::from_str(text).ok()?);
    }
    // From the most particular to the most general.
    let tests: [(IsOne, Format); 6] = [
        (cookies_txt::is_one, Format::CookiesTxt),
        (curl::is_one, Format::Curl),
        (netrc::is_one, Format::Netrc),
        (curl_config::is_one, Format::CurlConfig),
        (nuclei::is_one, Format::Nuclei),
        (header_lines::is_one, Format::Headers),
    ];
    tests.into_iter().find(|(is_one, _)| is_one(text)).map(|(_, format)| format)
}

/// Whether a text is in a format.
type IsOne = fn(&str) -> bool;

fn of_json(document: &Value) -> Option<Format> {
    if let Value::Array(list) = document {
        return browser_cookies::detect(list);
    }
    let has = |key: &str| document.get(key).is_some();
    if let Some(format) = httpie::detect(document) {
        Some(format)
    } else if har::is_one(document) {
        Some(Format::Har)
    } else if postman::is_one(document) {
        Some(Format::Postman)
    } else if document.get("static").is_some_and(Value::is_array) {
        Some(Format::Nuclei)
    } else if has("handstamp") {
        Some(Format::Handstamp)
    } else if document.get("origins").is_some_and(Value::is_array) {
        Some(Format::Playwright)
    } else {
        browser_cookies::detect(document.get("cookies")?.as_array()?)
    }
}
