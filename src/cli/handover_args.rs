//! What the commands take that hand a session over to other tools.

use std::{ffi::OsString, path::PathBuf, str::FromStr};

use clap::Args as ClapArgs;
use url::Url;

use super::Target;
use crate::{
    handover::{Error, Format},
    session::Reference,
};

/// What `export` takes.
#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = Format::table())]
pub struct ExportArgs {
    /// The session: a name in the store, or a file; by default that of --user
    #[arg(short, long, value_name = "NAME|FILE")]
    pub session: Option<Reference>,
    /// The format, from the table below
    #[arg(short, long, value_name = "NAME")]
    pub format: Format,
    /// Write to this file, which only you may read, instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The address that a format for one address is for; others are narrowed down to its host
    #[arg(long, value_name = "URL")]
    pub url: Option<Url>,
}

/// What `import` takes.
#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = Format::table())]
pub struct ImportArgs {
    /// The files, which are put together; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The format, from the table below; `auto` tells by the content
    #[arg(short, long, value_name = "NAME", default_value = "auto")]
    pub format: FormatChoice,
    /// Where to keep the session: a name in the store, or a file
    #[arg(short, long, value_name = "NAME|FILE", default_value = "default")]
    pub session: Reference,
    /// The address that the session is for, where the format tells none
    #[arg(long, value_name = "URL")]
    pub url: Option<Url>,
    /// Add to the session that is there instead of replacing it
    #[arg(long)]
    pub merge: bool,
}

/// What `exec` takes.
#[derive(Clone, Debug, ClapArgs)]
pub struct ExecArgs {
    /// The session: a name in the store, or a file; by default that of --user
    #[arg(short, long, value_name = "NAME|FILE")]
    pub session: Option<Reference>,
    /// Set the variables that hold headers, and no proxy
    #[arg(long)]
    pub no_proxy: bool,
    /// The address that the variables with headers are for, where the session has several origins
    #[arg(long, value_name = "URL")]
    pub url: Option<Url>,
    /// Which browser logs in again.
    #[command(flatten)]
    pub target: Target,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// A format by name, or whichever it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatChoice {
    /// The content tells.
    Auto,
    /// This one.
    Named(Format),
}

impl FormatChoice {
    /// The format that was named.
    #[must_use]
    pub fn named(self) -> Option<Format> {
        match self {
            Self::Auto => None,
            Self::Named(format) => Some(format),
        }
    }
}

impl FromStr for FormatChoice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "auto" { Ok(Self::Auto) } else { text.parse().map(Self::Named) }
    }
}
