//! What the stand-ins for drivers are called, what makes them, and what says whose session they give.

use std::{env, ffi::OsString, path::PathBuf};

use clap::Subcommand;

use crate::browser::Kind;

/// What `drivers` can do.
#[derive(Clone, Debug, Subcommand)]
pub enum DriversAction {
    /// Make the stand-ins in a directory: links to this program under other names
    Install {
        /// Where to
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Make them under the names `chromedriver` and `geckodriver` too, for tools that look for these on the path
        #[arg(long)]
        plain_names: bool,
    },
    /// Remove the stand-ins from a directory
    Remove {
        /// Where from
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// What the program is when it is not called by its own name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// A driver.
    Driver(Kind),
    /// What ends a driver when its stand-in was killed.
    Guard,
}

impl Name {
    /// The name by which a stand-in starts what guards its driver.
    pub const GUARD: &str = "handstamp-guard";

    /// Reads the path by which the program was called.
    #[must_use]
    pub fn of(path: OsString) -> Option<Self> {
        match PathBuf::from(path).file_name()?.to_str()? {
            "chromedriver" | "handstamp-chromedriver" => Some(Self::Driver(Kind::Chromium)),
            "geckodriver" | "handstamp-geckodriver" => Some(Self::Driver(Kind::Firefox)),
            Self::GUARD => Some(Self::Guard),
            _ => None,
        }
    }
}

/// Whose session the browsers get, and where the real driver is; nothing where a variable is not set.
#[derive(Clone, Debug, Default)]
pub struct StandInEnvironment {
    /// `HANDSTAMP_SESSION`: a name in the store, or a file.
    pub session: Option<String>,
    /// `HANDSTAMP_CONFIG`: the configuration.
    pub config: Option<PathBuf>,
    /// `HANDSTAMP_CONTEXT`: a context of it.
    pub context: Option<String>,
    /// `HANDSTAMP_USER`: a user of the context.
    pub user: Option<String>,
    /// `HANDSTAMP_CHROMEDRIVER` or `HANDSTAMP_GECKODRIVER`: the real driver.
    pub driver: Option<PathBuf>,
}

impl StandInEnvironment {
    /// Reads it.
    #[must_use]
    pub fn read(kind: Kind) -> Self {
        let text = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let is_gecko = kind == Kind::Firefox;
        let driver = if is_gecko { "HANDSTAMP_GECKODRIVER" } else { "HANDSTAMP_CHROMEDRIVER" };
        Self {
            session: text("HANDSTAMP_SESSION"),
            config: text("HANDSTAMP_CONFIG").map(PathBuf::from),
            context: text("HANDSTAMP_CONTEXT"),
            user: text("HANDSTAMP_USER"),
            driver: text(driver).map(PathBuf::from),
        }
    }

    /// Whether it says whose session is wanted.
    #[must_use]
    pub fn names_somebody(&self) -> bool {
        self.session.is_some() || self.config.is_some() || self.context.is_some() || self.user.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_what_it_is() {
        assert_eq!(Name::of("/a/handstamp-chromedriver".into()), Some(Name::Driver(Kind::Chromium)));
        assert_eq!(Name::of("geckodriver".into()), Some(Name::Driver(Kind::Firefox)));
        assert_eq!(Name::of("/usr/bin/handstamp".into()), None);
    }
}
