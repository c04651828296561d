//! Which session is pushed, and under which names.

use std::sync::Arc;

use anyhow::Result;

use super::{failure::Usage, logins::Logins, roster::Wards, wire::Wire};
use crate::{
    context::{Config, Context, User},
    handover::zap::Names,
    keep::Living,
    session::Reference,
};

/// A session, the context that it is of where a configuration has one, and the names that were given.
#[derive(Debug)]
pub(super) struct Subject {
    reference: Reference,
    configured: Option<Box<Context>>,
    names: Names,
}

impl Subject {
    /// The session that was named, else that of the user who was asked for.
    pub(super) fn of(wire: &Wire, asked: Option<&Reference>) -> Result<Self> {
        let (context, user) = (wire.common.context.clone(), wire.common.user.clone());
        let configured = match (wire.config()?, asked) {
            (None, _) => None,
            (Some(_), None) => wire.user()?,
            // A session that was named can go by names that no configuration has.
            (Some(_), Some(_)) if context.is_some() || user.is_some() => wire.user().unwrap_or_default(),
            (Some(config), Some(asked)) => owner(&config, asked),
        };
        let reference = match (asked, &configured, &context, &user) {
            (Some(asked), ..) => asked.clone(),
            (None, Some((context, user)), ..) => context.session(user)?,
            (None, None, Some(context), Some(user)) => Reference::of_user(context, user)?,
            _ => {
                return Err(Usage::new(
                    "no session was named",
                    "name one with --session, or a context and a user with --context and --user",
                )
                .into());
            }
        };
        let parts = match &reference {
            Reference::Name(name) => name.split_once('/'),
            Reference::File(_) => None,
        };
        let usual = Names::default();
        let names = Names {
            context: (configured.as_ref().map(|(context, _)| context.name.clone()))
                .or(context)
                .or(parts.map(|(context, _)| context.to_owned()))
                .unwrap_or(usual.context),
            user: (configured.as_ref().map(|(_, user)| user.name.clone()))
                .or(user)
                .or(parts.map(|(_, user)| user.to_owned()))
                .unwrap_or(usual.user),
        };
        Ok(Self { reference, configured: configured.map(|(context, _)| Box::new(context)), names })
    }

    pub(super) fn reference(&self) -> &Reference {
        &self.reference
    }

    pub(super) fn context(&self) -> Option<&Context> {
        self.configured.as_deref()
    }

    pub(super) fn names(&self) -> Names {
        self.names.clone()
    }

    /// The session while it is used, which logs in where it can.
    pub(super) fn living(&self, wards: &Wards, asked: Option<&Reference>) -> Result<Arc<Living<Logins>>> {
        let is_configured = asked.is_none() && self.configured.is_some();
        wards.asked(if is_configured { None } else { Some(&self.reference) })
    }
}

/// The user of the configuration whose session it is.
fn owner(config: &Config, session: &Reference) -> Option<(Context, User)> {
    let users =
        config.contexts.iter().flat_map(|context| context.users.iter().map(move |user| (context, user)));
    let mut owners = users.filter(|(context, user)| context.session(user).is_ok_and(|own| own == *session));
    owners.next().map(|(context, user)| (context.clone(), user.clone()))
}
