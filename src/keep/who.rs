//! Which user a request is for.

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use url::Url;

use super::roster::Roster;
use crate::{inject::Mode, proxy::Credentials};

/// How users are named: by the client's proxy credentials, else by a header, else the forced user, else the site's
/// active session.
#[derive(Debug, Clone)]
pub struct Who {
    /// The header that names a user; it never leaves the proxy.
    pub header: HeaderName,
    /// The user of all requests that name none.
    pub forced: Option<String>,
}

/// Whom a request is for, and how the session and the request get along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Nobody: it is passed on as it is.
    Nobody,
    /// A user.
    User {
        /// The name: `context/user`, or a session of the store.
        name: String,
        /// What becomes of a session that the request carries already.
        mode: Mode,
    },
}

impl Default for Who {
    fn default() -> Self {
        Self { header: HeaderName::from_static("x-handstamp-user"), forced: None }
    }
}

impl Who {
    /// Whom a request is for. The header that names a user is taken off.
    pub(super) fn of(
        &self,
        roster: &impl Roster,
        url: &Url,
        credentials: Option<&HeaderValue>,
        headers: &mut HeaderMap,
    ) -> Asked {
        let header = headers.remove(&self.header).and_then(|value| value.to_str().map(str::to_owned).ok());
        // Credentials may show a key and name nobody.
        let named =
            [credentials.and_then(user_of), header].into_iter().flatten().find(|name| !name.is_empty());
        if let Some(name) = named {
            return Asked::User { name, mode: Mode::Fill };
        }
        let forced = self.forced.clone().or_else(|| roster.active(url));
        forced.map_or(Asked::Nobody, |name| Asked::User { name, mode: Mode::Force })
    }
}

/// The user name of Basic credentials (RFC 7617), with `%2F` for the stroke between context and user.
fn user_of(credentials: &HeaderValue) -> Option<String> {
    let shown = Credentials::read(credentials)?;
    Some(percent_decode_str(&shown.user).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    use super::*;

    #[test]
    fn the_user_stands_in_the_name_of_basic_credentials() {
        let of = |text: &str| {
            user_of(&HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(text))).unwrap())
        };
        assert_eq!(of("app%2Falice:KEY").as_deref(), Some("app/alice"));
        assert_eq!(of("app/alice:KEY:with:colons").as_deref(), Some("app/alice"));
        assert_eq!(of("nothing"), None);
        assert_eq!(user_of(&HeaderValue::from_static("Bearer x")), None);
    }
}
