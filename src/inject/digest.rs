//! Digest authentication: one challenge of a server's, and the answers that it is good for.

use http::{HeaderValue, Method};
use http_auth::{
    PasswordParams,
    digest::{DigestClient, Qop},
};
use url::{Position, Url};

use super::{
    challenge::{Asked, Unanswered, parameter},
    credentials::{Credentials, secret},
};
use crate::site::Origin;

/// A protection space: a challenge, and the paths that it is for. See 3.3 of RFC 7616.
pub(super) struct Space {
    client: DigestClient,
    /// One for all answers: with `-sess` algorithms, servers may keep the key that they made from the first.
    cnonce: String,
    /// The beginnings of the URLs that the challenge names; empty for the whole origin.
    paths: Vec<String>,
}

impl Space {
    /// Takes the first challenge that is spoken here and is for the realm, where one is given.
    pub(super) fn of(url: &Url, realm: Option<&str>, asked: Vec<Asked>) -> Result<Self, Unanswered> {
        let is_ours = |client: &DigestClient| realm.is_none_or(|realm| client.realm() == realm);
        let mut known: Vec<_> =
            asked.into_iter().filter_map(|one| one.digest).filter(|client| is_ours(client)).collect();
        let Some(at) = known.iter().position(|client| client.qop() & Qop::Auth) else {
            return Err(if known.is_empty() { Unanswered::Malformed } else { Unanswered::Integrity });
        };
        let client = known.swap_remove(at);
        let origin = Origin::of(url);
        let named = client.domain().split_ascii_whitespace().filter_map(|uri| url.join(uri).ok());
        let paths =
            named.filter(|uri| Origin::of(uri) == origin).map(|uri| uri[..Position::AfterPath].into());
        Ok(Self { paths: paths.collect(), cnonce: format!("{:032x}", rand::random::<u128>()), client })
    }

    /// Whether the server says that only the nonce was too old.
    pub(super) fn is_stale(&self) -> bool {
        self.client.stale()
    }

    /// Whether a request carried the first answer to a challenge, so that a new challenge means no.
    pub(super) fn was_first(sent: &HeaderValue) -> bool {
        parameter(sent, "response").is_some() && parameter(sent, "nc").is_none_or(|count| count == "00000001")
    }

    /// Whether requests for a URL of the origin are in the space.
    pub(super) fn covers(&self, url: &Url) -> bool {
        self.paths.is_empty() || self.paths.iter().any(|path| url.as_str().starts_with(path))
    }

    /// The `Authorization` for one more request.
    pub(super) fn respond(
        &mut self,
        method: &Method,
        target: &str,
        credentials: &Credentials,
    ) -> Result<HeaderValue, Unanswered> {
        let parameters = PasswordParams {
            username: &credentials.username,
            password: credentials.password.expose(),
            uri: target,
            method: method.as_str(),
            body: None,
        };
        // The only call that takes a cnonce; it is as good as its random number.
        let text = self.client.respond_with_testing_cnonce(&parameters, &self.cnonce);
        text.ok().and_then(|text| secret(&text)).ok_or(Unanswered::Malformed)
    }
}
