//! Turns the browser's cookies into the session's.

use crate::{
    browser,
    session::{Cookie, SameSite, Secret},
};

/// A cookie of the session, from one of the browser.
pub(super) fn from_browser(cookie: browser::Cookie) -> Cookie {
    let same_site = match cookie.same_site.as_deref() {
        Some("Strict") => Some(SameSite::Strict),
        Some("Lax") => Some(SameSite::Lax),
        Some("None") => Some(SameSite::None),
        _ => None,
    };
    #[expect(clippy::cast_possible_truncation, reason = "cookies end in whole seconds")]
    Cookie {
        name: cookie.name,
        value: Secret::from(cookie.value),
        host_only: !cookie.domain.starts_with('.'),
        domain: cookie.domain.trim_start_matches('.').to_owned(),
        path: cookie.path,
        expires: cookie.expires.map(|e| e as i64),
        secure: cookie.secure,
        http_only: cookie.http_only,
        same_site,
        partition_key: cookie.partition_key,
        ..Cookie::default()
    }
}
