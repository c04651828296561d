//! A configuration: the contexts of a file.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use super::{
    Context, Error, Lookup, Problem, Problems, User, Weight, read,
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
    /// Reads a file: handstamp's own, or a ZAP automation plan.
    ///
    /// `variables` are those of the environment, for `${name}`. Fails with all that is wrong in the file.
    pub fn read(path: &Path, variables: &Lookup<'_>) -> Result<Self, Problems> {
        let mut text = String::new();
        // One byte more than is sane is enough to see that it is too large, also where a file has no end.
        let read = |file: File| file.take(read::MOST_BYTES as u64 + 1).read_to_string(&mut text);
        File::open(path).and_then(read).map_err(|error| {
            let hint = "check that it is a text file and that you may read it";
            Problems::of_file(path, &format!("it cannot be read: {error}"), hint)
        })?;
        Self::parse(&text, path, variables)
    }

    /// Reads a text as if it were the file at `path`: relative paths in it begin in that file's folder.
    pub fn parse(text: &str, path: &Path, variables: &Lookup<'_>) -> Result<Self, Problems> {
        let (contexts, mut found) = read::document(text, path, variables);
        found.sort_by_key(|p| (p.line, p.column));
        // What an alias repeats is told once.
        found.dedup_by(|b, a| (a.line, a.column, &a.message) == (b.line, b.column, &b.message));
        if found.iter().any(|p| p.weight == Weight::Problem) {
            return Err(Problems { file: path.display().to_string(), list: found });
        }
        Ok(Self { path: path.to_owned(), contexts, remarks: found })
    }

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
