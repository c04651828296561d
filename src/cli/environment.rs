//! The facts of environment and terminal, read once.

use std::{
    env,
    io::{IsTerminal as _, stderr},
    path::PathBuf,
};

use directories::ProjectDirs;

/// What the surroundings say; `main` reads it and passes it on.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Where sessions and the certificate authority are kept.
    pub home: PathBuf,
    /// Whether a person sees stderr.
    pub is_terminal: bool,
}

impl Environment {
    /// Reads it: `$HANDSTAMP_HOME`, else the user's data directory.
    #[must_use]
    pub fn read() -> Self {
        let own = env::var_os("HANDSTAMP_HOME").filter(|h| !h.is_empty()).map(PathBuf::from);
        let users = || ProjectDirs::from("", "", "handstamp").map(|d| d.data_dir().to_owned());
        let home = own.or_else(users).unwrap_or_else(|| PathBuf::from(".handstamp"));
        Self { home, is_terminal: stderr().is_terminal() }
    }
}
