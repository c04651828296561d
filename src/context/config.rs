//! A configuration: the contexts of a file.

use std::path::PathBuf;

use super::{
    Context, Error, Problem, User,
    words::{list, nearest},
};

/// The contexts of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where it was read from.
    pub path: PathBuf,
    /// Its contexts, in the order of the file.
    pub contexts: Vec<Context>,
    /// What is worth a word although it does no harm.
    pub remarks: Vec<Problem>,
}

impl Config {
    /// The context of this name, or the only one. Fails where there is none, or where there are several to choose from.
    pub fn context(&self, name: Option<&str>) -> Result<&Context, Error> {
        let names = || self.contexts.iter().map(|c| c.name.as_str());
        match (name, self.contexts.as_slice()) {
            (None, [only]) => Ok(only),
            (None, _) => Err(Error::ManyContexts { names: list(names()) }),
            (Some(name), all) => all
                .iter()
                .find(|c| c.name == name)
                .ok_or_else(|| Error::NoContext { name: name.to_owned(), hint: nearest(name, names()) }),
        }
    }

    /// A context and a user of it, by their names; where a name is left out there has to be only one. Without a name,
    /// the forced user goes before the others. A user may also be named `context/user`.
    pub fn find(&self, context: Option<&str>, user: Option<&str>) -> Result<(&Context, &User), Error> {
        let (context, user) = match (context, user.and_then(|u| u.split_once('/'))) {
            (None, Some((of, user))) if self.contexts.iter().any(|c| c.name == of) => (Some(of), Some(user)),
            _ => (context, user),
        };
        let context = self.context(context)?;
        let names = || context.users.iter().map(|u| u.name.as_str());
        let found = match (user, context.users.as_slice()) {
            (_, []) => return Err(Error::NoUsers { context: context.name.clone() }),
            (None, [only]) => Some(only),
            (None, _) => context.forced(),
            (Some(name), _) => context.user(name),
        };
        let lost = || match user {
            None => Error::ManyUsers { context: context.name.clone(), names: list(names()) },
            Some(name) => Error::NoUser {
                context: context.name.clone(),
                name: name.to_owned(),
                hint: nearest(name, names()),
            },
        };
        Ok((context, found.ok_or_else(lost)?))
    }
}
