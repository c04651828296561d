//! The seam through which the gateway finds sessions, and tells what it does.

use std::sync::Arc;

use super::{error::Error, event::Event, wish::Wish};
use crate::{
    browser::Answer,
    keep::{Living, Roster},
    proxy::{Client, Upstream},
    session::State,
};

/// Which certificates of the target are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificates {
    /// Those that whoever runs the gateway trusts.
    Trusted,
    /// Any, since the client asked its browser to accept them.
    Any,
}

/// Knows the sessions that browsers get, and hears what becomes of them.
pub trait Users: Roster {
    /// The session that a client wishes for, or the usual one where it names nobody.
    ///
    /// Fails with a message for the client.
    fn pick(&self, wish: &Wish) -> Result<Arc<Living<Self::Login>>, Error>;

    /// What answers the prompts of a session that is carried by HTTP authentication.
    ///
    /// Fails where the credentials cannot be read.
    fn prompts(&self, state: &State) -> impl Future<Output = Result<Option<Answer>, Error>> + Send;

    /// A client for the requests of a browser, by way of the proxy that its user wanted for it.
    ///
    /// Fails where what it is made of cannot be read.
    fn client(&self, certificates: Certificates, upstream: Option<Upstream>) -> Result<Client, Error>;

    /// Hears the news.
    fn tell(&self, event: &Event);
}
