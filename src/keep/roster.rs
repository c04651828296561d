//! The seam through which users are found.

use std::sync::Arc;

use url::Url;

use super::{error::GivenUp, living::Living, login::Login};

/// Knows the living sessions by name.
pub trait Roster: Send + Sync + 'static {
    /// What logs its users in.
    type Login: Login;

    /// The session of a user, `context/user`, or of that name in the store. `None` where there is neither.
    ///
    /// Fails when there is a session that cannot be read.
    fn find(&self, name: &str) -> Result<Option<Arc<Living<Self::Login>>>, GivenUp>;

    /// The name of the session that is active at a site, for requests that nobody else is named for.
    fn active(&self, url: &Url) -> Option<String>;
}

impl<R: Roster> Roster for Arc<R> {
    type Login = R::Login;

    fn find(&self, name: &str) -> Result<Option<Arc<Living<Self::Login>>>, GivenUp> {
        R::find(self, name)
    }

    fn active(&self, url: &Url) -> Option<String> {
        R::active(self, url)
    }
}
