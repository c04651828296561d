//! Whose sessions the browsers of a gateway get, and what is told of them.

use std::sync::Arc;

use serde_json::json;
use tracing::debug;
use url::Url;

use super::{
    failure::words,
    logins::Logins,
    roster::Wards,
    wire::{Wire, prompt_answer},
};
use crate::{
    browser::Answer,
    gateway::{Certificates, Error, Event, Users, Wish},
    keep::{GivenUp, Living, Roster},
    proxy::{Client, Upstream},
    session::State,
};

/// The living sessions of a gateway.
#[derive(Debug)]
pub(super) struct Guests {
    wire: Wire,
    wards: Wards,
    /// The session of clients that name none.
    usual: Option<Arc<Living<Logins>>>,
}

impl Guests {
    pub(super) fn new(wire: &Wire, wards: Wards, usual: Option<Arc<Living<Logins>>>) -> Self {
        Self { wire: wire.clone(), wards, usual }
    }

    /// The name of the session that clients get who name none.
    pub(super) fn usual(&self) -> Option<String> {
        self.usual.as_ref().map(|living| living.name())
    }

    /// Ends the work in the background, and keeps what is not kept yet.
    pub(super) async fn settle(&self) {
        self.wards.settle().await;
    }

    fn of_user(&self, wish: &Wish) -> anyhow::Result<Option<Arc<Living<Logins>>>> {
        let common = &self.wire.common;
        let context = wish.context.as_deref().or(common.context.as_deref());
        if let Some(living) = self.wards.named(context, wish.user.as_deref())? {
            return Ok(Some(living));
        }
        // Without a configuration a user is the name of a session.
        let name = match (&wish.context, &wish.user) {
            (Some(context), Some(user)) => format!("{context}/{user}"),
            (_, name) => name.clone().unwrap_or_default(),
        };
        Ok(self.wards.find(&name)?)
    }

    fn told(&self, event: &Event) -> std::io::Result<()> {
        let output = self.wire.output;
        match event {
            Event::Opened { id, session, browser, by } => {
                output.line(format_args!("opened {browser} {id} as `{session}` ({})", by.join(", ")))?;
                output.document(&json!({
                    "schema": SCHEMA, "event": "opened", "id": id, "session": session, "browser": browser, "by": by,
                }))
            }
            Event::Ended { id, session, reason } => {
                output.line(format_args!("ended {id}: {reason}"))?;
                output.document(&json!({
                    "schema": SCHEMA, "event": "ended", "id": id, "session": session, "reason": reason.word(),
                }))
            }
            Event::Refused { reason } => {
                output.line(format_args!("refused: {}", reason.lines().next().unwrap_or_default()))?;
                output.document(&json!({ "schema": SCHEMA, "event": "refused", "reason": reason }))
            }
        }
    }
}

impl Roster for Guests {
    type Login = Logins;

    fn find(&self, name: &str) -> Result<Option<Arc<Living<Logins>>>, GivenUp> {
        self.wards.find(name)
    }

    fn active(&self, url: &Url) -> Option<String> {
        self.wards.active(url)
    }
}

impl Users for Guests {
    fn pick(&self, wish: &Wish) -> Result<Arc<Living<Logins>>, Error> {
        let nobody = |reason: &str| Error::Nobody { reason: reason.to_owned() };
        if let Some(name) = &wish.session {
            let found = self.wards.find(name)?;
            return found.ok_or_else(|| {
                nobody(&format!(
                    "there is no session and no user `{name}`\nhint: `handstamp sessions` lists the sessions"
                ))
            });
        }
        if wish.names_somebody() {
            let found = self.of_user(wish).map_err(|error| Error::Nobody { reason: told(&error) })?;
            return found.ok_or_else(|| {
                nobody("there is no such user\nhint: give the gateway a configuration with --config, or name a session")
            });
        }
        self.usual.clone().ok_or_else(|| {
            nobody(
                "no session was named\nhint: name one in the address, http://HOST:PORT/as/NAME, or in the capability `handstamp:options`, or give the gateway --session",
            )
        })
    }

    async fn prompts(&self, state: &State) -> Result<Option<Answer>, Error> {
        prompt_answer(state).await.map_err(|error| Error::Nobody { reason: told(&error) })
    }

    fn client(&self, certificates: Certificates, upstream: Option<Upstream>) -> Result<Client, Error> {
        let mut wire = self.wire.clone();
        wire.common.insecure |= certificates == Certificates::Any;
        wire.upstream = upstream.or(wire.upstream);
        wire.client().map_err(|error| Error::Proxy { reason: told(&error) })
    }

    fn tell(&self, event: &Event) {
        if let Err(error) = self.told(event) {
            debug!(%error, "nobody reads the news");
        }
    }
}

/// An error with its hints.
fn told(error: &anyhow::Error) -> String {
    let (message, hints) = words(error);
    hints.iter().fold(message, |text, hint| format!("{text}\nhint: {hint}"))
}

const SCHEMA: &str = "handstamp.gateway/1";
